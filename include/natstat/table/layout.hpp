// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which columns a table shows, in which order, under which titles, how wide. Nothing is ever cut: a
// cell that is longer than its column widens the column.
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
};

using Layout = std::vector<ShownColumn>;

/// A column as it is by itself: its own title, at least as wide as that.
[[nodiscard]] ShownColumn shown(const Column& column);

/// Reads a list for --columns: names, or "+name" to add to `base`. The error is a sentence.
[[nodiscard]] std::variant<Layout, std::string> parse_columns(std::string_view text,
                                                              const Layout& base);

/// Widens the layout so that the row fits. The last column needs no width when it is aligned left.
void fit(Layout& layout, const Row& row, const TextStyle& style);

} // namespace natstat
