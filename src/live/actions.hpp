// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the keys of the key table do, apart from those of a line.
#pragma once

#include "natstat/live/ui.hpp"

namespace natstat {

// -- moves.cpp: the cursor, and what scrolls instead of it ---------------------------------------

/// Moves by so many rows: the cursor, the line of a menu, or a text.
Effect move_by(Ui& ui, const Picture& picture, Size size, std::ptrdiff_t rows);
Effect to_start(Ui& ui, const Picture& picture, Size size);
Effect to_end(Ui& ui, const Picture& picture, Size size);
Effect click(Ui& ui, const Picture& picture, Size size);
Effect follow(Ui& ui, const Picture& picture, Size size);

// -- problems.cpp: the cursor on what is wrong ----------------------------------------------------

Effect move_problem(Ui& ui, const Picture& picture, std::ptrdiff_t by);
/// Puts the cursor back onto the finding that it was on.
void settle_problem(Ui& ui, const Picture& picture);
/// The flows that the finding is of.
Effect open_problem(Ui& ui, const Picture& picture);

// -- menus.cpp: what lies over the view, and what is chosen there --------------------------------

Effect toggle_overlay(Ui& ui, const Picture& picture, Overlay overlay);
/// Enter: takes the line of a menu, opens what the cursor is on.
Effect choose(Ui& ui, const Picture& picture, Size size);
/// Moves the chosen column of the menu one place, to the start or to the end.
Effect move_column(Ui& ui, std::ptrdiff_t by);
/// Escape: closes, goes back, clears.
Effect leave(Ui& ui, const Picture& picture, Size size);
/// Lets through what is equal to the cell of the cursor, or all but that.
Effect filter_by_cell(Ui& ui, const Picture& picture, Size size, bool equal);
/// Copies the cell of the cursor, or the first command of the details.
Effect copy_cell(Ui& ui, const Picture& picture, Size size);
/// Sorts by the column, or the other way round if it is the one already.
Effect sort_by(Ui& ui, const Column& column);
void go_to(Ui& ui, View view);

/// Escape comes back to where one is now.
void take_step(Ui& ui, std::string label);
/// The row of the cursor, if the picture has it.
[[nodiscard]] const ShownRow* row_at_cursor(const Ui& ui, const Picture& picture);

// -- removal.cpp: rows that are marked, and the end of flows --------------------------------------

/// Marks the row of the cursor, or no longer; in a menu it takes the line.
Effect mark(Ui& ui, const Picture& picture, Size size);
void clear_marks(Ui& ui);
/// Asks about what is marked, or the flow or the group of the cursor.
Effect ask_removal(Ui& ui, const Picture& picture, Size size);
/// Asks about all that the view shows.
Effect ask_removal_of_all(Ui& ui, const Picture& picture, Size size);
/// The answer to that, key by key.
Effect answer_removal(Ui& ui, Key pressed);

// -- prompt.cpp: a line that is being typed -------------------------------------------------------

Effect edit_filter(Ui& ui, const Picture& picture, Size size);
Effect edit_file_name(Ui& ui, const Picture& picture, Size size);
/// Takes a key while a line is being typed.
Effect type(Ui& ui, Key pressed, const Picture& picture, Size size);

} // namespace natstat
