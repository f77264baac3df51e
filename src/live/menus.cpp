// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A menu is a list of columns; what taking one of them means depends on the menu.
#include "actions.hpp"

#include "panels.hpp"

#include <algorithm>
#include <utility>

namespace natstat {

const ShownRow* row_at_cursor(const Ui& ui, const Picture& picture) {
    const std::size_t cursor = ui.position().cursor;
    const bool there = ui.has_rows() && picture.kind == ui.rows() && cursor >= picture.first &&
                       cursor - picture.first < picture.rows.size();
    return there ? &picture.rows[cursor - picture.first] : nullptr;
}

void take_step(Ui& ui, std::string label) {
    ui.trail.push_back({std::move(label), ui.view, ui.by, ui.positions, ui.filter, ui.kinds});
    clear_marks(ui);
}

namespace {

/// "hosts", and behind it what of them is opened.
std::string label_of(const Ui& ui, const ShownRow& group, const Surroundings& around) {
    const Row row = group.row(around);
    const bool own = ui.rows() == Rows::groups;
    std::string label = own ? "by " + ui.by : std::string(kind_of(ui.view).name);
    auto keys = std::get<GroupKeys>(parse_group_keys(own ? ui.by : rows_kind(ui.rows()).by));
    if (!own) // the first of them is what people call it
        keys.resize(1);
    label += " ›";
    for (const GroupKey& key : keys)
        label += " " + to_text(key.column->get(row));
    return label;
}

/// Groups in the place of flows.
void show_groups(Ui& ui, std::string by) {
    if (ui.by.empty())
        take_step(ui, "flows");
    ui.view = View::flows;
    ui.by = std::move(by);
    ui.position() = first_position(Rows::groups, ui.by);
}

Effect choose_groups(Ui& ui, const Column* by) {
    ui.overlay = Overlay::none;
    if (by != nullptr) {
        show_groups(ui, std::string(by->name));
        return Effect::rank;
    }
    ui.view = View::flows;
    ui.by.clear();
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

} // namespace

Effect move_column(Ui& ui, std::ptrdiff_t by) {
    auto& columns = ui.position().columns;
    const auto menu = menu_of(ui);
    const auto found =
        std::find(columns.begin(), columns.end(), menu[std::min(ui.choice, menu.size() - 1)]);
    const auto place = found - columns.begin() + by;
    if (found == columns.end()) {
        ui.message = "only what is shown has a place (Space shows it)";
        return Effect::none;
    }
    if (place >= 0 && place < static_cast<std::ptrdiff_t>(columns.size()))
        std::swap(*found, columns[static_cast<std::size_t>(place)]);
    return Effect::none;
}

namespace {

/// The flows of a group, as a filter on top of the one in force.
Effect open_group(Ui& ui, const Picture& picture, const ShownRow& group) {
    const auto grouping = grouping_of(picture.kind, picture.by, ui.position(), ui.port_range);
    const std::string filter = filter_of(group, picture.around, grouping->keys);
    if (filter.empty()) {
        ui.message = "no filter tells these flows from others";
        return Effect::none;
    }
    take_step(ui, label_of(ui, group, picture.around));
    ui.filter = ui.filter.empty() ? filter : "(" + ui.filter + ") and " + filter;
    ui.by.clear();
    ui.view = View::flows;
    if (group.group->flows == 0) { // they have all ended: what there is of them is how
        ui.view = View::events;
        ui.step = ui.scrolled = 0;
        return Effect::rank;
    }
    ui.position().cursor = ui.position().first = 0;
    ui.position().chosen.reset();
    return Effect::rank;
}

/// The flow of the step that the cursor is on, as it was then; what it is now follows.
Effect open_step(Ui& ui, const Picture& picture) {
    if (ui.step >= picture.steps.size())
        return Effect::none;
    const auto& [step, extras] = picture.steps[picture.steps.size() - 1 - ui.step];
    if (!is_of_flow(step.kind)) {
        ui.message = "events are missing here, of flows that nobody knows";
        return Effect::none;
    }
    ui.opened = ShownRow{step.flow, step.life, extras, std::nullopt, std::nullopt, {}};
    if (step.kind == TransitionKind::ended)
        ui.opened->end = step;
    ui.overlay = Overlay::details;
    ui.top = 0;
    return Effect::none;
}

Effect open_row(Ui& ui, const Picture& picture) {
    if (ui.view == View::events)
        return open_step(ui, picture);
    if (ui.view == View::problems)
        return open_problem(ui, picture);
    const ShownRow* row = row_at_cursor(ui, picture);
    if (row == nullptr)
        return Effect::none;
    if (row->group)
        return open_group(ui, picture, *row);
    ui.opened = *row;
    return toggle_overlay(ui, picture, Overlay::details);
}

} // namespace

void start_in(Ui& ui, bool ports, std::string_view by) {
    if (ports)
        ui.view = View::ports;
    else if (by == rows_kind(Rows::hosts).by)
        ui.view = View::hosts;
    else if (!by.empty())
        show_groups(ui, std::string(by));
}

void go_to(Ui& ui, View view) {
    if (view != View::events && view != View::health) { // those are of the rows that led there
        if (!ui.trail.empty()) {
            ui.filter = ui.trail.front().filter;
            ui.kinds = ui.trail.front().kinds;
        }
        ui.trail.clear();
        ui.by.clear();
    }
    if (view != ui.view)
        clear_marks(ui);
    ui.view = view;
    ui.overlay = Overlay::none;
    ui.top = 0;
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
        return chosen == nullptr ? Effect::none : sort_by(ui, *chosen);
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
    if (!ui.marked.empty() || !ui.marked_groups.empty()) {
        clear_marks(ui);
        return Effect::none;
    }
    if (!ui.trail.empty()) {
        Ui::Step& step = ui.trail.back();
        ui.view = step.view;
        ui.by = step.by;
        ui.positions = std::move(step.positions);
        ui.filter = step.filter;
        ui.kinds = step.kinds;
        ui.trail.pop_back();
        return Effect::rank;
    }
    if (ui.filter.empty())
        return Effect::none;
    ui.filter.clear();
    return Effect::rank;
}

Effect filter_by_cell(Ui& ui, const Picture& picture, Size size, bool equal) {
    const ShownRow* const row = row_at_cursor(ui, picture);
    if (row == nullptr || ui.overlay != Overlay::none) {
        ui.message = "there is no cell here";
        return Effect::none;
    }
    const auto all = row_columns(ui, size.columns).all;
    const Column& column = *all[std::min(ui.position().cell, all.size() - 1)];
    const Value value = column.get(row->row(picture.around));
    std::string text = text_in_filter(value);
    if (column.kind == Kind::rate)
        text += "B";
    const std::string condition =
        std::string(column.name) + (equal ? "=" : "!=") + "\"" + text + "\"";
    if (is_absent(value) || text.empty() ||
        !std::holds_alternative<Filter>(Filter::parse(condition, ui.filter_names()))) {
        ui.message = "no filter tells this cell from others";
        return Effect::none;
    }
    ui.filter = ui.filter.empty() ? condition : "(" + ui.filter + ") and " + condition;
    return Effect::rank;
}

namespace {

/// The column of the cursor; before that was moved within its row, the first one with an address.
const Column& column_to_copy(const Ui& ui, Size size) {
    const auto all = row_columns(ui, size.columns).all;
    const std::size_t cell = std::min(ui.position().cell, all.size() - 1);
    const auto found = std::find_if(all.begin(), all.end(), [](const Column* each) {
        return each->kind == Kind::endpoint || each->kind == Kind::address;
    });
    return cell == 0 && found != all.end() ? **found : *all[cell];
}

} // namespace

Effect copy_cell(Ui& ui, const Picture& picture, Size size) {
    if (ui.overlay == Overlay::details && ui.opened) {
        ui.copied = first_command(*ui.opened, picture);
    } else if (const Ailment* problem = problem_at_cursor(ui, picture)) {
        ui.copied = picture.within + problem->look;
    } else if (const ShownRow* row = row_at_cursor(ui, picture)) {
        ui.copied = to_text(column_to_copy(ui, size).get(row->row(picture.around)));
    } else {
        ui.message = "there is nothing to copy here";
        return Effect::none;
    }
    ui.message = "copied, if the terminal can: " + ui.copied;
    return Effect::copy;
}

} // namespace natstat
