// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Every list here is put together from the table that has the names.
#include "natstat/filter/vocabulary.hpp"

#include "lexer.hpp"
#include "named.hpp"
#include "natstat/model/protocol.hpp"
#include "pair.hpp"

#include <algorithm>
#include <span>

namespace natstat {

namespace {

std::vector<std::string_view> flag_names() {
    std::vector<std::string_view> names;
    for (const StatusFlag& flag : status_flags())
        names.push_back(flag.name);
    return names;
}

template <typename Names>
std::vector<std::string_view> list(const Names& names) {
    return {names.begin(), names.end()};
}

std::vector<std::string_view> named_values(const Column& column) {
    if (column.kind == Kind::protocol)
        return list(protocol_names());
    if (column.kind == Kind::flags)
        return flag_names();
    return list(words_of(column));
}

} // namespace

const std::vector<std::string_view>& filter_words() {
    static const std::vector<std::string_view> words = [] {
        std::vector<std::string_view> all{"src",  "dst",       "nat",   "host", "net",
                                          "port", "portrange", "proto", "and",  "or",
                                          "not",  "ip",        "ip4",   "ip6",  "icmp6"};
        for (const auto& names : {list(flow_kind_names()), list(protocol_names()), flag_names()})
            all.insert(all.end(), names.begin(), names.end());
        return all;
    }();
    return words;
}

const std::vector<std::string_view>& filter_columns() {
    static const std::vector<std::string_view> names = [] {
        std::vector<std::string_view> found;
        for (const Column& column : columns())
            if (!is_of_groups(column) && column.kind != Kind::change &&
                (column.kind != Kind::tuple || column.traits.ends))
                found.push_back(column.name);
        return found;
    }();
    return names;
}

std::vector<std::string_view> filter_columns_beside(const Column& column) {
    std::vector<std::string_view> names;
    for (const Column& other : columns())
        if (&other != &column && is_comparable(column, other))
            names.push_back(other.name);
    return names;
}

std::vector<std::string> filter_values(const Column& column) {
    std::vector<std::string> values;
    for (const std::string_view name : named_values(column)) {
        std::string value = lower_case(name);
        // Protocols have states of the same name.
        if (std::find(values.begin(), values.end(), value) == values.end())
            values.push_back(std::move(value));
    }
    return values;
}

} // namespace natstat
