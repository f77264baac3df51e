// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The cursor is a place among all rows, of which the picture has a window; whoever moves it out of
// the window asks for another look.
#include "actions.hpp"

#include "panels.hpp"

#include "natstat/live/window.hpp"

#include <algorithm>

namespace natstat {

namespace {

std::size_t last_place(const Picture& picture) {
    return picture.matched == 0 ? 0 : picture.matched - 1;
}

/// `value` moved, within 0 to `last`.
std::size_t moved(std::size_t value, std::ptrdiff_t by, std::size_t last) {
    const auto place = static_cast<std::ptrdiff_t>(value) + by;
    return static_cast<std::size_t>(
        std::clamp<std::ptrdiff_t>(place, 0, static_cast<std::ptrdiff_t>(last)));
}

Effect move_to(Ui& ui, const Picture& picture, std::size_t cursor) {
    ui.position().cursor = std::min(cursor, last_place(picture));
    ui.position().chosen.reset();
    return Effect::look;
}

/// Keeps the cursor among the steps, and the screen on it and full.
void hold_step(Ui& ui, const Picture& picture, Size size) {
    const std::size_t count = picture.steps.size();
    const std::size_t rows = std::max<std::size_t>(list_rows(ui, size), 1);
    ui.step = std::min(ui.step, count - std::min<std::size_t>(count, 1));
    ui.scrolled = std::min({ui.scrolled, ui.step, count - std::min(rows, count)});
    if (ui.step >= ui.scrolled + rows)
        ui.scrolled = ui.step - rows + 1;
    if (ui.step == 0)
        ui.unseen = 0;
}

Effect move_step(Ui& ui, const Picture& picture, Size size, std::ptrdiff_t rows) {
    const std::size_t count = picture.steps.size();
    ui.step = moved(ui.step, -rows, count - std::min<std::size_t>(count, 1));
    hold_step(ui, picture, size);
    return Effect::none;
}

} // namespace

Effect move_by(Ui& ui, const Picture& picture, Size size, std::ptrdiff_t rows) {
    switch (ui.overlay) {
    case Overlay::sort:
    case Overlay::columns:
    case Overlay::groups:
        ui.choice = moved(ui.choice, rows, menu_of(ui).size() - 1);
        return Effect::none;
    case Overlay::help:
    case Overlay::details:
        ui.top = moved(ui.top, rows, last_top_line(picture, ui, size));
        return Effect::none;
    case Overlay::removal:
        return Effect::none;
    case Overlay::none:
        break;
    }
    if (ui.view == View::events) {
        return move_step(ui, picture, size, rows);
    }
    if (ui.view == View::problems)
        return move_problem(ui, picture, rows);
    if (ui.view == View::health) {
        ui.health_top = moved(ui.health_top, rows, last_top_line(picture, ui, size));
        return Effect::none;
    }
    return move_to(ui, picture, moved(ui.position().cursor, rows, last_place(picture)));
}

Effect to_start(Ui& ui, const Picture& picture, Size size) {
    return move_by(ui, picture, size, -std::ptrdiff_t{1} << 40);
}

Effect to_end(Ui& ui, const Picture& picture, Size size) {
    return move_by(ui, picture, size, std::ptrdiff_t{1} << 40);
}

namespace {

/// The step in this row of the screen.
Effect click_step(Ui& ui, const Picture& picture, Size size, std::size_t row) {
    const std::size_t end = picture.steps.size() - std::min(ui.scrolled, picture.steps.size());
    const std::size_t rows = std::min(end, list_rows(ui, size));
    if (row < rows)
        ui.step = ui.scrolled + rows - 1 - row;
    return Effect::none;
}

} // namespace

Effect click(Ui& ui, const Picture& picture, Size size) {
    const Area area = list_area(size);
    const std::size_t row = ui.pointer.row;
    if (ui.overlay == Overlay::none && head_rows(size) != 0 && row + 1 == size.rows)
        if (const Key key = footer_key(ui, size.columns, ui.pointer.column); key != 0)
            return update(ui, key, picture, size);
    if (const auto line = menu_line_at(picture, ui, size, row)) {
        ui.choice = *line;
        return choose(ui, picture, size);
    }
    if (ui.overlay != Overlay::none || row < area.top || row >= area.top + area.rows)
        return Effect::none;
    if (ui.view == View::events && row > area.top)
        return click_step(ui, picture, size, row - area.top - 1);
    if (!ui.has_rows())
        return Effect::none;
    if (row > area.top + list_rows(ui, size)) // the line of what all come to
        return Effect::none;
    if (row > area.top)
        return move_to(ui, picture, ui.position().first + row - area.top - 1);
    const Column* title = column_at(ui, size.columns, ui.pointer.column);
    return title == nullptr ? Effect::none : sort_by(ui, *title);
}

Effect follow(Ui& ui, const Picture& picture, Size size) {
    if (!ui.has_rows())
        return to_end(ui, picture, size);
    ui.following = !ui.following;
    ui.message = ui.following ? "the cursor stays on its row" : "the cursor stays at the top";
    return Effect::look;
}

std::size_t list_rows(const Ui& ui, Size size) {
    const std::size_t rows = list_area(size).rows;
    const std::size_t others = 1 + (has_total(ui, size) ? 1 : 0); // the titles
    return rows - std::min(rows, others);
}

void settle(Ui& ui, const Picture& picture, Size size) {
    if (ui.step != 0) { // the steps on the screen stay where they are
        const std::uint64_t came = picture.steps_told - ui.steps_told;
        ui.step += came;
        ui.scrolled += came;
        ui.unseen += came;
    }
    ui.steps_told = picture.steps_told;
    hold_step(ui, picture, size);
    settle_problem(ui, picture);
    if (picture.kind != ui.rows() || !ui.has_rows())
        return;
    Position& place = ui.position();
    const auto& rows = picture.rows;
    if (place.chosen && picture.kind == Rows::flows) {
        const auto found = std::find_if(rows.begin(), rows.end(), [&](const ShownRow& shown) {
            return same_flow(shown.flow, place.chosen->flow);
        });
        if (found != rows.end())
            place.cursor = picture.first + static_cast<std::size_t>(found - rows.begin());
    }
    const std::size_t fitting = std::max<std::size_t>(list_rows(ui, size), 1);
    hold_cursor(place, picture.matched, fitting);
    const bool stays = place.cursor != 0 || ui.following || ui.overlay == Overlay::details;
    if (stays && place.cursor >= picture.first && place.cursor - picture.first < rows.size())
        place.chosen = rows[place.cursor - picture.first];
}

} // namespace natstat
