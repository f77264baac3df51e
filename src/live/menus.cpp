// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A menu is a list of columns; what taking one of them means depends on the menu.
#include "actions.hpp"

#include "panels.hpp"

#include <algorithm>

namespace natstat {

namespace {

const ShownRow* row_at_cursor(const Ui& ui, const Picture& picture) {
    const std::size_t cursor = ui.position().cursor;
    const bool there = ui.has_rows() && picture.kind == ui.rows() && cursor >= picture.first &&
                       cursor - picture.first < picture.rows.size();
    return there ? &picture.rows[cursor - picture.first] : nullptr;
}

Effect choose_groups(Ui& ui, const Column* by) {
    ui.overlay = Overlay::none;
    ui.view = View::flows;
    ui.origin.reset();
    ui.by = by == nullptr ? "" : by->name;
    if (by != nullptr)
        ui.position() = first_position(Rows::groups, ui.by);
    return Effect::rank;
}

Effect toggle_column(Ui& ui, const Column* column) {
    auto& columns = ui.position().columns;
    const auto found = std::find(columns.begin(), columns.end(), column);
    if (found == columns.end())
        columns.push_back(column);
    else if (columns.size() > 1)
        columns.erase(found);
    return Effect::rank;
}

/// The flows of a group, as a filter on top of the one in force.
Effect open_group(Ui& ui, const Picture& picture, const ShownRow& group) {
    const auto grouping = grouping_of(picture.kind, picture.by, ui.position());
    const std::string filter = filter_of(group, picture.around, grouping->keys);
    if (filter.empty()) {
        ui.message = "no filter tells these flows from others";
        return Effect::none;
    }
    ui.origin =
        Ui::Origin{ui.view, ui.by, ui.positions[static_cast<std::size_t>(Rows::groups)], ui.filter};
    ui.filter = ui.filter.empty() ? filter : "(" + ui.filter + ") and " + filter;
    ui.view = View::flows;
    ui.by.clear();
    ui.position().cursor = ui.position().first = 0;
    ui.position().chosen.reset();
    return Effect::rank;
}

Effect open_row(Ui& ui, const Picture& picture) {
    const ShownRow* row = row_at_cursor(ui, picture);
    if (row == nullptr)
        return Effect::none;
    if (row->group)
        return open_group(ui, picture, *row);
    ui.opened = *row;
    return toggle_overlay(ui, picture, Overlay::details);
}

} // namespace

void go_to(Ui& ui, View view) {
    ui.view = view;
    ui.overlay = Overlay::none;
    ui.top = 0;
    ui.origin.reset();
}

Effect toggle_overlay(Ui& ui, const Picture&, Overlay overlay) {
    const bool of_rows = overlay != Overlay::help && overlay != Overlay::groups;
    if (of_rows && !ui.has_rows()) {
        ui.message = "this view has no rows to choose";
        return Effect::none;
    }
    ui.overlay = ui.overlay == overlay ? Overlay::none : overlay;
    ui.top = ui.choice = 0;
    const auto menu = menu_of(ui);
    const Column* current = overlay == Overlay::groups && !ui.by.empty() ? find_column(ui.by)
                            : overlay == Overlay::sort                   ? ui.position().sort
                                                                         : nullptr;
    const auto found = std::find(menu.begin(), menu.end(), current);
    if (found != menu.end())
        ui.choice = static_cast<std::size_t>(found - menu.begin());
    return Effect::none;
}

Effect sort_by(Ui& ui, const Column& column) {
    Position& place = ui.position();
    const bool same = place.sort == &column;
    place.sort = &column;
    // Numbers are looked at for the largest, everything else for the first.
    place.descending = same ? !place.descending : column.align == Align::right;
    return Effect::rank;
}

Effect choose(Ui& ui, const Picture& picture, Size) {
    const auto menu = menu_of(ui);
    const Column* chosen = menu.empty() ? nullptr : menu[std::min(ui.choice, menu.size() - 1)];
    switch (ui.overlay) {
    case Overlay::none:
        return open_row(ui, picture);
    case Overlay::help:
    case Overlay::details:
        ui.overlay = Overlay::none;
        return Effect::none;
    case Overlay::removal:
        return Effect::none;
    case Overlay::sort:
        ui.overlay = Overlay::none;
        return sort_by(ui, *chosen);
    case Overlay::columns:
        return toggle_column(ui, chosen);
    case Overlay::groups:
        break;
    }
    return choose_groups(ui, chosen);
}

Effect leave(Ui& ui, const Picture&, Size) {
    if (ui.overlay != Overlay::none) {
        ui.overlay = Overlay::none;
        return Effect::none;
    }
    if (ui.origin) {
        ui.view = ui.origin->view;
        ui.by = ui.origin->by;
        ui.positions[static_cast<std::size_t>(Rows::groups)] = std::move(ui.origin->groups);
        ui.filter = ui.origin->filter;
        ui.origin.reset();
        return Effect::rank;
    }
    if (ui.filter.empty())
        return Effect::none;
    ui.filter.clear();
    return Effect::rank;
}

Effect mark_or_pause(Ui& ui, const Picture& picture, Size size) {
    if (ui.overlay == Overlay::columns)
        return choose(ui, picture, size);
    ui.paused = !ui.paused;
    return ui.paused ? Effect::none : Effect::rank;
}

Effect ask_removal(Ui& ui, const Picture& picture, Size) {
    const ShownRow* row = row_at_cursor(ui, picture);
    if (row == nullptr || row->group || row->end) {
        ui.message = row == nullptr ? "there is no flow here"
                     : row->group   ? "single flows can be deleted, groups can not"
                                    : "it has ended already";
        return Effect::none;
    }
    ui.doomed = ui.position().chosen = *row;
    ui.overlay = Overlay::removal;
    return Effect::none;
}

Effect answer_removal(Ui& ui, Key pressed) {
    ui.overlay = Overlay::none;
    if (pressed == 'y' && ui.doomed)
        return Effect::remove;
    ui.message = "nothing was deleted";
    return Effect::none;
}

} // namespace natstat
