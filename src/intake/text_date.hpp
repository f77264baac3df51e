// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The times that loggers put before a line. The two that conntrack and this program themselves
// print are in natstat/intake/text_source.hpp. Private to the room intake.
#pragma once

#include "natstat/model/source.hpp"

#include <cstdint>
#include <string_view>

namespace natstat {

/// What a time lacks to be a moment; what lacks less comes first.
enum class StampLack : std::uint8_t {
    nothing,
    zone, // read as this machine's local time
    year,
    date, // a clock alone
    boot, // seconds since a machine began, in the kernel's log
};

struct Stamp {
    bool found = false;
    StampLack lack = StampLack::nothing;
    Time time{}; // where it lacks nothing, or the zone alone
};

/// The time with which `text` begins, of any of these: ISO 8601 and RFC 3339, with a "T" or a blank
/// and with or without fraction and zone; "Nov 23 10:00:00" of syslog, with a weekday, a year and a
/// zone or without (date(1), ctime(3)); "23/Nov/2026:10:00:00 +0000"; a clock; ten digits of
/// seconds since 1970, with or without fraction; the kernel log's "[   12.345678]".
[[nodiscard]] Stamp stamp_at(std::string_view text);

} // namespace natstat
