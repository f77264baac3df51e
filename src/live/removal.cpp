// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Marks, and what they are for: the end of flows. One flow is confirmed by y, several by their
// number, and those that were counted are deleted, no others.
#include "actions.hpp"
#include "panels.hpp"

#include <algorithm>
#include <functional>

namespace natstat {

namespace {

/// The flows of a group as a condition; empty where no filter tells them from others.
std::string condition_of(const ShownRow& group, const Picture& picture, const Ui& ui) {
    const auto grouping =
        grouping_of(picture.kind, picture.by, ui.positions[static_cast<std::size_t>(picture.kind)]);
    return filter_of(group, picture.around, grouping->keys);
}

/// Puts it in, or takes it out.
template <typename Element, typename Same>
void toggle(std::vector<Element>& all, const Element& one, Same&& same) {
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Element& each) { return same(each, one); });
    if (found == all.end())
        all.push_back(one);
    else
        all.erase(found);
}

Effect gather(Ui& ui, std::string condition) {
    ui.doomed_by = std::move(condition);
    return Effect::gather;
}

std::string any_of(const std::vector<std::string>& conditions) {
    std::string text;
    for (const std::string& each : conditions)
        text += (text.empty() ? "" : " or ") + ("(" + each + ")");
    return text;
}

Effect refuse(Ui& ui, std::string why) {
    ui.message = std::move(why);
    return Effect::none;
}

constexpr std::string_view no_condition = "no filter tells these flows from others";

} // namespace

Effect mark(Ui& ui, const Picture& picture, Size size) {
    if (ui.overlay == Overlay::columns)
        return choose(ui, picture, size);
    const ShownRow* const row = row_at_cursor(ui, picture);
    if (row == nullptr || ui.overlay != Overlay::none)
        return refuse(ui, "there is no row here to mark");
    if (!row->group) {
        toggle(ui.marked, row->flow, same_flow);
    } else {
        const std::string condition = condition_of(*row, picture, ui);
        if (condition.empty())
            return refuse(ui, std::string(no_condition));
        toggle(ui.marked_groups, condition, std::equal_to<>());
    }
    return move_by(ui, picture, size, 1);
}

void clear_marks(Ui& ui) {
    ui.marked.clear();
    ui.marked_groups.clear();
}

bool is_marked(const ShownRow& shown, const Picture& picture, const Ui& ui) {
    if (!shown.group)
        return std::any_of(ui.marked.begin(), ui.marked.end(),
                           [&](const Flow& each) { return same_flow(each, shown.flow); });
    return !ui.marked_groups.empty() &&
           std::find(ui.marked_groups.begin(), ui.marked_groups.end(),
                     condition_of(shown, picture, ui)) != ui.marked_groups.end();
}

Effect ask_removal(Ui& ui, const Picture& picture, Size) {
    if (!ui.marked_groups.empty())
        return gather(ui, any_of(ui.marked_groups));
    if (!ui.marked.empty()) {
        ui.doomed_by.clear();
        ask_about(ui, ui.marked);
        return Effect::none;
    }
    const ShownRow* const row = row_at_cursor(ui, picture);
    if (row == nullptr || row->end)
        return refuse(ui, row == nullptr ? "there is no flow here" : "it has ended already");
    if (row->group) {
        const std::string condition = condition_of(*row, picture, ui);
        return condition.empty() ? refuse(ui, std::string(no_condition)) : gather(ui, condition);
    }
    ui.position().chosen = *row;
    ui.doomed_by.clear();
    ask_about(ui, {row->flow});
    return Effect::none;
}

Effect ask_removal_of_all(Ui& ui, const Picture&, Size) {
    return ui.has_rows() ? gather(ui, "") : refuse(ui, "this view has no flows to delete");
}

void ask_about(Ui& ui, std::vector<Flow> flows) {
    ui.doomed.clear();
    ui.confirmed.clear();
    if (flows.empty()) {
        ui.message = "there is no such flow any more";
    } else if (flows.size() > doomed_limit) {
        ui.message = "nothing is deleted: " + std::to_string(flows.size()) +
                     " flows are too many at once (a filter can narrow them; 65536 is the most)";
    } else {
        ui.doomed = std::move(flows);
        ui.overlay = Overlay::removal;
    }
}

Effect answer_removal(Ui& ui, Key pressed) {
    const bool one = ui.doomed.size() == 1;
    const bool digit = pressed >= '0' && pressed <= '9';
    if (!one && digit && ui.confirmed.size() < std::to_string(doomed_limit).size()) {
        ui.confirmed += static_cast<char>(pressed);
        return Effect::none;
    }
    if (!one && pressed == key::backspace && !ui.confirmed.empty()) {
        ui.confirmed.pop_back();
        return Effect::none;
    }
    ui.overlay = Overlay::none;
    const bool yes =
        one ? pressed == 'y'
            : pressed == key::enter && ui.confirmed == std::to_string(ui.doomed.size());
    if (yes && !ui.doomed.empty()) {
        clear_marks(ui);
        return Effect::remove;
    }
    ui.doomed.clear();
    return refuse(ui, "nothing was deleted");
}

} // namespace natstat
