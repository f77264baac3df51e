// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which columns stand on a screen, and how wide each is. That follows from the width of the screen
// and from what the user has chosen, never from what is in the rows: titles stand still while rows
// come and go. Wider screens have more columns, and longer addresses.
#pragma once

#include "natstat/table/column.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace natstat {

struct ScreenColumn {
    const Column* column;
    std::string title;
    std::size_t width;
};

/// What is wanted on a screen.
struct ColumnWishes {
    std::span<const Column* const> columns; // in the order in which they stand
    /// The rank of a column among those that leave a narrow screen: the largest leaves first. The
    /// smallest stays always.
    std::function<std::size_t(const Column&)> need;
    const Column* sort = nullptr; // stays as long as the first one
    bool descending = true;
    bool bits = true;      // rates are in bits a second
    std::size_t spare = 0; // cells behind the columns that longer addresses do not take
};

/// The columns of a screen. Those that it has no room for stand, in their order, behind the last
/// one: whoever goes there scrolls, and the first column stays.
struct ScreenColumns {
    std::vector<const Column*> all;   // in the order in which a cell is reached
    std::vector<ScreenColumn> shown;  // each a blank and its width
    std::vector<std::size_t> numbers; // of those shown, their places in `all`
    std::size_t hidden_left = 0;
    std::size_t hidden_right = 0;
};

/// The columns on a screen of this width such that the cell in place `cell` of all of them is to be
/// seen.
[[nodiscard]] ScreenColumns screen_columns(const ColumnWishes& wishes, std::size_t cell,
                                           std::size_t width);

/// The title of a column on a screen, with the unit of a rate.
[[nodiscard]] std::string screen_title(const Column& column, bool bits);

/// What the columns take, with a blank before each.
[[nodiscard]] std::size_t total_width(std::span<const ScreenColumn> columns);

} // namespace natstat
