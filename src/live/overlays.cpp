// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Boxes over the view, as large as their text and the screen allow; what does not fit scrolls.
#include "panels.hpp"

#include "natstat/live/styles.hpp"

#include <algorithm>

namespace natstat {

namespace {

struct Box {
    std::string title;
    Lines lines;
};

/// Rows of a box beside its lines: the title, and the line that closes it.
constexpr std::size_t frame_rows = 2;

std::size_t box_room(Size size) {
    return std::max(size.rows, frame_rows + 1) - frame_rows;
}

/// What is longer than the screen goes on in the next line. A command is cut for the shell, so that
/// no part of it can pass for the whole.
Lines wrapped(const Lines& lines, Size size) {
    constexpr std::size_t sides = 6; // the frame, blanks, and room for " \\"
    const std::size_t width = std::max(size.columns, sides + 10) - sides;
    Lines result;
    for (const auto& [line, role] : lines) {
        std::string_view rest = line;
        while (width_of(rest) > width) {
            std::size_t end = first_cells(rest, width).size();
            const std::size_t blank = rest.rfind(' ', end);
            end = blank == std::string_view::npos || blank < width / 2 ? end : blank;
            result.emplace_back(std::string(rest.substr(0, end)) + (role == Role::key ? " \\" : ""),
                                role);
            rest.remove_prefix(end);
        }
        result.emplace_back(std::string(rest), role);
    }
    return result;
}

/// What the colours of the screen mean, each in its own.
Lines legend() {
    Lines lines{{"", Role::plain}, {"Colours", Role::strong}};
    for (const Style& style : styles())
        if (!style.meaning.empty())
            lines.emplace_back(style.meaning, style.role);
    return lines;
}

Box help_box(const Picture& picture, Size size) {
    std::vector<std::string> keys;
    std::size_t width = 1;
    for (const KeyBinding& binding : key_table()) {
        if (!has_key(binding, picture.replay))
            continue;
        std::string text(binding.shown);
        text.resize(std::max<std::size_t>(text.size() + 1, 10), ' ');
        keys.push_back(text + std::string(binding.help));
        width = std::max(width, keys.back().size() + 2);
    }
    // Beside each other where they do not fit below each other, as long as there is room.
    const Lines colors = legend();
    const std::size_t room = std::max(box_room(size), colors.size() + 1) - colors.size();
    const std::size_t most = std::max<std::size_t>(size.columns / width, 1);
    const std::size_t stacks = std::min((keys.size() + room - 1) / room, most);
    const std::size_t rows = (keys.size() + stacks - 1) / stacks;
    Box box{"Keys", Lines(rows, {"", Role::plain})};
    for (std::size_t i = 0; i < keys.size(); ++i) {
        std::string& line = box.lines[i % rows].first;
        line.resize(i / rows * width, ' ');
        line += keys[i];
    }
    box.lines.insert(box.lines.end(), colors.begin(), colors.end());
    return box;
}

Box details_box(const Picture& picture, const Ui& ui, Size size) {
    if (!ui.opened)
        return {};
    const bool ended = ui.opened->end.has_value();
    return {ended ? "Flow, ended (Enter or Esc closes)" : "Flow (Enter or Esc closes)",
            wrapped(details_of(*ui.opened, picture, ui), size)};
}

/// What is to be deleted in a line.
std::string short_text(const Flow& flow, const Surroundings& around) {
    static const Extras none;
    const Row row(flow, none, around);
    std::string text;
    for (const char* name : {"proto", "source", "gateway", "destination", "state"}) {
        const Value value = column(name).get(row);
        if (!is_absent(value))
            text += (text.empty() ? "" : "  ") + to_text(value);
    }
    return text;
}

Box many_box(const Picture& picture, const Ui& ui, Size size) {
    const std::string count = std::to_string(ui.doomed.size());
    Box box{"Delete " + count + " flows? Type " + count + " and Enter; Esc keeps them", {}};
    box.lines.emplace_back("number: " + ui.confirmed + "_", Role::key);
    if (!ui.doomed_by.empty())
        box.lines.emplace_back(ui.doomed_by, Role::strong);
    if (!ui.filter.empty() && (!ui.doomed_by.empty() || ui.marked.empty()))
        box.lines.emplace_back("of those that meet " + ui.filter, Role::strong);
    constexpr std::size_t shown = 10;
    for (std::size_t i = 0; i < std::min(shown, ui.doomed.size()); ++i)
        box.lines.emplace_back(short_text(ui.doomed[i], picture.around), Role::plain);
    if (ui.doomed.size() > shown)
        box.lines.emplace_back("and " + std::to_string(ui.doomed.size() - shown) + " more",
                               Role::plain);
    box.lines.emplace_back("The kernel forgets them; their next packets begin anew or are dropped.",
                           Role::dim);
    box.lines = wrapped(box.lines, size);
    return box;
}

Box removal_box(const Picture& picture, const Ui& ui, Size size) {
    if (ui.doomed.empty())
        return {};
    if (ui.doomed.size() > 1)
        return many_box(picture, ui, size);
    static const Extras none;
    const Row row(ui.doomed.front(), none, picture.around);
    Box box{"Delete this flow? y deletes it, any other key does not", {}};
    for (const char* name : {"proto", "source", "gateway", "destination", "state", "id"}) {
        std::string line(name);
        line.resize(13, ' ');
        box.lines.emplace_back(line + to_text(column(name).get(row)), Role::plain);
    }
    box.lines.emplace_back("The kernel forgets it; its next packet begins anew or is dropped.",
                           Role::dim);
    box.lines = wrapped(box.lines, size);
    return box;
}

/// Where a column of a menu stands now.
std::string mark_of(const Column* column, const Ui& ui) {
    const Position& place = ui.position();
    switch (ui.overlay) {
    case Overlay::sort:
        return place.sort != column ? "  " : place.descending ? "▼ " : "▲ ";
    case Overlay::columns: {
        const auto shown = std::find(place.columns.begin(), place.columns.end(), column);
        if (shown == place.columns.end())
            return "[  ] ";
        const std::string number = std::to_string(shown - place.columns.begin() + 1);
        return "[" + std::string(number.size() < 2 ? 1 : 0, ' ') + number + "] ";
    }
    default:
        return (column == nullptr ? ui.by.empty() : ui.by == column->name) ? "* " : "  ";
    }
}

Box menu_box(const Ui& ui) {
    Box box;
    box.title = ui.overlay == Overlay::sort      ? "Sort by (Enter, / finds)"
                : ui.overlay == Overlay::columns ? "Columns (Space, < > moves, / finds, Esc)"
                                                 : "Group by (Enter, / finds)";
    if (ui.prompt) // the box may cover all other lines
        box.title = "find: " + ui.prompt->text + "_" +
                    (ui.prompt->problem.empty() ? "" : "  " + ui.prompt->problem);
    const auto menu = menu_of(ui);
    std::size_t width = 0;
    for (const Column* each : menu)
        width = std::max(width, each == nullptr ? 0 : each->name.size() + 2);
    for (std::size_t i = 0; i < menu.size(); ++i) {
        std::string line = mark_of(menu[i], ui);
        std::string name(menu[i] == nullptr ? "nothing" : menu[i]->name);
        name.resize(std::max(width, name.size()), ' ');
        line += name + std::string(menu[i] == nullptr ? "single flows" : menu[i]->help);
        box.lines.emplace_back(line, i == ui.choice ? Role::selected : Role::plain);
    }
    return box;
}

Box box_of(const Picture& picture, const Ui& ui, Size size) {
    switch (ui.overlay) {
    case Overlay::none:
        break;
    case Overlay::help:
        return help_box(picture, size);
    case Overlay::details:
        return details_box(picture, ui, size);
    case Overlay::removal:
        return removal_box(picture, ui, size);
    case Overlay::sort:
    case Overlay::columns:
    case Overlay::groups:
        return menu_box(ui);
    }
    return {};
}

/// The first line of a box that is on the screen; that of a menu that is chosen stays there.
std::size_t first_line(const Ui& ui, Size size) {
    return menu_of(ui).empty() ? ui.top : ui.choice - std::min(ui.choice, box_room(size) - 1);
}

/// Where a box of so many lines is, and which of them it has.
struct BoxPlace {
    std::size_t top;   // row of the screen
    std::size_t room;  // lines
    std::size_t first; // line
};

BoxPlace place_of(std::size_t lines, Size size, std::size_t top_line) {
    const std::size_t room = std::min(lines, box_room(size));
    const std::size_t rows = room + frame_rows;
    return {(size.rows - std::min(size.rows, rows)) / 2, room, std::min(top_line, lines - room)};
}

void draw_box(Frame& frame, const Box& box, std::size_t top_line) {
    std::size_t inner = width_of(box.title);
    for (const auto& [text, role] : box.lines)
        inner = std::max(inner, width_of(text));
    inner = std::min(inner + 2, std::max<std::size_t>(frame.size().columns, 2) - 2);
    const BoxPlace place = place_of(box.lines.size(), frame.size(), top_line);
    const bool more = place.first + place.room < box.lines.size();
    const std::size_t rows = place.room + frame_rows;
    const std::size_t left = (frame.size().columns - std::min(frame.size().columns, inner + 2)) / 2;
    const auto put = [&](std::size_t row, const std::string& text, Role role) {
        std::string line = " " + text;
        line.append(inner - std::min(inner, width_of(line)), ' ');
        const std::size_t end = frame.put(place.top + row, frame.put(place.top + row, left, "│"),
                                          first_cells(line, inner), role);
        frame.put(place.top + row, end, "│");
    };
    put(0,
        box.title + (more               ? "  (more below)"
                     : place.first != 0 ? "  (the end)"
                                        : ""),
        Role::title);
    for (std::size_t i = 0; i < place.room; ++i)
        put(i + 1, box.lines[place.first + i].first, box.lines[place.first + i].second);
    std::size_t column = frame.put(place.top + rows - 1, left, "└");
    for (std::size_t i = 0; i < inner; ++i)
        column = frame.put(place.top + rows - 1, column, "─");
    frame.put(place.top + rows - 1, column, "┘");
}

} // namespace

void draw_overlay(Frame& frame, const Picture& picture, const Ui& ui) {
    const Box box = box_of(picture, ui, frame.size());
    if (box.title.empty())
        return;
    draw_box(frame, box, first_line(ui, frame.size()));
}

std::optional<std::size_t> menu_line_at(const Picture& picture, const Ui& ui, Size size,
                                        std::size_t row) {
    const std::size_t lines = box_of(picture, ui, size).lines.size();
    const BoxPlace place = place_of(lines, size, first_line(ui, size));
    if (menu_of(ui).empty() || row <= place.top || row > place.top + place.room)
        return std::nullopt;
    return place.first + row - place.top - 1;
}

std::vector<const Column*> menu_of(const Ui& ui) {
    switch (ui.overlay) {
    case Overlay::sort:
    case Overlay::columns:
        return possible_columns(ui.rows(), ui.by);
    case Overlay::groups:
        break;
    default:
        return {};
    }
    std::vector<const Column*> keys{nullptr};
    for (const Column& each : columns())
        if (std::holds_alternative<GroupKeys>(parse_group_keys(each.name)))
            keys.push_back(&each);
    return keys;
}

std::size_t last_top_line(const Picture& picture, const Ui& ui, Size size) {
    const bool box = ui.overlay != Overlay::none;
    const std::size_t lines = box ? box_of(picture, ui, size).lines.size() : picture.health.size();
    const std::size_t room = box ? box_room(size) : health_rows(size);
    return lines - std::min(lines, room);
}

} // namespace natstat
