// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Rows as columns. Which columns there are is screen_columns.hpp; what a row looks like is here.
#include "panels.hpp"

#include "natstat/live/window.hpp"
#include "natstat/table/shorten.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// As long as this a change stands out, and as long again it fades.
constexpr std::chrono::milliseconds fading{1500};

Role role_of(const ShownRow& shown, Time now) {
    if (shown.end)
        return role_of_end(shown.end->ending.value_or(Ending::unknown));
    if (shown.group)
        return shown.group->pool && 100 * std::uint64_t{shown.group->ports.value_or(0)} >=
                                        near_full_percent * shown.group->pool->ports.size()
                   ? Role::failed
                   : Role::plain;
    const bool created = shown.life.created && shown.life.seen != Time{};
    const Time since = std::max(created ? shown.life.seen : Time{}, shown.life.state_since);
    if (since == Time{} || now - since >= 2 * fading)
        return Role::plain;
    const bool fresh = created && now - shown.life.seen < 2 * fading;
    const bool bright = now - since < fading;
    return fresh ? (bright ? Role::fresh : Role::fresh_fading)
                 : (bright ? Role::changed : Role::changed_fading);
}

/// Whether the picture is of the rows that the user wants to see.
bool is_ranked(const Picture& picture, const Ui& ui) {
    return picture.kind == ui.rows() && (picture.kind != Rows::groups || picture.by == ui.by);
}

/// Cells behind the columns that longer addresses leave to a bar and to plots.
std::size_t spare_of(const Ui& ui, std::size_t width) {
    const Rows rows = ui.rows();
    if (ui.plain)
        return 0;
    return rows == Rows::ports && width >= 100 ? width / 8 : board_of(rows, width).width();
}

/// Behind the cells of a group of NAT ports, if there is room.
void draw_bar(Frame& frame, std::size_t row, std::size_t column, const Group& group) {
    constexpr std::size_t least = 8, most = 30;
    const std::size_t room = frame.size().columns - std::min(frame.size().columns, column + 4);
    if (room >= least && group.pool)
        frame.put(row, column + 1,
                  bar(100 * std::uint64_t{group.ports.value_or(0)} / group.pool->ports.size(),
                      std::min(room, most)));
}

/// Whether a cell is a sum of a group that some of its flows are missing in.
bool is_least(const ShownRow& shown, const Column& column) {
    return shown.group && shown.group->uncounted != 0 && column.tells == Tells::sum;
}

std::string cell_text(const ShownRow& shown, const Row& row, const ScreenColumn& column,
                      const TextStyle& style) {
    if (shown.end && column.column->traits.present_state)
        return shortened_end(ending_name(shown.end->ending.value_or(Ending::unknown)),
                             column.width);
    if (shown.end && column.column->kind == Kind::rate) // what has ended moves nothing
        return "-";
    const std::string text = screen_cell(column, column.column->get(row), style);
    return is_least(shown, *column.column) && text != "-" ? "≥" + text : text;
}

/// What the options leave out, and the way to it.
std::string why_no_flows(const Mix& mix, const Ui& ui) {
    std::string others;
    for (const auto& [count, name] : {std::pair{mix.local, " local"}, {mix.routed, " routed"}})
        if (count != 0)
            others += (others.empty() ? "" : " and ") + std::to_string(count) + name;
    const bool translated = mix.snat + mix.dnat + mix.both != 0;
    if (translated || others.empty() || ui.kinds.empty())
        return "no flow meets the options (a shows other kinds)";
    return "nothing is translated; there are " + others + " flows (a shows them)";
}

std::string why_empty(const Picture& picture, const Ui& ui) {
    if (!is_ranked(picture, ui))
        return "counting";
    if (picture.mix.flows == 0)
        return "no flows";
    if (!ui.filter.empty())
        return "no flow meets the filter (Esc clears it)";
    if (ui.rows() == Rows::changes)
        return "no flow began or ended (e looks further back)";
    return ui.rows() == Rows::ports ? "no NAT port is in use" : why_no_flows(picture.mix, ui);
}

struct RowDrawing {
    Frame& frame;
    const Picture& picture;
    const Ui& ui;
    const ScreenColumns columns;
    const TextStyle style;
    const Board board;
    const unsigned largest; // bytes a second

    void draw(std::size_t line, const ShownRow& shown, bool selected) const {
        const Row row = shown.row(picture.around);
        const Role role = selected ? Role::selected : role_of(shown, picture.around.now);
        if (selected)
            frame.paint(line, Role::selected);
        draw_cells(frame, line, columns.shown, role,
                   [&](const ScreenColumn& c) { return cell_text(shown, row, c, style); });
        if (role == Role::plain)
            paint_state(line, shown);
        if (selected)
            mark_cell(line);
        if (is_marked(shown, picture, ui))
            frame.put(line, 0, "*", selected ? Role::cell : Role::key);
        if (picture.kind == Rows::changes)
            mark_new(line, shown, role);
        if (picture.kind == Rows::ports && !ui.plain)
            draw_bar(frame, line, total_width(columns.shown), *shown.group);
        draw_board(frame, line, total_width(columns.shown), board, shown, largest,
                   picture.mix.rate_up + picture.mix.rate_down, picture, ui);
    }

    /// What all groups come to, below them.
    void draw_total(std::size_t line) const {
        const Flow none{};
        const Extras extras;
        const Row row(none, picture.total, extras, picture.around);
        frame.paint(line, Role::strong);
        draw_cells(frame, line, columns.shown, Role::strong, [&](const ScreenColumn& each) {
            const bool sum = is_of_groups(*each.column) || each.column->tells == Tells::sum;
            return sum                          ? screen_cell(each, each.column->get(row), style)
                   : &each == &columns.shown[0] ? std::string("all of them")
                                                : std::string();
        });
    }

  private:
    /// A state by its phase; those that are established, the most of them, stand back.
    void paint_state(std::size_t line, const ShownRow& shown) const {
        const auto state = state_of(shown.flow);
        if (shown.group || !state)
            return;
        const Phase phase = phase_of(shown.flow.protocol, *state);
        std::size_t at = 1;
        for (const ScreenColumn& each : columns.shown) {
            if (each.column->traits.present_state && phase == Phase::opening)
                frame.paint(line, at, at + each.width, Role::opening);
            if (each.column->traits.present_state && phase == Phase::closing)
                frame.paint(line, at, at + each.width, Role::dim);
            at += each.width + 1;
        }
    }

    /// A plus before what was never seen before.
    void mark_new(std::size_t line, const ShownRow& shown, Role role) const {
        const Role mark = role == Role::plain ? Role::fresh : role;
        std::size_t at = 0;
        for (const ScreenColumn& each : columns.shown) {
            const auto ends = each.column->traits.ends;
            if ((ends == Ends::source && shown.new_source) ||
                (ends == Ends::destination && shown.new_destination)) {
                frame.paint(line, at + 1, at + 1 + each.width, mark);
                frame.put(line, at, "+", mark);
            }
            at += each.width + 1;
        }
    }

    /// The cell of the cursor, once it has left the first one.
    void mark_cell(std::size_t line) const {
        const std::size_t cell = ui.position().cell;
        std::size_t at = 1;
        for (std::size_t i = 0; i < columns.shown.size() && cell != 0; ++i) {
            if (columns.numbers[i] == cell)
                frame.paint(line, at, at + columns.shown[i].width, Role::cell);
            at += columns.shown[i].width + 1;
        }
    }
};

} // namespace

ScreenColumns row_columns(const Ui& ui, std::size_t width) {
    const Rows rows = ui.rows();
    const Position& place = ui.position();
    ColumnWishes wishes;
    wishes.columns = place.columns;
    wishes.need = [rows](const Column& column) { return need_of(rows, column); };
    wishes.sort = place.sort;
    wishes.descending = place.descending;
    wishes.bits = ui.bits;
    wishes.spare = spare_of(ui, width);
    return screen_columns(wishes, place.cell, width);
}

std::string screen_cell(const ScreenColumn& column, const Value& value, const TextStyle& style) {
    constexpr std::size_t to_the_second = sizeof "12:04:31" - 1;
    if (column.column->kind == Kind::time && column.width < time_of_day_width)
        return to_text(value, style).substr(0, to_the_second);
    return fitted_text(value, style, column.width);
}

void draw_cells(Frame& frame, std::size_t row, std::span<const ScreenColumn> columns, Role role,
                const std::function<std::string(const ScreenColumn&)>& text) {
    std::size_t at = 0;
    for (const ScreenColumn& each : columns) {
        const std::string cell = text(each);
        // "≥" may stand in the blank beside the column.
        const std::size_t end = at + 1 + each.width;
        const bool right = each.column->align == Align::right;
        frame.put(row, right ? end - std::min(each.width + 1, width_of(cell)) : at + 1, cell, role);
        at += each.width + 1;
    }
}

void draw_titles(Frame& frame, std::size_t row, std::span<const ScreenColumn> columns) {
    frame.paint(row, Role::head);
    std::size_t at = 0;
    for (const ScreenColumn& each : columns) {
        // The arrow of the order may stand in the blank beside the column.
        const std::string title = shortened_end(each.title, each.width + 1);
        const bool right = each.column->align == Align::right;
        frame.put(row,
                  at + 1 + (right ? each.width - std::min(each.width, width_of(title)) : 0) -
                      (right && width_of(title) > each.width ? 1 : 0),
                  title, Role::head);
        at += each.width + 1;
    }
}

Role role_of_end(Ending ending) {
    return ending == Ending::reset || ending == Ending::no_reply ? Role::failed : Role::ended;
}

void draw_rows(Frame& frame, Area area, const Picture& picture, const Ui& ui) {
    if (area.rows == 0)
        return;
    const auto shown = is_ranked(picture, ui)
                           ? rows_on_screen(picture, ui, list_rows(ui, frame.size()))
                           : std::span<const ShownRow>();
    const std::size_t width = frame.size().columns;
    const RowDrawing drawing{frame,
                             picture,
                             ui,
                             row_columns(ui, width),
                             screen_style(picture, ui),
                             ui.plain ? Board{} : board_of(ui.rows(), width),
                             largest_speed(shown)};
    draw_titles(frame, area.top, drawing.columns.shown);
    draw_board_titles(frame, area.top, total_width(drawing.columns.shown), drawing.board,
                      drawing.largest, ui.bits);
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const std::size_t place =
            picture.first + static_cast<std::size_t>(&shown[i] - &picture.rows[0]);
        drawing.draw(area.top + 1 + i, shown[i], place == ui.position().cursor);
    }
    if (has_total(ui, frame.size()) && is_ranked(picture, ui))
        drawing.draw_total(area.top + area.rows - 1);
    if (shown.empty())
        frame.put(area.top + 1, 1, shortened_end(why_empty(picture, ui), frame.size().columns - 1),
                  Role::dim);
}

bool has_total(const Ui& ui, Size size) {
    constexpr std::size_t least = 8; // rows, of which one can be spared
    const bool sums = ui.rows() != Rows::flows && ui.rows() != Rows::ports;
    return sums && ui.has_rows() && list_area(size).rows >= least;
}

const Column* column_at(const Ui& ui, std::size_t width, std::size_t cell) {
    std::size_t end = 0;
    for (const ScreenColumn& each : row_columns(ui, width).shown) {
        end += each.width + 1;
        if (cell < end)
            return each.column;
    }
    return nullptr;
}

} // namespace natstat
