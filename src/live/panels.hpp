// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The parts of the screen between the lines above and below.
#pragma once

#include "natstat/live/ui.hpp"

namespace natstat {

/// Rows of a frame.
struct Area {
    std::size_t top = 0;
    std::size_t rows = 0;
};

/// The flows, one a row, below the titles of their columns.
void draw_flows(Frame& frame, Area area, const Picture& picture, const Ui& ui);

/// The steps as they happened, the newest below.
void draw_steps(Frame& frame, Area area, const Picture& picture, const Ui& ui);

/// Over the view: the keys, the flow of the cursor, the columns to sort by.
void draw_help(Frame& frame);
void draw_details(Frame& frame, const Picture& picture, const Ui& ui);
void draw_sort_menu(Frame& frame, const Ui& ui);

} // namespace natstat
