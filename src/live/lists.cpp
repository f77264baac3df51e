// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Rows and steps as columns. When the screen is too narrow, columns leave by need (rows.hpp); of
// flows the NAT side is the last of them.
#include "panels.hpp"

#include "natstat/live/window.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// As long as this a change stands out, and as long again it fades.
constexpr std::chrono::milliseconds fading{1500};

/// Of the columns of steps, the ones that stay longest first.
constexpr std::string_view steps_by_need[] = {
    "transition", "gateway", "source", "time", "destination", "proto", "event", "held", "bytes"};

struct ScreenColumn {
    const Column* column;
    std::string title;
    std::size_t width;
};

/// Short titles; the column table's are netstat-nat's.
std::string title_of(const Column& column, const Position* place) {
    constexpr struct {
        std::string_view name, title;
    } titles[] = {{"source", "SOURCE"}, {"gateway", "NAT"},      {"destination", "DESTINATION"},
                  {"held", "FOR"},      {"rate_up", "UP/s"},     {"rate_down", "DOWN/s"},
                  {"bytes", "BYTES"},   {"transition", "CHANGE"}};
    const auto* found = std::find_if(std::begin(titles), std::end(titles),
                                     [&](const auto& each) { return each.name == column.name; });
    std::string title(found == std::end(titles) ? column.title : found->title);
    if (found == std::end(titles))
        std::transform(title.begin(), title.end(), title.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (place != nullptr && place->sort == &column)
        title += place->descending ? "▼" : "▲";
    return title;
}

std::size_t total_width(const std::vector<ScreenColumn>& columns) {
    std::size_t sum = 0;
    for (const ScreenColumn& each : columns)
        sum += each.width + 1;
    return sum;
}

/// The columns that fit, in their order. `rows` are those that will be shown; `need` ranks a
/// column: the largest leaves first.
template <typename Need>
std::vector<ScreenColumn> choose_columns(std::span<const Column* const> wanted, const Need& need,
                                         const Position* place, const std::vector<Row>& rows,
                                         const TextStyle& style, std::size_t width) {
    std::vector<ScreenColumn> columns;
    for (const Column* each : wanted) {
        ScreenColumn shown{each, title_of(*each, place), 0};
        shown.width = width_of(shown.title);
        for (const Row& row : rows)
            shown.width = std::max(shown.width, to_text(each->get(row), style).size());
        columns.push_back(std::move(shown));
    }
    while (columns.size() > 1 && total_width(columns) > width)
        columns.erase(std::max_element(columns.begin(), columns.end(),
                                       [&](const ScreenColumn& a, const ScreenColumn& b) {
                                           return need(*a.column) < need(*b.column);
                                       }));
    return columns;
}

/// One line of cells, a blank before each.
template <typename Text>
void draw_cells(Frame& frame, std::size_t row, const std::vector<ScreenColumn>& columns, Role role,
                Text&& text) {
    std::size_t at = 0;
    for (const ScreenColumn& each : columns) {
        const std::string cell = text(each);
        const std::size_t missing = each.width - std::min(each.width, width_of(cell));
        const bool right = each.column->align == Align::right;
        frame.put(row, at + 1 + (right ? missing : 0), cell, role);
        at += each.width + 1;
    }
}

void draw_titles(Frame& frame, std::size_t row, const std::vector<ScreenColumn>& columns) {
    frame.paint(row, Role::head);
    draw_cells(frame, row, columns, Role::head,
               [](const ScreenColumn& each) { return each.title; });
}

Role role_of_end(Ending ending) {
    return ending == Ending::reset || ending == Ending::no_reply ? Role::failed : Role::ended;
}

Role role_of(const ShownRow& shown, Time now) {
    if (shown.end)
        return role_of_end(shown.end->ending.value_or(Ending::unknown));
    if (shown.group)
        return shown.group->available && 100 * std::uint64_t{shown.group->ports.value_or(0)} >=
                                             near_full_percent * *shown.group->available
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

Role role_of(const Transition& step) {
    switch (step.kind) {
    case TransitionKind::created:
        return Role::fresh;
    case TransitionKind::changed:
        return Role::plain;
    case TransitionKind::ended:
        return role_of_end(step.ending.value_or(Ending::unknown));
    case TransitionKind::lost:
        break;
    }
    return Role::alarm;
}

/// Whether the picture is of the rows that the user wants to see.
bool is_ranked(const Picture& picture, const Ui& ui) {
    return picture.kind == ui.rows() && (picture.kind != Rows::groups || picture.by == ui.by);
}

std::vector<ScreenColumn> columns_of(std::span<const ShownRow> shown, const Picture& picture,
                                     const Ui& ui, std::size_t width) {
    std::vector<Row> rows;
    for (const ShownRow& each : shown)
        rows.push_back(each.row(picture.around));
    const auto need = [&](const Column& column) { return need_of(picture.kind, column); };
    return choose_columns(std::span<const Column* const>(ui.position().columns), need,
                          &ui.position(), rows, screen_style(picture, ui), width);
}

/// Behind the cells of a group of NAT ports, if there is room.
void draw_bar(Frame& frame, std::size_t row, std::size_t column, const Group& group) {
    constexpr std::size_t least = 8, most = 30;
    const std::size_t room = frame.size().columns - std::min(frame.size().columns, column + 4);
    if (room >= least && group.available.value_or(0) != 0)
        frame.put(row, column + 1,
                  bar(100 * std::uint64_t{group.ports.value_or(0)} / *group.available,
                      std::min(room, most)));
}

std::string cell_text(const ShownRow& shown, const Row& row, const Column& column,
                      const TextStyle& style) {
    if (shown.end && column.name == "state")
        return std::string(ending_name(shown.end->ending.value_or(Ending::unknown)));
    return to_text(column.get(row), style);
}

std::string_view why_empty(const Picture& picture, const Ui& ui) {
    if (!is_ranked(picture, ui))
        return "counting";
    if (picture.mix.flows == 0)
        return "no flows";
    if (!ui.filter.empty())
        return "no flow meets the filter (Esc clears it)";
    return ui.rows() == Rows::ports ? "no NAT port is in use" : "no flow meets the options";
}

} // namespace

void draw_rows(Frame& frame, Area area, const Picture& picture, const Ui& ui) {
    if (area.rows == 0)
        return;
    const bool ranked = is_ranked(picture, ui);
    const auto shown =
        ranked ? rows_on_screen(picture, ui, area.rows - 1) : std::span<const ShownRow>();
    const TextStyle style = screen_style(picture, ui);
    const auto columns = columns_of(shown, picture, ui, frame.size().columns);
    draw_titles(frame, area.top, columns);
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const ShownRow& each = shown[i];
        const Row row = each.row(picture.around);
        const std::size_t place =
            picture.first + static_cast<std::size_t>(&each - &picture.rows[0]);
        const bool selected = place == ui.position().cursor;
        const Role role = selected ? Role::selected : role_of(each, picture.around.now);
        const std::size_t line = area.top + 1 + i;
        if (selected)
            frame.paint(line, Role::selected);
        draw_cells(frame, line, columns, role,
                   [&](const ScreenColumn& c) { return cell_text(each, row, *c.column, style); });
        if (picture.kind == Rows::ports)
            draw_bar(frame, line, total_width(columns), *each.group);
    }
    if (shown.empty())
        frame.put(area.top + 1, 1, why_empty(picture, ui), Role::dim);
}

const Column* column_at(const Picture& picture, const Ui& ui, Size size, std::size_t cell) {
    const Area area = list_area(size);
    const auto shown = is_ranked(picture, ui) && area.rows > 0
                           ? rows_on_screen(picture, ui, area.rows - 1)
                           : std::span<const ShownRow>();
    std::size_t end = 0;
    for (const ScreenColumn& each : columns_of(shown, picture, ui, size.columns)) {
        end += each.width + 1;
        if (cell < end)
            return each.column;
    }
    return nullptr;
}

void draw_steps(Frame& frame, Area area, const Picture& picture, const Ui& ui) {
    if (area.rows == 0)
        return;
    const std::size_t count = picture.steps.size();
    const std::size_t end = count - std::min(ui.scrolled, count);
    const std::size_t first = end - std::min(end, area.rows - 1);
    std::vector<Row> rows;
    for (std::size_t i = first; i < end; ++i)
        rows.emplace_back(picture.steps[i].step, picture.steps[i].extras, picture.around);
    const TextStyle style = screen_style(picture, ui);
    std::vector<const Column*> wanted;
    for (const std::string_view name : step_columns())
        wanted.push_back(&column(name));
    const auto need = [](const Column& each) {
        return std::find(std::begin(steps_by_need), std::end(steps_by_need), each.name) -
               std::begin(steps_by_need);
    };
    const auto columns = choose_columns(std::span<const Column* const>(wanted), need, nullptr, rows,
                                        style, frame.size().columns);
    draw_titles(frame, area.top, columns);
    for (std::size_t i = 0; i < rows.size(); ++i)
        draw_cells(
            frame, area.top + 1 + i, columns, role_of(*rows[i].step), [&](const ScreenColumn& c) {
                if (rows[i].step->kind == TransitionKind::lost && c.column->name == "transition")
                    return std::to_string(rows[i].step->lost) + " events";
                return to_text(c.column->get(rows[i]), style);
            });
    if (rows.empty())
        frame.put(area.top + 1, 1, "nothing has changed yet", Role::dim);
}

} // namespace natstat
