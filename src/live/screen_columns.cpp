// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One table of titles and widths; what it has no row for has the width of its kind.
#include "natstat/live/screen_columns.hpp"

#include "natstat/live/frame.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// Cells for a value: at least, and at most where there is room.
struct Widths {
    std::size_t least, most;
};

// A row for what the kind alone does not tell. No title: the column's own, in capitals.
constexpr struct {
    std::string_view name, title;
    Widths widths; // 0: those of the kind
} table[] = {
    {"proto", "", {5, 5}},
    {"source", "SOURCE", {0, 0}},
    {"gateway", "NAT", {0, 0}},
    {"destination", "DESTINATION", {0, 0}},
    {"state", "STATE", {9, 11}},
    {"transition", "CHANGE", {23, 26}},
    {"held", "FOR", {0, 0}},
    {"rate_up", "↑", {0, 0}},
    {"rate_down", "↓", {0, 0}},
    {"rate", "↑↓", {0, 0}},
    {"bytes", "BYTES", {0, 0}},
    {"established", "ESTAB", {0, 0}},
    {"unanswered", "NO REPLY", {0, 0}},
    {"available", "AVAIL", {0, 0}},
    {"zone", "", {5, 5}},
    {"zone_orig", "", {9, 9}},
    {"zone_reply", "ZONE", {5, 5}}, // of rows of NAT ports there is no other
    {"id", "", {10, 10}},
    {"event", "", {7, 7}},
    {"kind", "", {6, 6}},
    {"family", "", {6, 6}},
    {"status", "", {20, 60}},
    {"told", "", {5, 5}},
};

Widths widths_of(Kind kind) {
    switch (kind) {
    case Kind::endpoint:
        return {21, 47}; // IPv4's are whole always; the longest of IPv6 from 47 on
    case Kind::address:
    case Kind::network:
        return {15, 39};
    case Kind::tuple:
        return {40, 110};
    case Kind::time:
        return {8, 12}; // to the second, or to the millisecond
    case Kind::hex:
        return {10, 10};
    case Kind::labels:
        return {10, 34};
    case Kind::flags:
    case Kind::change:
        return {20, 40};
    case Kind::holders:
        return {20, 60};
    case Kind::text:
        return {10, 17};
    case Kind::percent:
        return {6, 6};
    case Kind::absent:
    case Kind::count:
    case Kind::bytes:
    case Kind::rate:
    case Kind::duration:
    case Kind::protocol:
    case Kind::port:
        break;
    }
    return {5, 5};
}

const auto* row_of(const Column& column) {
    const auto* found = std::find_if(std::begin(table), std::end(table),
                                     [&](const auto& row) { return row.name == column.name; });
    return found == std::end(table) ? nullptr : found;
}

/// The arrow of the order has the blank beside the column, and so moves nothing.
Widths widths_of(const Column& column, bool bits) {
    const auto* const row = row_of(column);
    Widths widths = row != nullptr && row->widths.least != 0 ? row->widths : widths_of(column.kind);
    const std::size_t title = width_of(screen_title(column, bits));
    widths.least = std::max(widths.least, title);
    widths.most = std::max(widths.most, widths.least);
    return widths;
}

/// Lets the columns grow to the most that they take, evenly, into `room` cells.
void grow(std::vector<ScreenColumn>& columns, std::size_t room, bool bits) {
    for (bool grown = true; grown && room > 0;) {
        grown = false;
        for (ScreenColumn& each : columns)
            if (room > 0 && each.width < widths_of(*each.column, bits).most) {
                ++each.width;
                --room;
                grown = true;
            }
    }
}

/// The columns that a screen of this width has room for, the needed ones first.
std::vector<const Column*> fitting(const ColumnWishes& wishes, std::size_t width) {
    std::vector<const Column*> by_need(wishes.columns.begin(), wishes.columns.end());
    const auto rank = [&](const Column* each) {
        const std::size_t need = wishes.need(*each);
        return each == wishes.sort ? std::min<std::size_t>(need, 1) : need + (need == 0 ? 0 : 1);
    };
    std::stable_sort(by_need.begin(), by_need.end(),
                     [&](const Column* a, const Column* b) { return rank(a) < rank(b); });
    std::vector<const Column*> found;
    std::size_t sum = 0;
    for (const Column* each : by_need) {
        const std::size_t needed = 1 + widths_of(*each, wishes.bits).least;
        if (!found.empty() && sum + needed > width)
            continue;
        sum += needed;
        found.push_back(each);
    }
    return found;
}

std::string title_with_order(const Column& column, const ColumnWishes& wishes) {
    const std::string title = screen_title(column, wishes.bits);
    if (&column != wishes.sort)
        return title;
    const std::string arrow = wishes.descending ? "▼" : "▲";
    return column.align == Align::right ? arrow + title : title + arrow;
}

} // namespace

std::string screen_title(const Column& column, bool bits) {
    const auto* const row = row_of(column);
    std::string title(row == nullptr || row->title.empty() ? column.title : row->title);
    if (row == nullptr || row->title.empty())
        std::transform(title.begin(), title.end(), title.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (column.kind == Kind::rate)
        title += bits ? "b/s" : "B/s";
    return title;
}

std::size_t total_width(std::span<const ScreenColumn> columns) {
    std::size_t sum = 0;
    for (const ScreenColumn& each : columns)
        sum += each.width + 1;
    return sum;
}

ScreenColumns screen_columns(const ColumnWishes& wishes, std::size_t cell, std::size_t width) {
    const auto fit = fitting(wishes, width);
    const auto fits = [&](const Column* each) {
        return std::find(fit.begin(), fit.end(), each) != fit.end();
    };
    ScreenColumns result;
    for (const Column* each : wishes.columns)
        if (fits(each))
            result.all.push_back(each);
    for (const Column* each : wishes.columns)
        if (!fits(each))
            result.all.push_back(each);
    if (result.all.empty())
        return result;
    cell = std::min(cell, result.all.size() - 1);
    // Scrolled so far that the cell is to be seen; the first column stays.
    const auto put = [&](std::size_t left) {
        result.shown.clear();
        result.numbers.clear();
        std::size_t sum = 0;
        for (std::size_t i = 0; i < result.all.size(); i = i == 0 ? 1 + left : i + 1) {
            const Column& each = *result.all[i];
            const std::size_t least = widths_of(each, wishes.bits).least;
            if (!result.shown.empty() && (sum + 1 + least > width || (left == 0 && !fits(&each))))
                break;
            sum += 1 + least;
            result.shown.push_back({&each, title_with_order(each, wishes), least});
            result.numbers.push_back(i);
        }
    };
    std::size_t left = 0;
    for (put(left); result.numbers.back() < cell && left + 1 < cell; put(++left))
        ;
    result.hidden_left = left;
    result.hidden_right = result.all.size() - 1 - result.numbers.back();
    const std::size_t used = total_width(result.shown) + wishes.spare;
    grow(result.shown, width - std::min(width, used), wishes.bits);
    if (result.shown.size() == 1) // a screen of a few cells
        result.shown.front().width =
            std::min(result.shown.front().width, std::max<std::size_t>(width, 2) - 1);
    return result;
}

} // namespace natstat
