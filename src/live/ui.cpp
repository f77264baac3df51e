// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The key table. What takes more than a line to do is in moves.cpp, menus.cpp and prompt.cpp.
#include "natstat/live/ui.hpp"

#include "actions.hpp"

#include <algorithm>

namespace natstat {

namespace {

std::ptrdiff_t page(const Ui& ui, Size size) {
    return static_cast<std::ptrdiff_t>(std::max<std::size_t>(list_rows(ui, size), 2)) - 1;
}

template <int rows>
Effect step(Ui& ui, const Picture& picture, Size size) {
    return move_by(ui, picture, size, rows);
}

template <int direction, int part>
Effect turn_page(Ui& ui, const Picture& picture, Size size) {
    return move_by(ui, picture, size,
                   direction * std::max<std::ptrdiff_t>(page(ui, size) / part, 1));
}

template <Effect effect>
Effect only(Ui&, const Picture&, Size) {
    return effect;
}

template <View view>
Effect show(Ui& ui, const Picture&, Size) {
    go_to(ui, view);
    return Effect::rank;
}

Effect next_view(Ui& ui, const Picture&, Size) {
    go_to(ui, static_cast<View>((static_cast<std::size_t>(ui.view) + 1) % std::size(view_kinds)));
    return Effect::rank;
}

template <Overlay overlay>
Effect toggle(Ui& ui, const Picture& picture, Size) {
    return toggle_overlay(ui, picture, overlay);
}

bool is_sorted(const Ui& ui) {
    return ui.has_rows() && ui.overlay == Overlay::none;
}

Effect invert(Ui& ui, const Picture&, Size) {
    if (!is_sorted(ui))
        return Effect::none;
    ui.position().descending = !ui.position().descending;
    return Effect::rank;
}

template <int by>
Effect sort_beside(Ui& ui, const Picture&, Size) {
    if (ui.overlay == Overlay::columns)
        return move_column(ui, by);
    if (!is_sorted(ui))
        return Effect::none;
    const auto& columns = ui.position().columns;
    const auto count = static_cast<std::ptrdiff_t>(columns.size());
    auto at = std::find(columns.begin(), columns.end(), ui.position().sort) - columns.begin();
    if (at == count && by > 0) // it is not shown: the first one is next
        at = -1;
    return sort_by(ui, *columns[static_cast<std::size_t>((at + by + count) % count)]);
}

/// What a filter means hangs on it: a bare number is in the unit of the titles, a bare text is what
/// cells show.
template <bool Ui::*flag>
Effect flip(Ui& ui, const Picture&, Size) {
    ui.*flag = !(ui.*flag);
    return Effect::rank;
}

Effect change_background(Ui& ui, const Picture&, Size) {
    ui.light = !ui.light;
    return Effect::colors;
}

Effect pause(Ui& ui, const Picture&, Size) {
    ui.paused = !ui.paused;
    return ui.paused ? Effect::none : Effect::rank;
}

/// What the kernel will forget first.
Effect sort_by_expiry(Ui& ui, const Picture&, Size) {
    if (ui.rows() != Rows::flows || !is_sorted(ui)) {
        ui.message = "only flows expire";
        return Effect::none;
    }
    ui.position().sort = &column("timeout");
    ui.position().descending = false;
    return Effect::rank;
}

template <int by>
Effect seek(Ui& ui, const Picture&, Size) {
    ui.seek = std::chrono::seconds{by};
    return Effect::seek;
}

Effect seek_start(Ui& ui, const Picture&, Size) {
    ui.seek.reset();
    return Effect::seek;
}

/// Translated flows, all, and those that are not.
Effect next_kinds(Ui& ui, const Picture&, Size) {
    const auto* const now =
        std::find_if(std::begin(flow_choices), std::end(flow_choices),
                     [&](const FlowChoice& each) { return each.kinds == ui.kinds; });
    const bool last = std::end(flow_choices) - now <= 1;
    ui.kinds = (last ? flow_choices[0] : now[1]).kinds;
    return Effect::rank;
}

template <bool equal>
Effect filter_cell(Ui& ui, const Picture& picture, Size size) {
    return filter_by_cell(ui, picture, size, equal);
}

Effect next_span(Ui& ui) {
    const auto* const now = std::find(std::begin(change_spans), std::end(change_spans), ui.span);
    const bool last = std::end(change_spans) - now <= 1;
    ui.span = last ? change_spans[0] : now[1];
    return Effect::rank;
}

Effect choose_steps(Ui& ui, const Picture&, Size) {
    if (ui.view == View::changes)
        return next_span(ui);
    if (ui.view != View::events)
        return Effect::none;
    ui.steps = static_cast<StepChoice>((static_cast<int>(ui.steps) + 1) % 3);
    ui.step = ui.scrolled = 0;
    return Effect::rank;
}

template <int by>
Effect move_cell(Ui& ui, const Picture&, Size) {
    Position& place = ui.position();
    if (!ui.has_rows() || ui.overlay != Overlay::none)
        return Effect::none;
    const std::size_t last = place.columns.size() - 1;
    place.cell =
        by < 0 ? place.cell - std::min<std::size_t>(place.cell, 1) : std::min(place.cell + 1, last);
    return Effect::none;
}

template <bool longer>
Effect change_interval(Ui& ui, const Picture&, Size) {
    using std::chrono::milliseconds;
    constexpr milliseconds shortest{125}, longest{64'000}; // the option may go beyond them
    if (longer)
        ui.interval = std::max(ui.interval, std::min(2 * ui.interval, longest));
    else
        ui.interval = std::min(ui.interval, std::max(ui.interval / 2, shortest));
    ui.message = "every " + std::to_string(ui.interval.count()) + " ms";
    return Effect::none;
}

// clang-format off
constexpr KeyBinding table[] = {
    {{'q', key::f10}, "q F10", "quit", only<Effect::quit>, Only::anywhere, "quit", 6, true},
    {{'?', key::f1}, "? F1", "this help", toggle<Overlay::help>, Only::anywhere, "help", 5, true},
    {{'1'}, "1", "flows", show<View::flows>},
    {{'2'}, "2", "hosts", show<View::hosts>},
    {{'3'}, "3", "ports", show<View::ports>},
    {{'4'}, "4", "events", show<View::events>},
    {{'5'}, "5", "health", show<View::health>},
    {{'6'}, "6", "problems: what is wrong, and what to do", show<View::problems>},
    {{'d'}, "d", "what has changed: began, ended, failed", show<View::changes>},
    {{key::tab}, "Tab", "the next view", next_view},
    {{key::up, 'k'}, "Up k", "up", step<-1>},
    {{key::down, 'j'}, "Down j", "down", step<1>},
    {{key::page_up}, "PgUp", "a page up", turn_page<-1, 1>},
    {{key::page_down}, "PgDn", "a page down", turn_page<1, 1>},
    {{key::control('u')}, "^U", "half a page up", turn_page<-1, 2>},
    {{key::control('d')}, "^D", "half a page down", turn_page<1, 2>},
    {{key::home, 'g'}, "Home g", "to the start", to_start},
    {{key::end, 'G'}, "End G", "to the end", to_end},
    {{key::left}, "Left", "the cell before, also of hidden columns", move_cell<-1>},
    {{key::right}, "Right", "the cell after", move_cell<1>},
    {{'f'}, "f", "follow: the row, the newest event", follow},
    {{key::enter}, "Enter", "details, or the flows of a group or problem", choose, Only::anywhere, "open", 2},
    {{key::escape, key::backspace}, "Esc Bksp", "close, go back, clear the filter", leave},
    {{'/', key::f3, key::f4}, "/ F3 F4", "filter, or a text in a cell; in a menu: find", edit_filter, Only::anywhere, "filter", 1},
    {{'a'}, "a", "translated flows, all, routed, local", next_kinds},
    {{'='}, "=", "filter: only what is like the cell", filter_cell<true>},
    {{'!'}, "!", "filter: all but what is like the cell", filter_cell<false>},
    {{'s', key::f6}, "s F6", "sort by a column", toggle<Overlay::sort>, Only::anywhere, "sort", 3},
    {{'t'}, "t", "what expires first", sort_by_expiry},
    {{'I'}, "I", "the other way round", invert},
    {{'<'}, "<", "sort by the column before; in c: move it there", sort_beside<-1>},
    {{'>'}, ">", "sort by the column after; in c: move it there", sort_beside<1>},
    {{'c', key::f2}, "c F2", "choose columns", toggle<Overlay::columns>},
    {{'b', key::f5}, "b F5", "group by a column", toggle<Overlay::groups>},
    {{' '}, "Space", "mark the row, for x", mark},
    {{'p'}, "p", "pause", pause, Only::anywhere, "pause", 4},
    {{'n'}, "n", "names or numbers", flip<&Ui::names>},
    {{'y'}, "y", "copy the address or cell, or a command", copy_cell},
    {{'e'}, "e", "events: all, ends, failed; changes: how far back", choose_steps},
    {{'u'}, "u", "rates in bits or bytes", flip<&Ui::bits>},
    {{'C'}, "C", "colours for a dark or a light background", change_background},
    {{'S'}, "S", "remember columns, orders, units, colours", only<Effect::remember>},
    {{'+'}, "+", "a longer interval", change_interval<true>},
    {{'-'}, "-", "a shorter interval", change_interval<false>},
    {{'w'}, "w", "write what is shown to a file", edit_file_name},
    {{'x', key::f9}, "x F9", "delete what is marked, the flow or group (asks)", ask_removal, Only::kernel},
    {{'X'}, "X", "delete all that the view shows (asks)", ask_removal_of_all, Only::kernel},
    {{'['}, "[", "10 seconds back", seek<-10>, Only::file},
    {{']'}, "]", "10 seconds on", seek<10>, Only::file},
    {{'{'}, "{", "a minute back", seek<-60>, Only::file},
    {{'}'}, "}", "a minute on", seek<60>, Only::file},
    {{'0'}, "0", "from the start of the recording", seek_start, Only::file},
    {{key::click}, "click", "select; on a title: sort; in a menu: take", click},
    {{key::wheel_up}, "wheel up", "scroll up", step<-3>},
    {{key::wheel_down}, "wheel down", "scroll down", step<3>},
    {{key::control('l')}, "^L", "draw all anew", only<Effect::redraw>},
    {{key::control('z')}, "^Z", "suspend", only<Effect::suspend>},
};
// clang-format on

} // namespace

Filter::Parsed chosen_filter(const Ui& ui) {
    auto typed = Filter::parse(ui.filter, ui.filter_names());
    auto* const filter = std::get_if<Filter>(&typed);
    if (filter != nullptr && !ui.kinds.empty())
        filter->require(std::get<Filter>(Filter::on_column(column("kind"), ui.kinds)));
    return typed;
}

std::span<const KeyBinding> key_table() {
    return table;
}

Effect update(Ui& ui, Key pressed, const Picture& picture, Size size) {
    if (pressed == 0) // nothing that natstat knows, or the terminal's word of a new size
        return Effect::none;
    ui.message.clear();
    if (ui.prompt)
        return type(ui, pressed, picture, size);
    if (ui.overlay == Overlay::removal)
        return answer_removal(ui, pressed);
    for (const KeyBinding& binding : table)
        if (has_key(binding, picture.replay) &&
            std::find(binding.keys.begin(), binding.keys.end(), pressed) != binding.keys.end())
            return binding.run(ui, picture, size);
    return Effect::none;
}

} // namespace natstat
