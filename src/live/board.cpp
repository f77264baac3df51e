// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Who talks: the peak, the last minute, all rows by one scale, and the share of the whole.
#include "line.hpp"
#include "panels.hpp"

#include "natstat/live/histories.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// Bytes a second, both ways, as the row has it now.
double rate_now(const Row& row) {
    double sum = 0;
    for (const char* name : {"rate_up", "rate_down"}) {
        const Value value = column(name).get(row);
        if (const auto* rate = std::get_if<Rate>(&value))
            sum += static_cast<double>(rate->value);
    }
    return sum;
}

std::string right(std::string text, std::size_t width) {
    return std::string(width - std::min(width, width_of(text)), ' ') + std::move(text);
}

} // namespace

std::size_t Board::width() const {
    std::size_t sum = 0;
    for (const std::size_t part : {peak, plot, share})
        sum += part == 0 ? 0 : part + 1;
    return sum;
}

Board board_of(Rows rows, std::size_t width) {
    const std::size_t plot = std::min(width / 6, Histories::seconds);
    constexpr std::size_t peak = 6, share = 15;
    constexpr std::size_t with_plot = 100, with_share = 120, with_addresses = 160;
    if (rows == Rows::flows)
        return width >= with_addresses ? Board{0, plot, 0} : Board{};
    if (rows == Rows::ports || rows == Rows::changes || width < with_plot)
        return {};
    return {peak, plot, width >= with_share ? share : 0};
}

std::deque<unsigned> both_ways(const Speeds& speeds) {
    std::deque<unsigned> sums;
    for (std::size_t i = 0; i < std::min(speeds.up.size(), speeds.down.size()); ++i) {
        const std::uint64_t sum = std::uint64_t{speeds.up[i]} + speeds.down[i];
        const bool known = speeds.up[i] != Speeds::unknown && speeds.down[i] != Speeds::unknown;
        sums.push_back(known ? static_cast<unsigned>(
                                   std::min<std::uint64_t>(sum, std::uint64_t{Speeds::unknown} - 1))
                             : Speeds::unknown);
    }
    return sums;
}

unsigned largest_speed(std::span<const ShownRow> rows) {
    unsigned largest = 0;
    for (const ShownRow& shown : rows)
        for (const unsigned each : both_ways(shown.speeds))
            if (each != Speeds::unknown)
                largest = std::max(largest, each);
    return largest;
}

void draw_board_titles(Frame& frame, std::size_t row, std::size_t column, const Board& board,
                       unsigned largest, bool bits) {
    std::size_t at = column;
    const auto put = [&](const std::string& title, std::size_t width) {
        if (width != 0)
            frame.put(row, at + 1, title, Role::head);
        at += width == 0 ? 0 : width + 1;
    };
    put(right("PEAK", board.peak), board.peak);
    put(largest == 0 ? "60 s" : "60 s, █ " + speed_text(largest, bits), board.plot);
    put("SHARE", board.share);
}

void draw_board(Frame& frame, std::size_t row, std::size_t column, const Board& board,
                const ShownRow& shown, unsigned largest, double whole, const Picture& picture,
                const Ui& ui) {
    std::size_t at = column;
    const auto put = [&](const std::string& text, std::size_t width) {
        if (width != 0)
            frame.put(row, at + 1, text);
        at += width == 0 ? 0 : width + 1;
    };
    const bool known = !shown.speeds.up.empty();
    const TextStyle style = screen_style(picture, ui);
    put(right(known ? to_text(Rate{shown.speeds.peak}, style) : "-", board.peak), board.peak);
    put(known ? right(plot(both_ways(shown.speeds), board.plot, 1, largest).front(), board.plot)
              : "",
        board.plot);
    if (board.share == 0 || whole <= 0)
        return;
    const auto percent = static_cast<std::uint64_t>(
        std::min(100.0, 100 * rate_now(shown.row(picture.around)) / whole));
    put(bar(percent, board.share - 7) + right(std::to_string(percent), 4) + "%", board.share);
}

} // namespace natstat
