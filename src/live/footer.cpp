// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The line below the view: the views, and the keys that somebody needs first. Help and the way out
// stay on it, whatever else has no room.
#include "line.hpp"
#include "panels.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// The keys of the key table that have a word, in their order.
std::vector<const KeyBinding*> named_keys() {
    std::vector<const KeyBinding*> named;
    for (const KeyBinding& each : key_table())
        if (!each.word.empty())
            named.push_back(&each);
    std::sort(named.begin(), named.end(),
              [](const KeyBinding* a, const KeyBinding* b) { return a->place < b->place; });
    return named;
}

/// The first spelling of it.
std::string_view first_name(const KeyBinding& binding) {
    return binding.shown.substr(0, binding.shown.find(' '));
}

std::size_t width_of(const KeyBinding& binding) {
    return 3 + first_name(binding).size() + binding.word.size();
}

FooterItem item_of(const KeyBinding& binding, std::size_t column, bool with_word) {
    return {column, std::string(first_name(binding)), with_word ? std::string(binding.word) : "",
            binding.keys.front(), false};
}

} // namespace

std::vector<FooterItem> footer_of(const Ui& ui, std::size_t columns) {
    const auto keys = named_keys();
    std::vector<FooterItem> items;
    std::vector<const KeyBinding*> chosen;
    std::size_t always = 0; // cells for those that never leave
    for (const KeyBinding* each : keys)
        if (each->stays)
            always += width_of(*each);
    const bool words = always <= columns;
    std::size_t column = 1, left = columns - std::min(columns, always + 1);
    const std::size_t first = width_of(*keys.front()); // before the last of the views
    for (const ViewKind& view : view_kinds) {
        const std::size_t width = 3 + view.name.size();
        if (width + first > left)
            break;
        items.push_back({column, std::string(1, static_cast<char>(view.key)),
                         std::string(view.name), view.key, &view == &kind_of(ui.view)});
        column += width;
        left -= width;
    }
    for (const KeyBinding* each : keys) {
        if (!each->stays && width_of(*each) > left)
            continue;
        left -= each->stays ? 0 : width_of(*each);
        column += column > 1 ? 1 : 0;
        items.push_back(item_of(*each, column, words));
        column += words ? width_of(*each) - 1 : first_name(*each).size();
    }
    return items;
}

void draw_footer(Frame& frame, std::size_t row, const Ui& ui) {
    for (const FooterItem& item : footer_of(ui, frame.size().columns)) {
        const std::size_t end = frame.put(row, item.column, item.key_text, Role::key);
        frame.put(row, end + 1, item.word, item.current ? Role::selected : Role::plain);
    }
}

Key footer_key(const Ui& ui, std::size_t columns, std::size_t cell) {
    for (const FooterItem& item : footer_of(ui, columns))
        if (cell >= item.column && cell < item.column + item.key_text.size() + 1 + item.word.size())
            return item.key;
    return 0;
}

} // namespace natstat
