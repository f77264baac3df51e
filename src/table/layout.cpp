// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Widths are found by bounds first: most cells can not be too long, whatever they hold.
#include "natstat/table/layout.hpp"

#include <algorithm>
#include <limits>

namespace natstat {

namespace {

/// The longest text of any value of a kind in a flow of this family, without names.
std::size_t number_limit(Kind kind, Family family) {
    constexpr std::size_t ipv4_size = 15;
    constexpr std::size_t ipv6_size = 39;
    constexpr std::size_t port_size = 6; // with its colon
    const bool ipv4 = family == Family::ipv4;
    switch (kind) {
    case Kind::address:
        return ipv4 ? ipv4_size : ipv6_size;
    case Kind::endpoint:
        return ipv4 ? ipv4_size + port_size : ipv6_size + port_size + 2;
    default:
        return std::numeric_limits<std::size_t>::max(); // the value has to be seen
    }
}

std::size_t text_size(const Value& value, const TextStyle& style) {
    char small[256];
    if (text_bound(value, style) > sizeof small)
        return to_text(value, style).size();
    return static_cast<std::size_t>(write_text(small, value, style) - small);
}

} // namespace

ShownColumn shown(const Column& column) {
    return {&column, column.title, std::max<std::size_t>(column.width, column.title.size())};
}

std::variant<Layout, std::string> parse_columns(std::string_view text, const Layout& base) {
    Layout layout;
    if (text.starts_with('+'))
        layout = base;
    while (true) {
        const auto comma = text.find(',');
        std::string_view word = text.substr(0, comma);
        if (word.starts_with('+'))
            word.remove_prefix(1);
        const Column* found = find_column(word);
        if (found == nullptr)
            return unknown_column(word);
        layout.push_back(shown(*found));
        if (comma == std::string_view::npos)
            return layout;
        text.remove_prefix(comma + 1);
    }
}

void fit(Layout& layout, const Row& row, const TextStyle& style) {
    for (ShownColumn& column : layout) {
        // Nothing stands behind the last column, so its width shows only in what is aligned right.
        if (&column == &layout.back() && column.column->align == Align::left)
            continue;
        if (style.naming == nullptr && row.group == nullptr && // a network is longer
            number_limit(column.column->kind, row.flow.family) <= column.width)
            continue;
        const Value value = column.column->get(row);
        if (text_bound(value, style) > column.width)
            column.width = std::max(column.width, text_size(value, style));
    }
}

} // namespace natstat
