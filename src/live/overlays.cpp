// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Boxes over the view, as large as their text and the screen allow.
#include "panels.hpp"

#include <algorithm>

namespace natstat {

namespace {

using Lines = std::vector<std::pair<std::string, Role>>;

void draw_box(Frame& frame, std::string_view title, const Lines& lines) {
    std::size_t width = width_of(title) + 2;
    for (const auto& [text, role] : lines)
        width = std::max(width, width_of(text) + 2);
    width = std::min(width, frame.size().columns);
    const std::size_t rows = std::min(lines.size() + 1, frame.size().rows);
    const std::size_t top = (frame.size().rows - rows) / 2;
    const std::size_t left = (frame.size().columns - width) / 2;
    for (std::size_t i = 0; i < rows; ++i) {
        const auto [text, role] =
            i == 0 ? std::pair{std::string(title), Role::title} : lines[i - 1];
        std::string cell = " " + text;
        cell.append(width - std::min(width, width_of(cell)), ' ');
        // A cell is one character, so a cut text never breaks into another one's place.
        std::size_t end = cell.size();
        while (width_of(std::string_view(cell).substr(0, end)) > width)
            --end;
        frame.put(top + i, left, std::string_view(cell).substr(0, end), role);
    }
}

std::string cell(std::string_view name, const Row& row, const TextStyle& style) {
    return to_text(column(name).get(row), style);
}

/// The tcpdump that catches one side of the flow.
std::string tcpdump_of(const Endpoint& a, const Endpoint& b) {
    const auto end = [](const Endpoint& each) {
        return "host " + to_text(each.address) +
               (each.port ? " and port " + std::to_string(*each.port) : "");
    };
    return "tcpdump -ni any " + end(a) + " and " + end(b);
}

std::string conntrack_end(const Flow& flow) {
    const Tuple original = flow.tuple(Direction::original);
    std::string text = "conntrack -D -p " + to_text(Protocol{flow.protocol}) + " -s " +
                       to_text(original.source.address) + " -d " +
                       to_text(original.destination.address);
    if (!flow.is_icmp() && original.source.port && original.destination.port)
        text += " --sport " + std::to_string(*original.source.port) + " --dport " +
                std::to_string(*original.destination.port);
    return text;
}

void add_states(Lines& lines, const ShownFlow& shown) {
    const TextStyle clock{nullptr, false, true, false};
    for (std::size_t i = 0; i < shown.life.stays; ++i) {
        const Stay stay = shown.life.stay(i);
        const std::string when = stay.since ? to_text(Instant{*stay.since}, clock) : "before    ";
        lines.emplace_back("  " + when + "  " +
                               std::string(state_label(shown.flow.protocol, stay.state)),
                           Role::plain);
    }
    if (shown.end)
        lines.emplace_back(
            "  " + to_text(Instant{shown.end->time}, clock) + "  " +
                std::string(ending_name(shown.end->ending.value_or(Ending::unknown))),
            Role::failed);
}

} // namespace

void draw_help(Frame& frame) {
    std::vector<std::string> keys;
    std::size_t width = 0;
    for (const KeyBinding& binding : key_table()) {
        std::string text(binding.shown);
        text.resize(std::max<std::size_t>(text.size(), 8), ' ');
        keys.push_back(text + std::string(binding.help));
        width = std::max(width, keys.back().size() + 2);
    }
    // Beside each other where they do not fit below each other.
    const std::size_t room = std::max<std::size_t>(frame.size().rows, 2) - 1;
    const std::size_t stacks = (keys.size() + room - 1) / room;
    const std::size_t rows = (keys.size() + stacks - 1) / stacks;
    Lines lines(rows, {"", Role::plain});
    for (std::size_t i = 0; i < keys.size(); ++i) {
        std::string& line = lines[i % rows].first;
        line.resize(i / rows * width, ' ');
        line += keys[i];
    }
    draw_box(frame, "Keys", lines);
}

void draw_details(Frame& frame, const Picture& picture, const Ui& ui) {
    if (ui.cursor < picture.first || ui.cursor - picture.first >= picture.flows.size())
        return;
    const ShownFlow& shown = picture.flows[ui.cursor - picture.first];
    const Row row(shown.flow, shown.life, shown.extras, picture.around);
    const TextStyle numbers, brief{nullptr, false, true, ui.bits};
    Lines lines;
    const auto add = [&lines](std::string text, Role role = Role::plain) {
        lines.emplace_back(std::move(text), role);
    };
    add("inside " + cell("source", row, numbers) +
        (row.nat == Nat::none ? "" : "  NAT " + cell("gateway", row, numbers)) + "  to " +
        cell("destination", row, numbers));
    add("original  " + cell("original", row, numbers), Role::dim);
    add("reply     " + cell("reply", row, numbers), Role::dim);
    add("");
    add("state " + cell("state", row, brief) + " for " + cell("held", row, brief) + ", idle " +
        cell("idle", row, brief) + ", expires in " + cell("timeout", row, brief) + ", age " +
        cell("age", row, brief));
    add("status " + cell("status", row, numbers));
    add("up   " + cell("packets_up", row, numbers) + " packets  " + cell("bytes_up", row, brief) +
        "  " + cell("rate_up", row, brief) + "/s");
    add("down " + cell("packets_down", row, numbers) + " packets  " +
        cell("bytes_down", row, brief) + "  " + cell("rate_down", row, brief) + "/s");
    add("mark " + cell("mark", row, numbers) + "  zone " + cell("zone", row, numbers) +
        "  helper " + cell("helper", row, numbers) + "  id " + cell("id", row, numbers));
    add("");
    add("its states");
    add_states(lines, shown);
    add("");
    const Tuple original = shown.flow.tuple(Direction::original);
    const Tuple reply = shown.flow.tuple(Direction::reply);
    add("inside:  " + tcpdump_of(original.source, original.destination), Role::key);
    add("outside: " + tcpdump_of(reply.destination, reply.source), Role::key);
    add("end it:  " + conntrack_end(shown.flow), Role::key);
    draw_box(frame, "Flow (Enter or Esc closes)", lines);
}

void draw_sort_menu(Frame& frame, const Ui& ui) {
    Lines lines;
    for (std::size_t i = 0; i < live_columns().size(); ++i) {
        const std::string_view name = live_columns()[i];
        const std::string mark = name != ui.sort ? "  " : ui.descending ? "▼ " : "▲ ";
        lines.emplace_back(mark + std::string(name), i == ui.choice ? Role::selected : Role::plain);
    }
    draw_box(frame, "Sort by (Enter)", lines);
}

} // namespace natstat
