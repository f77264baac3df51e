// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The text of names: which bytes are fit to show, reverse names, and the lines of a hosts file.
#include "natstat/names/hosts_file.hpp"

#include <algorithm>
#include <optional>

namespace natstat {
namespace {

constexpr std::size_t name_max = 253;
constexpr std::size_t label_max = 63;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// By hand: isalnum() would ask the locale.
bool is_name_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool is_label(std::string_view label) {
    return !label.empty() && label.size() <= label_max &&
           std::all_of(label.begin(), label.end(), is_name_character);
}

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

/// Takes the first word off `text`.
std::string_view take_word(std::string_view& text) {
    const auto* begin = std::find_if_not(text.begin(), text.end(), is_blank);
    const auto* end = std::find_if(begin, text.end(), is_blank);
    const std::string_view word(begin, static_cast<std::size_t>(end - begin));
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    return word;
}

/// Takes the first line off `text`, without its end.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

} // namespace

std::string_view clean_host_name(std::string_view text) {
    if (text.ends_with('.'))
        text.remove_suffix(1);
    if (text.empty() || text.size() > name_max || text.front() == '-')
        return {};
    std::string_view rest = text;
    std::string_view label;
    for (bool more = true; more;) {
        const std::size_t dot = rest.find('.');
        more = dot != std::string_view::npos;
        label = rest.substr(0, dot);
        if (!is_label(label))
            return {};
        rest.remove_prefix(more ? dot + 1 : rest.size());
    }
    return std::all_of(label.begin(), label.end(), is_digit) ? std::string_view{} : text;
}

std::string reverse_name(const Address& address) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string name;
    for (std::size_t i = address_size(address.family); i-- > 0;) {
        const unsigned byte = address.bytes[i];
        if (address.family == Family::ipv4)
            name += std::to_string(byte) + '.';
        else
            name += {digits[byte & 15], '.', digits[byte >> 4], '.'};
    }
    if (address.family == Family::none)
        return name;
    return name + (address.family == Family::ipv4 ? "in-addr.arpa" : "ip6.arpa");
}

HostsTable parse_hosts(std::string_view text) {
    HostsTable table;
    while (!text.empty()) {
        std::string_view line = take_line(text);
        line = line.substr(0, line.find('#'));
        const std::optional<Address> address = parse_address(take_word(line));
        const std::string_view name = clean_host_name(take_word(line));
        if (address && !name.empty())
            table.try_emplace(*address, name);
    }
    return table;
}

} // namespace natstat
