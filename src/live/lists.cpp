// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Flows and steps as columns. When the screen is too narrow, columns leave by need
// (live_columns()); the NAT side is the last of them.
#include "panels.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// As long as this a change stands out.
constexpr std::chrono::seconds fading{3};

/// How the columns stand beside each other, whatever the order in which they leave.
constexpr std::string_view flow_columns[] = {"proto", "source", "gateway", "destination", "state",
                                             "held",  "idle",   "rate_up", "rate_down",   "bytes"};
constexpr std::string_view step_columns[] = {
    "time", "event", "proto", "source", "gateway", "destination", "transition", "held", "bytes"};

struct ScreenColumn {
    const Column* column;
    std::string title;
    std::size_t width;
};

/// Short titles; the column table's are netstat-nat's.
std::string title_of(const Column& column, const Ui* ui) {
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
    if (ui != nullptr && ui->sort == column.name)
        title += ui->descending ? "▼" : "▲";
    return title;
}

/// Of the columns of a step, the ones that stay longest first.
constexpr std::string_view steps_by_need[] = {
    "transition", "gateway", "source", "time", "destination", "proto", "event", "held", "bytes"};
static_assert(std::size(steps_by_need) == std::size(step_columns));

/// The columns that fit, in their order. `rows` are those that will be shown.
std::vector<ScreenColumn> choose_columns(std::span<const std::string_view> names,
                                         std::span<const std::string_view> by_need, const Ui* ui,
                                         const std::vector<Row>& rows, const TextStyle& style,
                                         std::size_t width) {
    std::vector<ScreenColumn> columns;
    for (const std::string_view name : names) {
        const Column& found = column(name);
        ScreenColumn shown{&found, title_of(found, ui), 0};
        shown.width = width_of(shown.title);
        for (const Row& row : rows)
            shown.width = std::max(shown.width, to_text(found.get(row), style).size());
        columns.push_back(std::move(shown));
    }
    const auto total = [&columns] {
        std::size_t sum = 0;
        for (const ScreenColumn& each : columns)
            sum += each.width + 1;
        return sum;
    };
    const auto need = [by_need](const ScreenColumn& each) {
        return std::find(by_need.begin(), by_need.end(), each.column->name) - by_need.begin();
    };
    while (columns.size() > 1 && total() > width)
        columns.erase(std::max_element(
            columns.begin(), columns.end(),
            [&](const ScreenColumn& a, const ScreenColumn& b) { return need(a) < need(b); }));
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

Role role_of(const ShownFlow& shown, Time now) {
    if (shown.end)
        return role_of_end(shown.end->ending.value_or(Ending::unknown));
    const auto recent = [now](Time time) { return time != Time{} && now - time < fading; };
    if (shown.life.created && recent(shown.life.seen))
        return Role::fresh;
    return recent(shown.life.state_since) ? Role::changed : Role::plain;
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

} // namespace

void draw_flows(Frame& frame, Area area, const Picture& picture, const Ui& ui) {
    if (area.rows == 0)
        return;
    const std::size_t skipped = ui.first - std::min(ui.first, picture.first);
    const std::size_t shown = area.rows - 1;
    std::vector<Row> rows;
    for (std::size_t i = skipped; i < picture.flows.size() && rows.size() < shown; ++i) {
        const ShownFlow& each = picture.flows[i];
        rows.emplace_back(each.flow, each.life, each.extras, picture.around);
    }
    const TextStyle style{nullptr, false, true, ui.bits};
    const auto columns =
        choose_columns(flow_columns, live_columns(), &ui, rows, style, frame.size().columns);
    draw_titles(frame, area.top, columns);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const ShownFlow& each = picture.flows[skipped + i];
        const bool selected = picture.first + skipped + i == ui.cursor;
        const Role role = selected ? Role::selected : role_of(each, picture.around.now);
        const std::size_t row = area.top + 1 + i;
        if (selected)
            frame.paint(row, Role::selected);
        draw_cells(frame, row, columns, role, [&](const ScreenColumn& c) {
            if (each.end && c.column->name == "state")
                return std::string(ending_name(each.end->ending.value_or(Ending::unknown)));
            return to_text(c.column->get(rows[i]), style);
        });
    }
    if (rows.empty())
        frame.put(area.top + 1, 1,
                  picture.mix.flows == 0 ? "no flows" : "no flow meets the filter (Esc clears it)",
                  Role::dim);
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
    const TextStyle style{nullptr, false, true, ui.bits};
    const auto columns =
        choose_columns(step_columns, steps_by_need, nullptr, rows, style, frame.size().columns);
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
