// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A filter is in force as soon as what is typed is one; a text that cells are to show may also be
// the beginning of a word of the language, and then waits for Enter. A file name is taken by Enter.
#include "actions.hpp"
#include "panels.hpp"

#include "natstat/filter/completion.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// Whether people look for it in a cell: it says what a flow is, and does not change by itself.
bool is_searched(Kind kind) {
    switch (kind) {
    case Kind::absent:
    case Kind::count:
    case Kind::bytes:
    case Kind::rate:
    case Kind::duration:
    case Kind::time:
    case Kind::percent:
    case Kind::holders:
        return false;
    case Kind::text:
    case Kind::change:
    case Kind::hex:
    case Kind::protocol:
    case Kind::address:
    case Kind::port:
    case Kind::endpoint:
    case Kind::tuple:
    case Kind::flags:
    case Kind::labels:
    case Kind::network:
        break;
    }
    return true;
}

/// The columns of the view that have words.
std::vector<const Column*> searched_columns(const Ui& ui) {
    std::vector<const Column*> found;
    const auto add = [&found](const Column& each) {
        if (is_searched(each.kind) && !is_of_groups(each))
            found.push_back(&each);
    };
    if (ui.view == View::events)
        for (const std::string_view name : step_columns())
            add(column(name));
    else
        for (const Column* each : ui.position().columns)
            add(*each);
    return found;
}

/// The words with which the filter can go on, and what stands before them.
struct Completions {
    std::string before;
    std::vector<std::string> words;
    bool begun; // there is a part of one
};

Completions completions(const Ui& ui) {
    FilterPlace place = filter_place(std::vector{ui.prompt->text});
    const auto choices = filter_choices(place, ui.written.labels);
    const std::size_t comma = place.value.rfind(','); // of a list the last one
    if (comma != std::string::npos) {
        place.before += place.value.substr(0, comma + 1);
        place.value.erase(0, comma + 1);
    }
    Completions found{place.before, {}, !place.value.empty()};
    for (const FilterChoice& each : choices)
        if (each.word.starts_with(place.value))
            found.words.push_back(each.word);
    std::sort(found.words.begin(), found.words.end());
    found.words.erase(std::unique(found.words.begin(), found.words.end()), found.words.end());
    return found;
}

/// Whether the text is one for cells only, and could become a word of the language.
bool may_go_on(const Ui& ui) {
    FilterNames strict = ui.filter_names();
    strict.cells.clear();
    const Completions found = completions(ui);
    return found.begun && !found.words.empty() &&
           std::holds_alternative<FilterError>(Filter::parse(ui.prompt->text, strict));
}

/// With `whole` the user has said that it is all of the filter.
Effect try_filter(Ui& ui, bool whole = false) {
    Prompt& prompt = *ui.prompt;
    prompt.problem.clear();
    prompt.hint.clear();
    if (prompt.what != Prompt::For::filter)
        return Effect::none;
    const auto parsed = Filter::parse(prompt.text, ui.filter_names());
    if (const auto* error = std::get_if<FilterError>(&parsed)) {
        prompt.problem = error->reason;
        return Effect::none;
    }
    if (!whole && may_go_on(ui)) {
        prompt.hint = "Tab goes on, Enter looks for it in the cells";
        return Effect::none;
    }
    if (ui.filter == prompt.text)
        return Effect::none;
    ui.filter = prompt.text;
    return Effect::rank;
}

/// What all of them begin with.
std::string common_beginning(const std::vector<std::string>& words) {
    std::string common = words.front();
    for (const std::string& word : words)
        common.resize(static_cast<std::size_t>(
            std::mismatch(common.begin(), common.end(), word.begin(), word.end()).first -
            common.begin()));
    return common;
}

/// Tab: as much as is certain; where there are several words, which.
Effect complete(Ui& ui) {
    Prompt& prompt = *ui.prompt;
    if (prompt.what != Prompt::For::filter)
        return Effect::none;
    const auto [before, words, begun] = completions(ui);
    if (words.empty()) {
        prompt.hint = "no word begins like this";
        return Effect::none;
    }
    const std::string text = before + common_beginning(words);
    const bool goes_on = text != prompt.text;
    prompt.text = text;
    const Effect effect = try_filter(ui);
    if (words.size() == 1 || goes_on)
        return effect;
    prompt.problem.clear();
    prompt.hint.clear();
    for (const std::string& word : words)
        prompt.hint += (prompt.hint.empty() ? "" : " ") + word;
    return effect;
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

/// Goes to the first line of the menu that has the text in its name.
Effect find_line(Ui& ui) {
    Prompt& prompt = *ui.prompt;
    const auto menu = menu_of(ui);
    const auto has_text = [&](const Column* each) {
        return each != nullptr && each->name.find(prompt.text) != std::string_view::npos;
    };
    const auto found = std::find_if(menu.begin(), menu.end(), has_text);
    prompt.problem = found == menu.end() ? "no line has this" : "";
    if (found != menu.end())
        ui.choice = static_cast<std::size_t>(found - menu.begin());
    return Effect::none;
}

/// What is typed has changed.
Effect changed(Ui& ui) {
    return ui.prompt->what == Prompt::For::menu ? find_line(ui) : try_filter(ui);
}

Effect finish(Ui& ui, const Picture& picture, Size size) {
    if (ui.prompt->what == Prompt::For::menu) {
        ui.prompt.reset();
        return choose(ui, picture, size);
    }
    if (ui.prompt->what == Prompt::For::file) {
        if (!ui.prompt->text.empty())
            return Effect::write; // which takes the prompt
        ui.prompt->problem = "a file needs a name (Esc: none)";
        return Effect::none;
    }
    const Effect effect = try_filter(ui, true);
    if (ui.prompt->problem.empty()) {
        remember(ui.filters, ui.filter);
        ui.prompt.reset();
    }
    return effect;
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

FilterNames Ui::filter_names() const {
    FilterNames settings = written;
    settings.bits = bits;
    settings.cells = searched_columns(*this);
    return settings;
}

Effect edit_filter(Ui& ui, const Picture&, Size) {
    if (!menu_of(ui).empty()) {
        ui.prompt = Prompt{Prompt::For::menu, {}, {}, {}, {}, 0};
        return Effect::none;
    }
    ui.overlay = Overlay::none;
    ui.prompt = Prompt{Prompt::For::filter, ui.filter, {}, {}, {}, 0};
    return Effect::none;
}

Effect edit_file_name(Ui& ui, const Picture&, Size) {
    if (ui.view == View::health || ui.view == View::problems) {
        ui.message =
            ui.view == View::health ? "natstat --health writes it" : "natstat --diagnose writes it";
        return Effect::none;
    }
    ui.overlay = Overlay::none;
    ui.prompt = Prompt{Prompt::For::file, {}, {}, {}, {}, 0};
    return Effect::none;
}

Effect type(Ui& ui, Key pressed, const Picture& picture, Size size) {
    std::string& text = ui.prompt->text;
    switch (pressed) {
    case key::enter:
        return finish(ui, picture, size);
    case key::escape:
        return give_up(ui);
    case key::up:
        return recall(ui, true);
    case key::down:
        return recall(ui, false);
    case key::tab:
        return complete(ui);
    case key::backspace:
        while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80)
            text.pop_back(); // a character of several bytes
        if (!text.empty())
            text.pop_back();
        return changed(ui);
    case key::control('u'):
        text.clear();
        return changed(ui);
    default:
        if (pressed < ' ' || pressed == 0x7F || pressed > 0xFF)
            return Effect::none;
        text += static_cast<char>(pressed);
        return changed(ui);
    }
}

} // namespace natstat
