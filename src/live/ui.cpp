// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The key table, what each key does, and typing a filter.
#include "natstat/live/ui.hpp"

#include <algorithm>

namespace natstat {

namespace {

constexpr std::string_view columns_by_need[] = {
    "gateway",   "source",  "destination", "state",   "proto", "bytes",   "held", "idle",
    "rate_down", "rate_up", "age",         "timeout", "kind",  "packets", "mark", "zone",
};

std::size_t last_place(const Picture& picture) {
    return picture.matched == 0 ? 0 : picture.matched - 1;
}

Effect move_to(Ui& ui, const Picture& picture, std::size_t place) {
    ui.cursor = std::min(place, last_place(picture));
    ui.chosen.reset();
    return Effect::look;
}

Effect move_by(Ui& ui, const Picture& picture, std::ptrdiff_t rows) {
    if (ui.overlay == Overlay::sort) {
        const auto last = static_cast<std::ptrdiff_t>(live_columns().size()) - 1;
        const auto place = static_cast<std::ptrdiff_t>(ui.choice) + rows;
        ui.choice = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(place, 0, last));
        return Effect::none;
    }
    if (ui.view == View::events) {
        const auto last = static_cast<std::ptrdiff_t>(picture.steps.size());
        const auto place = static_cast<std::ptrdiff_t>(ui.scrolled) - rows;
        ui.scrolled = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(place, 0, last));
        return Effect::none;
    }
    const auto cursor = static_cast<std::ptrdiff_t>(ui.cursor) + rows;
    return move_to(ui, picture, static_cast<std::size_t>(std::max<std::ptrdiff_t>(cursor, 0)));
}

std::ptrdiff_t page(Size size) {
    return static_cast<std::ptrdiff_t>(std::max<std::size_t>(list_rows(size), 2)) - 1;
}

template <int rows>
Effect step(Ui& ui, const Picture& picture, Size) {
    return move_by(ui, picture, rows);
}

template <int direction, int part>
Effect turn_page(Ui& ui, const Picture& picture, Size size) {
    return move_by(ui, picture, direction * std::max<std::ptrdiff_t>(page(size) / part, 1));
}

Effect to_start(Ui& ui, const Picture& picture, Size) {
    ui.scrolled = picture.steps.size();
    return ui.view == View::flows ? move_to(ui, picture, 0) : Effect::none;
}

Effect to_end(Ui& ui, const Picture& picture, Size) {
    ui.scrolled = 0;
    return ui.view == View::flows ? move_to(ui, picture, last_place(picture)) : Effect::none;
}

Effect quit(Ui&, const Picture&, Size) {
    return Effect::quit;
}
Effect suspend(Ui&, const Picture&, Size) {
    return Effect::suspend;
}
Effect redraw(Ui&, const Picture&, Size) {
    return Effect::redraw;
}

template <View view>
Effect show(Ui& ui, const Picture&, Size) {
    ui.view = view;
    ui.overlay = Overlay::none;
    return Effect::none;
}

Effect next_view(Ui& ui, const Picture&, Size) {
    ui.view = static_cast<View>((static_cast<std::size_t>(ui.view) + 1) % std::size(view_names));
    ui.overlay = Overlay::none;
    return Effect::none;
}

template <Overlay overlay>
Effect toggle(Ui& ui, const Picture& picture, Size) {
    if (overlay == Overlay::details && (ui.view != View::flows || picture.flows.empty()))
        return Effect::none;
    ui.overlay = ui.overlay == overlay ? Overlay::none : overlay;
    const auto& columns = live_columns();
    ui.choice = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), ui.sort) -
                                         columns.begin());
    return Effect::none;
}

Effect choose(Ui& ui, const Picture& picture, Size size) {
    if (ui.overlay != Overlay::sort)
        return toggle<Overlay::details>(ui, picture, size);
    const std::string_view column = live_columns()[std::min(ui.choice, live_columns().size() - 1)];
    ui.descending = column == ui.sort ? !ui.descending : columns_by_need[5] == column;
    ui.sort = column;
    ui.overlay = Overlay::none;
    return Effect::rank;
}

Effect invert(Ui& ui, const Picture&, Size) {
    ui.descending = !ui.descending;
    return Effect::rank;
}

template <int by>
Effect sort_beside(Ui& ui, const Picture&, Size) {
    const auto columns = live_columns();
    const auto count = static_cast<std::ptrdiff_t>(columns.size());
    const auto at = std::find(columns.begin(), columns.end(), ui.sort) - columns.begin();
    ui.sort = columns[static_cast<std::size_t>((at + by + count) % count)];
    return Effect::rank;
}

Effect edit_filter(Ui& ui, const Picture&, Size) {
    ui.editing = ui.filter;
    ui.problem.clear();
    return Effect::none;
}

Effect leave(Ui& ui, const Picture&, Size) {
    if (ui.overlay != Overlay::none) {
        ui.overlay = Overlay::none;
        return Effect::none;
    }
    if (ui.filter.empty())
        return Effect::none;
    ui.filter.clear();
    return Effect::rank;
}

Effect pause(Ui& ui, const Picture&, Size) {
    ui.paused = !ui.paused;
    return ui.paused ? Effect::none : Effect::rank;
}

Effect change_units(Ui& ui, const Picture&, Size) {
    ui.bits = !ui.bits;
    return Effect::none;
}

template <bool longer>
Effect change_interval(Ui& ui, const Picture&, Size) {
    using std::chrono::milliseconds;
    ui.interval = std::clamp(longer ? 2 * ui.interval : ui.interval / 2, milliseconds{125},
                             milliseconds{64000});
    ui.message = "every " + std::to_string(ui.interval.count()) + " ms";
    return Effect::none;
}

// clang-format off
constexpr KeyBinding table[] = {
    {{'q'}, "q", "quit", quit},
    {{'?', key::f1}, "? F1", "this help", toggle<Overlay::help>},
    {{key::up, 'k'}, "Up k", "up", step<-1>},
    {{key::down, 'j'}, "Down j", "down", step<1>},
    {{key::page_up}, "PgUp", "a page up", turn_page<-1, 1>},
    {{key::page_down}, "PgDn", "a page down", turn_page<1, 1>},
    {{key::control('u')}, "^U", "half a page up", turn_page<-1, 2>},
    {{key::control('d')}, "^D", "half a page down", turn_page<1, 2>},
    {{key::home, 'g'}, "Home g", "to the start", to_start},
    {{key::end, 'G'}, "End G", "to the end", to_end},
    {{key::enter}, "Enter", "details of the flow; choose", choose},
    {{key::escape}, "Esc", "leave; clear the filter", leave},
    {{'/'}, "/", "filter, as you type (^U empties)", edit_filter},
    {{'s', key::f6}, "s F6", "sort by a column", toggle<Overlay::sort>},
    {{'I'}, "I", "the other way round", invert},
    {{'<'}, "<", "sort by the column before", sort_beside<-1>},
    {{'>'}, ">", "sort by the column after", sort_beside<1>},
    {{' '}, "Space", "pause", pause},
    {{'u'}, "u", "rates in bits or bytes", change_units},
    {{'+'}, "+", "a longer interval", change_interval<true>},
    {{'-'}, "-", "a shorter interval", change_interval<false>},
    {{'1'}, "1", "flows", show<View::flows>},
    {{'2'}, "2", "events", show<View::events>},
    {{key::tab}, "Tab", "the next view", next_view},
    {{key::control('l')}, "^L", "draw all anew", redraw},
    {{key::control('z')}, "^Z", "suspend", suspend},
};
// clang-format on

/// Puts what is typed into force as soon as it is a filter.
Effect try_filter(Ui& ui) {
    auto parsed = Filter::parse(*ui.editing);
    if (const auto* error = std::get_if<FilterError>(&parsed)) {
        ui.problem = error->reason;
        return Effect::none;
    }
    ui.problem.clear();
    if (ui.filter == *ui.editing)
        return Effect::none;
    ui.filter = *ui.editing;
    return Effect::rank;
}

Effect type(Ui& ui, Key pressed) {
    std::string& text = *ui.editing;
    switch (pressed) {
    case key::enter:
        if (ui.problem.empty())
            ui.editing.reset();
        return Effect::none;
    case key::escape:
        ui.editing.reset();
        ui.problem.clear();
        if (ui.filter.empty())
            return Effect::none;
        ui.filter.clear();
        return Effect::rank;
    case key::backspace:
        if (!text.empty())
            text.pop_back();
        return try_filter(ui);
    case key::control('u'):
        text.clear();
        return try_filter(ui);
    default:
        if (pressed < ' ' || pressed > '~')
            return Effect::none;
        text += static_cast<char>(pressed);
        return try_filter(ui);
    }
}

} // namespace

std::span<const KeyBinding> key_table() {
    return table;
}

std::span<const std::string_view> live_columns() {
    return columns_by_need;
}

std::size_t list_rows(Size size) {
    constexpr std::size_t around = 5; // three lines above, the titles, one line below
    return size.rows > around ? size.rows - around : 0;
}

Effect update(Ui& ui, Key pressed, const Picture& picture, Size size) {
    ui.message.clear();
    if (ui.editing)
        return type(ui, pressed);
    for (const KeyBinding& binding : table)
        if (std::find(binding.keys.begin(), binding.keys.end(), pressed) != binding.keys.end() &&
            pressed != 0)
            return binding.run(ui, picture, size);
    return Effect::none;
}

void settle(Ui& ui, const Picture& picture, Size size) {
    const auto& flows = picture.flows;
    if (ui.chosen) {
        const auto same = [&](const ShownFlow& shown) {
            return shown.flow.id == ui.chosen->id && same_connection(shown.flow, *ui.chosen);
        };
        const auto found = std::find_if(flows.begin(), flows.end(), same);
        if (found != flows.end())
            ui.cursor = picture.first + static_cast<std::size_t>(found - flows.begin());
    }
    ui.cursor = std::min(ui.cursor, last_place(picture));
    if (ui.cursor >= picture.first && ui.cursor - picture.first < flows.size())
        ui.chosen = flows[ui.cursor - picture.first].flow;
    const std::size_t rows = std::max<std::size_t>(list_rows(size), 1);
    ui.first = std::min(ui.first, ui.cursor);
    if (ui.cursor >= ui.first + rows)
        ui.first = ui.cursor - rows + 1;
}

} // namespace natstat
