// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One line of the screen, written from left to right, and how numbers are written in it.
#pragma once

#include "natstat/live/frame.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace natstat {

/// Writes pieces one after the other, each only if it fits wholly.
class Line {
  public:
    /// Up to `end`, which is for others.
    Line(Frame& frame, std::size_t row, std::size_t end) : frame_(frame), row_(row), end_(end) {}
    Line(Frame& frame, std::size_t row) : Line(frame, row, frame.size().columns) {}

    void put(std::string_view text, Role role = Role::plain);
    /// As much of it as there is room for.
    void put_cut(std::string_view text, Role role = Role::plain);
    [[nodiscard]] bool fits(std::size_t width) const { return column_ + width <= end_; }
    [[nodiscard]] std::size_t room() const { return end_ - column_; }
    [[nodiscard]] std::size_t column() const { return column_; }
    /// To the right end, if there is room, which is then taken.
    void put_last(std::string_view text, Role role = Role::plain);

  private:
    Frame& frame_;
    std::size_t row_;
    std::size_t end_;
    std::size_t column_ = 0;
};

/// "1,204".
[[nodiscard]] std::string grouped_digits(std::uint64_t value);

/// "1,507", "262k": four digits at most.
[[nodiscard]] std::string short_count(std::uint64_t value);

/// "22Mb/s".
[[nodiscard]] std::string speed_text(double bytes_a_second, bool bits);

} // namespace natstat
