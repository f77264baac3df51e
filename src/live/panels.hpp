// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The parts of the screen: where they are, what is in them, and drawing them.
#pragma once

#include "natstat/live/screen_columns.hpp"
#include "natstat/live/ui.hpp"

#include <functional>
#include <span>
#include <utility>

namespace natstat {

class Line;

/// Fuller than this is near the end.
inline constexpr std::uint64_t near_full_percent = 80;

/// Rows of a frame.
struct Area {
    std::size_t top = 0;
    std::size_t rows = 0;
};

/// Where the view is, between the lines above and the keys below.
[[nodiscard]] Area list_area(Size size);

/// How values are written on the screen.
[[nodiscard]] TextStyle screen_style(const Picture& picture, const Ui& ui);

/// Whether the view ends in a line with what all of its groups come to.
[[nodiscard]] bool has_total(const Ui& ui, Size size);

/// The last numbers as bars, the newest to the right, as high as `rows`, the lowest row first; what
/// is not known (Speeds::unknown) is a blank. `largest` is a full bar, and 0 stands for the largest
/// of those shown.
[[nodiscard]] std::vector<std::string> plot(const std::deque<unsigned>& numbers, std::size_t cells,
                                            std::size_t rows = 1, unsigned largest = 0);

/// A bar of so many cells that is filled so far.
[[nodiscard]] std::string bar(std::uint64_t percent, std::size_t cells);

/// Lines of the health view on a screen of this size.
[[nodiscard]] std::size_t health_rows(Size size);

// -- header.cpp -----------------------------------------------------------------------------------

/// Lines about the table and of where one is, at the top of a screen that has room for them.
[[nodiscard]] std::size_t head_rows(Size size);
void draw_header(Frame& frame, const Picture& picture, const Ui& ui);

/// What the picture is not.
void draw_states(Line& line, const Picture& picture, const Ui& ui);
/// Where one is, by which filter and order; or what is being typed, or a message.
void draw_status(Line& line, const Picture& picture, const Ui& ui, std::size_t columns);

// -- footer.cpp -----------------------------------------------------------------------------------

/// A key in the line below the view.
struct FooterItem {
    std::size_t column;
    std::string key_text;
    std::string word;
    Key key;
    bool current; // the view that one is in
};
[[nodiscard]] std::vector<FooterItem> footer_of(const Ui& ui, std::size_t columns);
void draw_footer(Frame& frame, std::size_t row, const Ui& ui);
/// The key whose word is in this cell of the line; 0 where there is none.
[[nodiscard]] Key footer_key(const Ui& ui, std::size_t columns, std::size_t cell);

// -- board.cpp ------------------------------------------------------------------------------------

/// What stands behind the columns of rows where there is room: how fast they were. Cells of each
/// part, with a blank before it; 0: it is not there.
struct Board {
    std::size_t peak = 0;
    std::size_t plot = 0;
    std::size_t share = 0;

    [[nodiscard]] std::size_t width() const;
};
[[nodiscard]] Board board_of(Rows rows, std::size_t width);
/// The largest rate of the last minute that is known of one of the rows.
[[nodiscard]] unsigned largest_speed(std::span<const ShownRow> rows);
/// Up and down together.
[[nodiscard]] std::deque<unsigned> both_ways(const Speeds& speeds);
void draw_board_titles(Frame& frame, std::size_t row, std::size_t column, const Board& board,
                       unsigned largest, bool bits);
/// `whole` is the rate of the table, in bytes a second.
void draw_board(Frame& frame, std::size_t row, std::size_t column, const Board& board,
                const ShownRow& shown, unsigned largest, double whole, const Picture& picture,
                const Ui& ui);

// -- lists.cpp ------------------------------------------------------------------------------------

/// Flows or groups, one a row, below the titles of their columns.
void draw_rows(Frame& frame, Area area, const Picture& picture, const Ui& ui);

/// The columns of these rows on a screen of this width.
[[nodiscard]] ScreenColumns row_columns(const Ui& ui, std::size_t width);

/// A value as the screen has it in this column.
[[nodiscard]] std::string screen_cell(const ScreenColumn& column, const Value& value,
                                      const TextStyle& style);

/// One line of cells, a blank before each.
void draw_cells(Frame& frame, std::size_t row, std::span<const ScreenColumn> columns, Role role,
                const std::function<std::string(const ScreenColumn&)>& text);
void draw_titles(Frame& frame, std::size_t row, std::span<const ScreenColumn> columns);

/// How the end of a flow looks.
[[nodiscard]] Role role_of_end(Ending ending);

/// The column whose title is in this cell of the titles; null where there is none.
[[nodiscard]] const Column* column_at(const Ui& ui, std::size_t width, std::size_t cell);

// -- removal.cpp ----------------------------------------------------------------------------------

/// Whether the row is marked.
[[nodiscard]] bool is_marked(const ShownRow& shown, const Picture& picture, const Ui& ui);

// -- steps.cpp ------------------------------------------------------------------------------------

/// The steps as they happened, the newest below.
void draw_steps(Frame& frame, Area area, const Picture& picture, const Ui& ui);

// -- problems.cpp ---------------------------------------------------------------------------------

/// What is wrong, the worst first; the one of the cursor with all that there is to say of it.
void draw_problems(Frame& frame, Area area, const Picture& picture, const Ui& ui);
/// "FAIL nat ports and 2 more": the worst one by its kind; empty where nothing is wrong.
[[nodiscard]] std::string worst_problem(const Picture& picture);
/// The finding that the cursor is on, in that view alone; null: there is none.
[[nodiscard]] const Ailment* problem_at_cursor(const Ui& ui, const Picture& picture);

// -- overlays.cpp ---------------------------------------------------------------------------------

using Lines = std::vector<std::pair<std::string, Role>>;

/// What lies over the view.
void draw_overlay(Frame& frame, const Picture& picture, const Ui& ui);

/// The columns of the menu that lies over the view; null stands for none of them.
[[nodiscard]] std::vector<const Column*> menu_of(const Ui& ui);

/// The line of the menu in this row of the screen, if there is one.
[[nodiscard]] std::optional<std::size_t> menu_line_at(const Picture& picture, const Ui& ui,
                                                      Size size, std::size_t row);

/// How far down the text of the overlay, or of the health view, can be scrolled.
[[nodiscard]] std::size_t last_top_line(const Picture& picture, const Ui& ui, Size size);

// -- details.cpp ----------------------------------------------------------------------------------

/// The command that catches this flow where it was opened.
[[nodiscard]] std::string first_command(const ShownRow& shown, const Picture& picture);

/// All that is known of a flow, and the commands that lead on.
[[nodiscard]] Lines details_of(const ShownRow& shown, const Picture& picture, const Ui& ui);

} // namespace natstat
