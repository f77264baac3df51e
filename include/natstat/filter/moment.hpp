// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Moments as people write them, in filters and in options.
#pragma once

#include "natstat/model/source.hpp"

#include <string>
#include <string_view>
#include <variant>

namespace natstat {

/// All of the day, the minute, the second or the fraction of one that was named, first and last
/// nanosecond.
struct Moment {
    Time first{};
    Time last{};
};

/// The ends of a time that has none.
inline constexpr Time no_beginning{};
inline constexpr Time no_end = Time::max();

/// Reads "2026-11-22", "2026-11-22T05:10" or "2026-11-22 05:10:11.5", local time unless "Z",
/// "+01:00" or "-0530" is behind it, and Unix time as "@1795324211.5". The error is a sentence.
[[nodiscard]] std::variant<Moment, std::string> parse_moment(std::string_view text);

} // namespace natstat
