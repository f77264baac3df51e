// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The columns that groups are made by, as --by has them. A word that no groups can be made by is
// answered with why.
#include "natstat/table/groups.hpp"

#include <algorithm>
#include <charconv>

namespace natstat {

namespace {

std::optional<std::uint8_t> read_length(std::string_view text) {
    constexpr std::uint8_t longest = 128;
    std::uint8_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && length <= longest ? std::optional(length) : std::nullopt;
}

/// "24", "48", "24/48".
std::optional<NetworkLengths> read_lengths(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto first = read_length(text.substr(0, slash));
    if (!first)
        return std::nullopt;
    NetworkLengths lengths;
    if (slash == std::string_view::npos) {
        (*first <= lengths.ipv4 ? lengths.ipv4 : lengths.ipv6) = *first;
        return lengths;
    }
    const auto second = read_length(text.substr(slash + 1));
    if (!second || *first > lengths.ipv4)
        return std::nullopt;
    return NetworkLengths{*first, *second};
}

/// Why no groups can be made by the column: what follows its name in a sentence.
std::string_view why_no_groups_by(const Column& column) {
    if (column.tells == Tells::step)
        return " is of single steps (--events), not of flows";
    if (is_of_expectations(column))
        return " is of what helpers wait for (--expectations), not of flows";
    if (column.tells != Tells::flow)
        return " is what groups come to; they are made by other columns";
    return column.kind == Kind::duration
               ? " is another one every second; no groups can be made by it"
               : " is of single flows; no groups are made by it";
}

std::variant<GroupKey, std::string> read_key(std::string_view word) {
    const std::size_t slash = word.find('/');
    const std::string_view name = word.substr(0, slash);
    const std::string shown = "'" + std::string(name) + "'";
    GroupKey key{find_column(name), std::nullopt};
    if (key.column == nullptr)
        return unknown_column(name);
    if (!can_group_by(*key.column))
        return shown + std::string(why_no_groups_by(*key.column));
    if (slash == std::string_view::npos)
        return key;
    if (key.column->traits.cut == nullptr)
        return shown + " has no networks; src, gate and dst have";
    key.networks = read_lengths(word.substr(slash + 1));
    if (!key.networks)
        return "'" + std::string(word.substr(slash)) +
               "' is no length of a network (/24 for IPv4, /64 for IPv6, /24/64 for both)";
    return key;
}

} // namespace

std::variant<GroupKeys, std::string> parse_group_keys(std::string_view text) {
    GroupKeys keys;
    while (true) {
        const auto comma = text.find(',');
        auto key = read_key(text.substr(0, comma));
        if (auto* error = std::get_if<std::string>(&key))
            return std::move(*error);
        const GroupKey& found = std::get<GroupKey>(key);
        if (std::any_of(keys.begin(), keys.end(),
                        [&](const GroupKey& other) { return other.column == found.column; }))
            return "'" + std::string(found.column->name) + "' is there twice";
        keys.push_back(found);
        if (comma == std::string_view::npos)
            return keys;
        text.remove_prefix(comma + 1);
    }
}

bool is_one_value(const Column& column, const GroupKeys& keys) {
    return std::any_of(keys.begin(), keys.end(), [&](const GroupKey& key) {
        const auto& parts = key.column->fields; // of an endpoint: address, port
        const auto has = [&](std::string_view name) {
            return key.column->name == name ||
                   std::find(parts.begin(), parts.end(), name) != parts.end();
        };
        const std::string_view other = column.traits.follows;
        return has(column.name) || (!other.empty() && !key.networks && has(other));
    });
}

} // namespace natstat
