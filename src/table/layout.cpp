// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Widths are found by bounds first: most cells can not be too long, whatever they hold.
#include "natstat/table/layout.hpp"

#include "natstat/table/shorten.hpp"

#include <algorithm>
#include <functional>
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

/// In cells of a screen.
std::size_t text_size(const Value& value, const TextStyle& style) {
    char small[256];
    if (text_bound(value, style) > sizeof small)
        return cells_of(to_text(value, style));
    const auto size = static_cast<std::size_t>(write_text(small, value, style) - small);
    return can_have_letters(static_cast<Kind>(value.index()), style) ? cells_of({small, size})
                                                                     : size;
}

/// Whether nothing stands behind the column, so that its width shows only in what is aligned right.
bool is_open(const Layout& layout, const ShownColumn& column) {
    return &column == &layout.back() && column.column->align == Align::left;
}

/// The narrowest that still tells one value from another; absent: no cell is cut.
std::optional<std::size_t> least_width(const Column& column) {
    constexpr std::size_t established = 9; // "ASSURED", "CLOSE_WAI…", "ESTAB"
    if (column.traits.present_state)
        return established;
    switch (column.kind) {
    case Kind::endpoint:
        return 15; // "2001:…:eeee:443"
    case Kind::address:
    case Kind::network:
        return 12;
    case Kind::change:
        return 20;
    case Kind::tuple:
        return 40;
    case Kind::flags:
    case Kind::labels:
    case Kind::text:
        return 10;
    default:
        return std::nullopt;
    }
}

std::size_t line_width(const Layout& layout) {
    std::size_t sum = layout.size() - std::min<std::size_t>(layout.size(), 1);
    for (const ShownColumn& each : layout)
        sum += each.width;
    return sum;
}

/// Takes from the widest columns, character by character, down to what `least` leaves to each.
void take(Layout& layout, std::size_t width,
          const std::function<std::size_t(const ShownColumn&)>& least) {
    for (std::size_t sum = line_width(layout); sum > width; --sum) {
        ShownColumn* widest = nullptr;
        for (ShownColumn& each : layout)
            if (each.width > least(each) && (widest == nullptr || each.width > widest->width))
                widest = &each;
        if (widest == nullptr)
            return;
        --widest->width;
    }
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

void fit(Layout& layout, const Row& row, const TextStyle& style, bool measure) {
    for (ShownColumn& column : layout) {
        if (measure) {
            column.content = std::max(column.content, text_size(column.column->get(row), style));
            column.width = std::max(column.width, column.content);
            continue;
        }
        if (is_open(layout, column))
            continue;
        if (style.naming == nullptr && row.group == nullptr && // a network is longer
            number_limit(column.column->kind, row.flow.family) <= column.width)
            continue;
        const Value value = column.column->get(row);
        if (text_bound(value, style) > column.width)
            column.width = std::max(column.width, text_size(value, style));
    }
}

void expect_widths(Layout& layout) {
    for (ShownColumn& each : layout)
        each.content = each.column->align == Align::left ? each.width : each.title.size();
}

Layout narrowed(const Layout& layout, std::size_t width) {
    const auto with_title = [](const ShownColumn& each) {
        return std::max(each.content, each.title.size());
    };
    constexpr std::size_t title = 5; // of which so much stays above numbers
    Layout narrow = layout;
    if (!narrow.empty() && is_open(narrow, narrow.back()))
        narrow.back().width = with_title(narrow.back());
    take(narrow, width, with_title);
    take(narrow, width, [&](const ShownColumn& each) {
        return least_width(*each.column)
                   ? each.content
                   : std::min(with_title(each), std::max(each.content, title));
    });
    for (ShownColumn& each : narrow)
        if (each.column->kind == Kind::time && line_width(narrow) > width)
            each.width = std::min(each.width, time_of_day_width);
    take(narrow, width,
         [&](const ShownColumn& each) { return least_width(*each.column).value_or(each.width); });
    return line_width(narrow) <= width ? narrow : layout;
}

} // namespace natstat
