// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Steps as columns, the newest below.
#include "panels.hpp"

#include <algorithm>

namespace natstat {

namespace {

Role role_of(const Transition& step) {
    switch (step.kind) {
    case TransitionKind::created:
        return Role::fresh;
    case TransitionKind::changed:
    case TransitionKind::listed:
    case TransitionKind::whole:
    case TransitionKind::stopped:
        return Role::plain;
    case TransitionKind::ended:
        return role_of_end(step.ending.value_or(Ending::unknown));
    case TransitionKind::started:
    case TransitionKind::lost:
        break;
    }
    return Role::alarm;
}

ScreenColumns columns_of_steps(bool bits, std::size_t width) {
    std::vector<const Column*> wanted;
    for (const std::string_view name : step_columns())
        wanted.push_back(&column(name));
    ColumnWishes wishes;
    wishes.columns = wanted;
    wishes.need = need_of_step;
    wishes.bits = bits;
    return screen_columns(wishes, 0, width);
}

std::string cell_text(const Row& row, const ScreenColumn& column, const TextStyle& style) {
    if (is_gap(row.step->kind) && column.column->name == "transition")
        return row.step->kind == TransitionKind::lost ? std::to_string(row.step->lost) + " events"
                                                      : "nobody looked";
    return screen_cell(column, column.column->get(row), style);
}

} // namespace

void draw_steps(Frame& frame, Area area, const Picture& picture, const Ui& ui) {
    if (area.rows == 0)
        return;
    const std::size_t count = picture.steps.size();
    const std::size_t end = count - std::min(ui.scrolled, count);
    const std::size_t first = end - std::min(end, area.rows - 1);
    const TextStyle style = screen_style(picture, ui);
    const ScreenColumns columns = columns_of_steps(ui.bits, frame.size().columns);
    draw_titles(frame, area.top, columns.shown);
    for (std::size_t i = first; i < end; ++i) {
        const auto& [step, extras] = picture.steps[i];
        const Row row(step, extras, picture.around);
        const bool selected = i + 1 + ui.step == count;
        if (selected)
            frame.paint(area.top + 1 + i - first, Role::selected);
        draw_cells(frame, area.top + 1 + i - first, columns.shown,
                   selected ? Role::selected : role_of(step),
                   [&](const ScreenColumn& c) { return cell_text(row, c, style); });
    }
    if (count == 0)
        frame.put(area.top + 1, 1, "nothing has changed yet", Role::dim);
}

} // namespace natstat
