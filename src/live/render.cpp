// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The screen from above: three lines about the table, the view, one line of keys.
#include "natstat/live/render.hpp"

#include "panels.hpp"

#include <algorithm>

namespace natstat {

namespace {

std::string number(std::uint64_t value) {
    const std::string digits = std::to_string(value);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i != 0 && (digits.size() - i) % 3 == 0)
            text += ',';
        text += digits[i];
    }
    return text;
}

std::string brief(double bytes_a_second, bool bits) {
    const auto value = static_cast<std::uint64_t>(std::max(bytes_a_second, 0.0));
    return to_text(Rate{value}, {nullptr, false, true, bits}) + (bits ? "b/s" : "B/s");
}

/// Writes pieces one after the other, each only if it fits wholly.
class Line {
  public:
    Line(Frame& frame, std::size_t row) : frame_(frame), row_(row) {}
    void put(std::string_view text, Role role = Role::plain) {
        if (column_ + width_of(text) <= frame_.size().columns)
            column_ = frame_.put(row_, column_, text, role);
    }
    /// As much of it as there is room for.
    void put_cut(std::string_view text, Role role = Role::plain) {
        const std::size_t room = frame_.size().columns - column_;
        if (width_of(text) <= room)
            return put(text, role);
        column_ =
            frame_.put(row_, column_, text.substr(0, std::max<std::size_t>(room, 3) - 3), role);
        column_ = frame_.put(row_, column_, "...", role);
    }
    [[nodiscard]] bool fits(std::size_t width) const {
        return column_ + width <= frame_.size().columns;
    }
    /// To the right end, if there is room.
    void put_last(std::string_view text, Role role = Role::plain) {
        const std::size_t width = width_of(text);
        if (column_ + width < frame_.size().columns)
            frame_.put(row_, frame_.size().columns - width, text, role);
    }

  private:
    Frame& frame_;
    std::size_t row_;
    std::size_t column_ = 0;
};

/// What the picture is not.
void draw_states(Line& line, const Picture& picture, const Ui& ui) {
    if (picture.stale)
        line.put(" STALE ", Role::alarm);
    if (ui.paused)
        line.put(" PAUSED ", Role::alarm);
    if (picture.over)
        line.put(" END ", Role::alarm);
    if (!picture.complete && !picture.replay)
        line.put(" reading the table ", Role::alarm);
    if (ui.following && ui.has_rows())
        line.put(" FOLLOW ", Role::key);
}

void draw_table_line(Frame& frame, const Picture& picture, const Ui& ui) {
    Line line(frame, 0);
    line.put(" natstat ", Role::title);
    draw_states(line, picture, ui);
    line.put(" " + picture.from);
    if (picture.count && picture.limit && *picture.limit != 0) {
        const std::uint64_t percent = *picture.count * 100 / *picture.limit;
        const Role role = percent >= near_full_percent ? Role::failed : Role::plain;
        line.put("  table " + number(*picture.count) + " / " + number(*picture.limit) + " ", role);
        line.put(bar(percent, 12), role);
        line.put(" " + std::to_string(percent) + " %", role);
    } else {
        line.put("  " + number(picture.mix.flows) + " flows");
    }
    const auto failures = [&](std::string_view name, const std::optional<std::uint64_t>& value) {
        if (value)
            line.put("  " + std::string(name) + " " + number(*value),
                     *value == 0 ? Role::dim : Role::failed);
    };
    failures("insert_failed", picture.insert_failed);
    failures("drop", picture.dropped);
    if (picture.lost != 0)
        line.put("  lost events " + number(picture.lost), Role::alarm);
    if (picture.around.now != Time{})
        line.put_last(to_text(Instant{picture.around.now}, {nullptr, false, true, false})
                          .substr(0, sizeof "12:04:31" - 1) +
                      " ");
}

void draw_mix_line(Frame& frame, const Mix& mix) {
    Line line(frame, 1);
    const auto put = [&line](std::string_view name, std::size_t count) {
        line.put(" " + std::string(name) + " " + number(count));
    };
    put("snat", mix.snat);
    put("dnat", mix.dnat);
    if (mix.both != 0)
        put("both", mix.both);
    put("local", mix.local);
    put("routed", mix.routed);
    line.put("   ");
    put("tcp", mix.tcp);
    line.put(" (opening " + number(mix.opening) + "  established " + number(mix.established) +
             "  closing " + number(mix.closing) + ")");
    put(" udp", mix.udp);
    put(" icmp", mix.icmp);
    put(" other", mix.other);
}

void draw_rate_line(Frame& frame, const Picture& picture, const Ui& ui) {
    Line line(frame, 2);
    const auto per_second = [](const std::deque<unsigned>& numbers) {
        return numbers.empty() ? 0U : numbers.back();
    };
    line.put(" new " + number(per_second(picture.created)) + "/s ");
    line.put(plot(picture.created, 16).front(), Role::fresh);
    line.put("  ended " + number(per_second(picture.ended)) + "/s ");
    line.put(plot(picture.ended, 16).front(), Role::dim);
    if (picture.mix.rates) {
        line.put("  up " + brief(picture.mix.rate_up, ui.bits));
        line.put("  down " + brief(picture.mix.rate_down, ui.bits));
    }
    if (!picture.events)
        line.put("  no events (sysctl net.netfilter.nf_conntrack_events=2)", Role::alarm);
    if (!picture.mix.rates && !picture.counters) {
        line.put("  no counters (sysctl net.netfilter.nf_conntrack_acct=1)", Role::dim);
    }
}

/// The end of what is being typed, where all of it does not fit beside a word about it.
std::string_view end_of(std::string_view text, std::size_t columns, std::size_t word) {
    constexpr std::size_t around = 20, least = 12;
    const std::size_t room = std::max(columns, around + least + word) - around - word;
    return text.substr(text.size() - std::min(text.size(), room));
}

/// " 72 of 92 flows": what the options and the filter let through; empty where that is all.
std::string shown_count(const Picture& picture, const Ui& ui) {
    const std::size_t shown = picture.matched - std::min(picture.matched, picture.lingering);
    if (ui.rows() != Rows::flows || picture.kind != Rows::flows || shown == picture.mix.flows)
        return {};
    return " " + number(shown) + " of " + number(picture.mix.flows) + " flows ";
}

void draw_prompt(Line& line, const Prompt& prompt, std::size_t columns) {
    line.put(prompt.what == Prompt::For::filter ? " filter: " : " write to file: ", Role::key);
    line.put(end_of(prompt.text, columns, prompt.problem.size()));
    line.put("_", Role::selected);
    if (!prompt.problem.empty())
        line.put_cut("  " + prompt.problem, Role::alarm);
}

/// Before all else, for it is what hides flows.
void draw_filter(Line& line, const Picture& picture, const Ui& ui, std::size_t columns) {
    const std::string count = shown_count(picture, ui);
    if (!ui.filter.empty()) {
        const std::string text = " filter: " + ui.filter;
        const std::size_t room = columns - std::min(columns, count.size());
        const bool fits = width_of(text) <= room;
        line.put(fits ? text : text.substr(0, std::max<std::size_t>(room, 3) - 3) + "...",
                 Role::alarm);
    }
    line.put(count, ui.filter.empty() ? Role::dim : Role::alarm);
}

/// The order of the rows, where no title tells it.
void draw_order(Line& line, const Ui& ui) {
    const Position& position = ui.position();
    const auto& columns = position.columns;
    if (ui.has_rows() && std::find(columns.begin(), columns.end(), position.sort) == columns.end())
        line.put(" by " + std::string(position.sort->name) + (position.descending ? "▼" : "▲"),
                 Role::key);
}

/// The keys of the key table that have a word, in their order; how the first of their spellings
/// is shown.
void draw_bindings(Line& line) {
    std::vector<const KeyBinding*> named;
    for (const KeyBinding& each : key_table())
        if (!each.word.empty())
            named.push_back(&each);
    std::sort(named.begin(), named.end(),
              [](const KeyBinding* a, const KeyBinding* b) { return a->place < b->place; });
    for (const KeyBinding* each : named) {
        const std::string_view key = each->shown.substr(0, each->shown.find(' '));
        if (!line.fits(3 + key.size() + each->word.size()))
            return;
        line.put("  " + std::string(key), Role::key);
        line.put(" " + std::string(each->word));
    }
}

void draw_keys(Frame& frame, std::size_t row, const Picture& picture, const Ui& ui) {
    Line line(frame, row);
    if (ui.prompt)
        return draw_prompt(line, *ui.prompt, frame.size().columns);
    if (!ui.message.empty())
        return line.put_cut(" " + ui.message, Role::key);
    if (list_area(frame.size()).top == 0) // there are no lines above that say it
        draw_states(line, picture, ui);
    draw_filter(line, picture, ui, frame.size().columns);
    draw_order(line, ui);
    for (std::size_t view = 0; view < std::size(view_names); ++view) {
        if (!line.fits(3 + view_names[view].size()))
            return;
        line.put(" " + std::to_string(view + 1), Role::key);
        line.put(" " + std::string(view_names[view]),
                 static_cast<std::size_t>(ui.view) == view ? Role::selected : Role::plain);
    }
    draw_bindings(line);
}

/// The height of the plot of the table's fullness, with a line of words.
constexpr std::size_t plot_rows = 5;

void draw_health(Frame& frame, Area area, const Picture& picture, const Ui& ui) {
    std::size_t row = area.top;
    if (!picture.fullness.empty() && area.rows > 2 * plot_rows) {
        frame.put(row++, 1, "the table, in per cent of its limit, second by second", Role::dim);
        const auto lines = plot(picture.fullness, frame.size().columns - 2, plot_rows - 1, 100);
        for (auto line = lines.rbegin(); line != lines.rend(); ++line)
            frame.put(row++, 1, *line, Role::changed);
    }
    const std::size_t first = std::min(ui.health_top, picture.health.size());
    for (std::size_t i = first; i < picture.health.size() && row < area.top + area.rows; ++i)
        frame.put(row++, 1, picture.health[i]);
    if (picture.health.empty())
        frame.put(row, 1,
                  picture.replay ? "a recording does not tell how connection tracking fared"
                                 : "nothing is known",
                  Role::dim);
}

void draw_view(Frame& frame, Area area, const Picture& picture, const Ui& ui) {
    switch (ui.view) {
    case View::flows:
    case View::hosts:
    case View::ports:
        return draw_rows(frame, area, picture, ui);
    case View::events:
        return draw_steps(frame, area, picture, ui);
    case View::health:
        return draw_health(frame, area, picture, ui);
    }
}

} // namespace

std::string bar(std::uint64_t percent, std::size_t cells) {
    std::string text = "[";
    for (std::size_t i = 0; i < cells; ++i)
        text += i * 100 < percent * cells ? "█" : " ";
    return text + "]";
}

std::vector<std::string> plot(const std::deque<unsigned>& numbers, std::size_t cells,
                              std::size_t rows, unsigned largest) {
    constexpr std::string_view steps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    constexpr std::uint64_t heights = std::size(steps);
    const std::size_t shown = std::min(cells, numbers.size());
    const auto begin = numbers.end() - static_cast<std::ptrdiff_t>(shown);
    if (largest == 0 && shown != 0)
        largest = *std::max_element(begin, numbers.end());
    std::vector<std::string> lines(rows);
    for (auto at = begin; at != numbers.end(); ++at) {
        // One step at least, so that a zero has a place.
        const std::uint64_t all = heights * rows - 1;
        const std::uint64_t height =
            1 + (largest == 0 ? 0 : std::min<std::uint64_t>(*at, largest) * all / largest);
        for (std::size_t row = 0; row < rows; ++row) {
            const std::uint64_t below = row * heights;
            lines[row] += height <= below ? " " : steps[std::min(height - below, heights) - 1];
        }
    }
    return lines;
}

TextStyle screen_style(const Picture& picture, const Ui& ui) {
    return {ui.names ? picture.naming : nullptr, false, true, ui.bits};
}

Area list_area(Size size) {
    const std::size_t top = size.rows > head_rows + 3 ? head_rows : 0;
    const std::size_t below = size.rows > 2 ? 1 : 0;
    return {top, size.rows - top - below};
}

std::size_t health_rows(Size size) {
    const Area area = list_area(size);
    return area.rows > 2 * plot_rows ? area.rows - plot_rows : area.rows;
}

Frame render(const Picture& picture, const Ui& ui, Size size) {
    Frame frame(size);
    if (size.rows == 0 || size.columns == 0)
        return frame;
    const Area area = list_area(size);
    if (area.top == head_rows) {
        draw_table_line(frame, picture, ui);
        draw_mix_line(frame, picture.mix);
        draw_rate_line(frame, picture, ui);
    }
    draw_view(frame, area, picture, ui);
    if (area.top + area.rows < size.rows)
        draw_keys(frame, size.rows - 1, picture, ui);
    draw_overlay(frame, picture, ui);
    return frame;
}

} // namespace natstat
