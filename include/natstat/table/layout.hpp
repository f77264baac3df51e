// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which columns a table shows, in which order, under which titles, how wide. A cell that is longer
// than its column widens the column; only where people look at a terminal do columns give way, so
// that a row is one line.
#pragma once

#include "natstat/table/column.hpp"

#include <string>
#include <variant>
#include <vector>

namespace natstat {

struct ShownColumn {
    const Column* column;
    std::string_view title;
    std::size_t width;
    std::size_t content = 0; // its longest cell, where that is measured
};

using Layout = std::vector<ShownColumn>;

/// A column as it is by itself: its own title, at least as wide as that.
[[nodiscard]] ShownColumn shown(const Column& column);

/// Reads a list for --columns: names, or "+name" to add to `base`. The error is a sentence.
[[nodiscard]] std::variant<Layout, std::string> parse_columns(std::string_view text,
                                                              const Layout& base);

/// Widens the layout so that the row fits. The last column needs no width when it is aligned left.
/// With `measure` the longest cell of each column is found, as narrowed() has to know it.
void fit(Layout& layout, const Row& row, const TextStyle& style, bool measure = false);

/// For rows that come one by one, below titles that are there already: the widths that texts have
/// are taken for those of their cells.
void expect_widths(Layout& layout);

/// The layout with columns so narrow that a row is a line of `width` characters: blanks give way
/// first, then titles, then dates, then addresses and texts, the widest ones first; numbers never
/// do. Where all that is not enough, the layout as it is: what takes two lines anyway is at least
/// whole.
[[nodiscard]] Layout narrowed(const Layout& layout, std::size_t width);

} // namespace natstat
