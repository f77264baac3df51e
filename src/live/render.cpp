// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The screen from above: lines about the table, the view, one line of keys.
#include "natstat/live/render.hpp"

#include "line.hpp"
#include "panels.hpp"

#include <algorithm>
#include <array>

namespace natstat {

namespace {

/// The height of the plot of the table's fullness, with a line of words.
constexpr std::size_t plot_rows = 5;

/// The least full bar, in tenths of a per cent, that has all of the numbers below it.
unsigned scale_of(const std::deque<unsigned>& tenths) {
    constexpr std::array<unsigned, 6> scales{10, 20, 50, 100, 200, 500};
    const unsigned largest = *std::max_element(tenths.begin(), tenths.end());
    const auto* found = std::lower_bound(scales.begin(), scales.end(), largest);
    return found == scales.end() ? 1000 : *found;
}

std::size_t draw_fullness(Frame& frame, std::size_t row, const std::deque<unsigned>& tenths) {
    const unsigned scale = scale_of(tenths);
    frame.put(row++, 1,
              "the table, 0 to " + std::to_string(scale / 10) +
                  " per cent of its limit, second by second",
              Role::dim);
    const auto lines = plot(tenths, frame.size().columns - 2, plot_rows - 1, scale);
    for (auto line = lines.rbegin(); line != lines.rend(); ++line)
        frame.put(row++, 1, *line, Role::changed);
    return row;
}

void draw_health(Frame& frame, Area area, const Picture& picture, const Ui& ui) {
    std::size_t row = area.top;
    if (!picture.fullness.empty() && area.rows > 2 * plot_rows)
        row = draw_fullness(frame, row, picture.fullness);
    const std::size_t first = std::min(ui.health_top, picture.health.size());
    std::size_t i = first;
    for (; i < picture.health.size() && row < area.top + area.rows; ++i) {
        Line line(frame, row++);
        line.put_cut(" " + picture.health[i]);
    }
    if (i < picture.health.size() && row > area.top) {
        Line line(frame, row - 1);
        line.put_last(" " + std::to_string(picture.health.size() - i) + " more below ", Role::key);
    }
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
    case View::changes:
        return draw_rows(frame, area, picture, ui);
    case View::events:
        return draw_steps(frame, area, picture, ui);
    case View::health:
        return draw_health(frame, area, picture, ui);
    case View::problems:
        return draw_problems(frame, area, picture, ui);
    }
}

/// On a screen that has no lines above, what the picture is not comes first.
void draw_only_line(Frame& frame, std::size_t row, const Picture& picture, const Ui& ui) {
    Line line(frame, row);
    if (!ui.prompt && ui.message.empty())
        draw_states(line, picture, ui);
    draw_status(line, picture, ui, frame.size().columns);
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
    unsigned known_largest = 0;
    for (auto at = begin; largest == 0 && at != numbers.end(); ++at)
        known_largest = *at == Speeds::unknown ? known_largest : std::max(known_largest, *at);
    largest = largest == 0 ? known_largest : largest;
    std::vector<std::string> lines(rows);
    for (auto at = begin; at != numbers.end(); ++at) {
        if (*at == Speeds::unknown) {
            for (std::string& line : lines)
                line += " ";
            continue;
        }
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
    return {ui.names ? picture.naming : nullptr, false, true, ui.bits, picture.ascii};
}

Area list_area(Size size) {
    const std::size_t top = head_rows(size);
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
    draw_header(frame, picture, ui);
    draw_view(frame, area, picture, ui);
    if (area.top + area.rows < size.rows)
        head_rows(size) == 0 ? draw_only_line(frame, size.rows - 1, picture, ui)
                             : draw_footer(frame, size.rows - 1, ui);
    draw_overlay(frame, picture, ui);
    return frame;
}

} // namespace natstat
