// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A filter is in force as soon as what is typed is one; a file name, when Enter is pressed.
#include "actions.hpp"

namespace natstat {

namespace {

Effect try_filter(Ui& ui) {
    Prompt& prompt = *ui.prompt;
    if (prompt.what != Prompt::For::filter) {
        prompt.problem.clear();
        return Effect::none;
    }
    const auto parsed = Filter::parse(prompt.text, ui.filter_names());
    if (const auto* error = std::get_if<FilterError>(&parsed)) {
        prompt.problem = error->reason;
        return Effect::none;
    }
    prompt.problem.clear();
    if (ui.filter == prompt.text)
        return Effect::none;
    ui.filter = prompt.text;
    return Effect::rank;
}

/// Filters that were in force come back, the last one first.
void remember(std::vector<std::string>& history, const std::string& text) {
    if (text.empty())
        return;
    std::erase(history, text);
    history.push_back(text);
    constexpr std::size_t most = 100;
    if (history.size() > most)
        history.erase(history.begin());
}

/// Goes to an older filter, or to a newer one.
Effect recall(Ui& ui, bool older) {
    Prompt& prompt = *ui.prompt;
    const std::size_t count = ui.filters.size();
    if (prompt.what != Prompt::For::filter || (older ? prompt.back == count : prompt.back == 0))
        return Effect::none;
    if (prompt.back == 0)
        prompt.typed = prompt.text;
    prompt.back = older ? prompt.back + 1 : prompt.back - 1;
    prompt.text = prompt.back == 0 ? prompt.typed : ui.filters[count - prompt.back];
    return try_filter(ui);
}

Effect finish(Ui& ui) {
    if (ui.prompt->what == Prompt::For::file) {
        if (!ui.prompt->text.empty())
            return Effect::write; // which takes the prompt
        ui.prompt->problem = "a file needs a name (Esc: none)";
        return Effect::none;
    }
    if (ui.prompt->problem.empty()) {
        remember(ui.filters, ui.filter);
        ui.prompt.reset();
    }
    return Effect::none;
}

Effect give_up(Ui& ui) {
    const bool filter = ui.prompt->what == Prompt::For::filter;
    ui.prompt.reset();
    if (!filter || ui.filter.empty())
        return Effect::none;
    ui.filter.clear();
    return Effect::rank;
}

} // namespace

Effect edit_filter(Ui& ui, const Picture&, Size) {
    ui.overlay = Overlay::none;
    ui.prompt = Prompt{Prompt::For::filter, ui.filter, {}, {}, 0};
    return Effect::none;
}

Effect edit_file_name(Ui& ui, const Picture&, Size) {
    if (ui.view == View::health) {
        ui.message = "natstat --health writes it";
        return Effect::none;
    }
    ui.overlay = Overlay::none;
    ui.prompt = Prompt{Prompt::For::file, {}, {}, {}, 0};
    return Effect::none;
}

Effect type(Ui& ui, Key pressed) {
    std::string& text = ui.prompt->text;
    switch (pressed) {
    case key::enter:
        return finish(ui);
    case key::escape:
        return give_up(ui);
    case key::up:
        return recall(ui, true);
    case key::down:
        return recall(ui, false);
    case key::backspace:
        while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80)
            text.pop_back(); // a character of several bytes
        if (!text.empty())
            text.pop_back();
        return try_filter(ui);
    case key::control('u'):
        text.clear();
        return try_filter(ui);
    default:
        if (pressed < ' ' || pressed == 0x7F || pressed > 0xFF)
            return Effect::none;
        text += static_cast<char>(pressed);
        return try_filter(ui);
    }
}

} // namespace natstat
