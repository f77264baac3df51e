// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The screen from above: three lines about the table, the view, one line of keys.
#include "natstat/live/render.hpp"

#include "panels.hpp"

#include <algorithm>

namespace natstat {

namespace {

constexpr std::size_t head_rows = 3;

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

/// Fuller than this is near the end.
constexpr std::uint64_t near_full_percent = 80;

std::string bar(std::uint64_t percent, std::size_t cells) {
    std::string text = "[";
    for (std::size_t i = 0; i < cells; ++i)
        text += i * 100 < percent * cells ? "█" : " ";
    return text + "]";
}

/// The last numbers as bars, the newest to the right.
std::string plot(const std::deque<unsigned>& numbers, std::size_t cells) {
    constexpr std::string_view steps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const std::size_t shown = std::min(cells, numbers.size());
    const auto begin = numbers.end() - static_cast<std::ptrdiff_t>(shown);
    const unsigned largest = shown == 0 ? 0 : *std::max_element(begin, numbers.end());
    std::string text;
    for (auto at = begin; at != numbers.end(); ++at)
        text += steps[largest == 0 ? 0 : std::uint64_t{*at} * 7 / largest];
    return text;
}

/// Writes pieces one after the other, each only if it fits wholly.
class Line {
  public:
    Line(Frame& frame, std::size_t row) : frame_(frame), row_(row) {}
    void put(std::string_view text, Role role = Role::plain) {
        if (column_ + width_of(text) <= frame_.size().columns)
            column_ = frame_.put(row_, column_, text, role);
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

void draw_table_line(Frame& frame, const Picture& picture, const Ui& ui) {
    Line line(frame, 0);
    line.put(" natstat ", Role::title);
    line.put(" " + picture.from);
    if (picture.stale)
        line.put("  STALE", Role::alarm);
    if (ui.paused)
        line.put("  PAUSED", Role::alarm);
    if (picture.over)
        line.put("  END", Role::alarm);
    if (!picture.complete && !picture.replay)
        line.put("  reading the table", Role::alarm);
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
    line.put(plot(picture.created, 16), Role::fresh);
    line.put("  ended " + number(per_second(picture.ended)) + "/s ");
    line.put(plot(picture.ended, 16), Role::dim);
    if (picture.mix.rates) {
        line.put("  up " + brief(picture.mix.rate_up, ui.bits));
        line.put("  down " + brief(picture.mix.rate_down, ui.bits));
    } else if (!picture.counters) {
        line.put("  no counters (sysctl net.netfilter.nf_conntrack_acct=1)", Role::dim);
    }
}

void draw_keys(Frame& frame, std::size_t row, const Picture& picture, const Ui& ui) {
    Line line(frame, row);
    if (ui.editing) {
        line.put(" filter: ", Role::key);
        line.put(*ui.editing);
        line.put("_", Role::selected);
        line.put("  " + ui.problem, Role::alarm);
        return;
    }
    if (!ui.message.empty())
        return line.put(" " + ui.message, Role::key);
    for (std::size_t view = 0; view < std::size(view_names); ++view) {
        line.put(" " + std::to_string(view + 1), Role::key);
        line.put(" " + std::string(view_names[view]),
                 static_cast<std::size_t>(ui.view) == view ? Role::selected : Role::plain);
    }
    if (!ui.filter.empty())
        line.put("  filter: " + ui.filter + " (" + number(picture.matched) + ")", Role::alarm);
    for (const auto& [shown, what] : {std::pair{"/", "filter"},
                                      {"s", "sort"},
                                      {"Enter", "details"},
                                      {"Space", "pause"},
                                      {"?", "help"},
                                      {"q", "quit"}}) {
        line.put("  " + std::string(shown), Role::key);
        line.put(std::string(" ") + what);
    }
}

} // namespace

Frame render(const Picture& picture, const Ui& ui, Size size) {
    Frame frame(size);
    if (size.rows == 0 || size.columns == 0)
        return frame;
    const bool head = size.rows > head_rows + 3;
    if (head) {
        draw_table_line(frame, picture, ui);
        draw_mix_line(frame, picture.mix);
        draw_rate_line(frame, picture, ui);
    }
    const std::size_t top = head ? head_rows : 0;
    const bool keys = size.rows > 2;
    const Area area{top, size.rows - top - (keys ? 1 : 0)};
    ui.view == View::flows ? draw_flows(frame, area, picture, ui)
                           : draw_steps(frame, area, picture, ui);
    if (keys)
        draw_keys(frame, size.rows - 1, picture, ui);
    switch (ui.overlay) {
    case Overlay::none:
        break;
    case Overlay::help:
        draw_help(frame);
        break;
    case Overlay::details:
        draw_details(frame, picture, ui);
        break;
    case Overlay::sort:
        draw_sort_menu(frame, ui);
        break;
    }
    return frame;
}

} // namespace natstat
