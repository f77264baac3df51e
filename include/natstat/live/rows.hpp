// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the rows of a view can be: flows, or groups of them; by which columns they are shown and
// sorted, and where the user is among them.
#pragma once

#include "natstat/live/picture.hpp"
#include "natstat/model/nat.hpp"
#include "natstat/table/groups.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

/// The columns of rows, before the user has chosen others. `groups` have more in front: the
/// columns that they are made by.
struct RowsKind {
    std::string_view by;                       // what groups are made by; empty: flows
    bool port_pool;                            // groups are NAT ports in use
    std::span<const std::string_view> columns; // in the order in which they stand
    std::span<const std::string_view> by_need; // first the ones that stay longest
    std::string_view sort;                     // descending
    std::span<const std::string_view> of_who;  // added where it is asked whose they are
};

[[nodiscard]] const RowsKind& rows_kind(Rows rows);

/// The columns of steps.
[[nodiscard]] std::span<const std::string_view> step_columns();
/// As need_of(), of a column of steps.
[[nodiscard]] std::size_t need_of_step(const Column& column);

/// Where the user is among rows, and how they are shown.
struct Position {
    std::size_t cursor = 0;         // the place of the selected row
    std::size_t first = 0;          // the place of the first row on the screen
    std::optional<ShownRow> chosen; // the row that the cursor stays on
    std::size_t cell = 0;           // of the row, by ScreenColumns::all
    const Column* sort = nullptr;
    bool descending = true;
    std::vector<const Column*> columns; // shown, in this order
};

/// How the rows of this kind come about; `by` has the columns of Rows::groups, as --by takes them,
/// `pool` the NAT ports that there are (absent: the kernel's own). Nothing: of flows. What costs
/// look-ups is counted where the place shows it or sorts by it.
[[nodiscard]] std::optional<Grouping> grouping_of(Rows rows, std::string_view by,
                                                  const Position& place,
                                                  std::optional<NatPorts> pool = {});

/// The place at the start, with the columns of this kind.
[[nodiscard]] Position first_position(Rows rows, std::string_view by = {});

/// Shows whose the rows are, too.
void show_who(Rows rows, Position& place);

/// All columns that rows of this kind can show and be sorted by, the usual ones first.
[[nodiscard]] std::vector<const Column*> possible_columns(Rows rows, std::string_view by);

/// The rank of a column among those that leave a narrow screen: the largest leaves first.
[[nodiscard]] std::size_t need_of(Rows rows, const Column& column);

/// A copy of a row for the picture.
[[nodiscard]] ShownRow shown_row(const Row& row);

/// A cell as a filter has it: a text from outside with all of its bytes, shown or not.
[[nodiscard]] std::string text_in_filter(const Value& value);

/// A filter for the flows of this group; empty where no filter can say it.
[[nodiscard]] std::string filter_of(const ShownRow& group, const Surroundings& around,
                                    const GroupKeys& keys);

} // namespace natstat
