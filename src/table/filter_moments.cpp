// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Moments as people write them, RFC 3339 with its end left off where that is enough.
#include "filter_values.hpp"
#include "natstat/table/moment.hpp"

#include <charconv>
#include <ctime>

namespace natstat {

namespace {

constexpr std::uint64_t nanoseconds_of_second = 1'000'000'000;

/// Exactly `digits` digits from the front of the text, after `before` where that is not 0.
std::optional<int> take_number(std::string_view& text, char before, std::size_t digits) {
    const std::size_t skip = before == 0 ? 0 : 1;
    if (text.size() < skip + digits || (skip == 1 && text.front() != before))
        return std::nullopt;
    int value = 0;
    const char* const first = text.data() + skip;
    const auto [end, error] = std::from_chars(first, first + digits, value);
    if (error != std::errc{} || end != first + digits || value < 0)
        return std::nullopt;
    text.remove_prefix(skip + digits);
    return value;
}

/// ".5" as nanoseconds; none when there is no fraction, no value when it is not a number.
std::optional<std::uint64_t> take_fraction(std::string_view& text, std::uint64_t& unit) {
    if (!text.starts_with('.'))
        return 0;
    text.remove_prefix(1);
    std::uint64_t sum = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9' && unit > 1) {
        unit /= 10;
        sum += unit * static_cast<std::uint64_t>(text.front() - '0');
        text.remove_prefix(1);
    }
    return unit == nanoseconds_of_second ? std::nullopt : std::optional(sum);
}

/// Seconds of Unix time, nothing for a date that does not exist.
std::optional<std::uint64_t> unix_time(const std::tm& wanted, bool utc) {
    std::tm parts = wanted;
    parts.tm_isdst = -1;
    const std::time_t seconds = utc ? timegm(&parts) : mktime(&parts);
    const bool same = parts.tm_year == wanted.tm_year && parts.tm_mon == wanted.tm_mon &&
                      parts.tm_mday == wanted.tm_mday && parts.tm_min == wanted.tm_min;
    if (!same || seconds < 0)
        return std::nullopt;
    return static_cast<std::uint64_t>(seconds);
}

} // namespace

Reading<MaskedRange> read_moment(std::string_view text) {
    constexpr std::uint64_t minute = 60 * nanoseconds_of_second, day = 1440 * minute;
    const std::string wrong = "not a moment (2026-11-22, 2026-11-22T05:10, 2026-11-22T05:10:11)";
    std::uint64_t unit = day;
    std::uint64_t fraction = 0;
    const auto year = take_number(text, 0, 4);
    const auto month = take_number(text, '-', 2);
    const auto of_month = take_number(text, '-', 2);
    if (!year || !month || !of_month)
        return wrong;
    std::tm parts{};
    parts.tm_year = *year - 1900;
    parts.tm_mon = *month - 1;
    parts.tm_mday = *of_month;
    if (const auto hour = take_number(text, 'T', 2)) {
        const auto minutes = take_number(text, ':', 2);
        if (!minutes || *hour > 23 || *minutes > 59)
            return wrong;
        parts.tm_hour = *hour;
        parts.tm_min = *minutes;
        unit = minute;
        if (const auto seconds = take_number(text, ':', 2)) {
            unit = nanoseconds_of_second;
            const auto rest = take_fraction(text, unit);
            if (!rest || *seconds > 59)
                return wrong;
            parts.tm_sec = *seconds;
            fraction = *rest;
        }
    }
    const bool utc = text == "Z";
    const auto seconds = unix_time(parts, utc);
    constexpr std::uint64_t largest = INT64_MAX / nanoseconds_of_second - 86400;
    if ((!text.empty() && !utc) || !seconds || *seconds > largest)
        return wrong;
    const std::uint64_t low = *seconds * nanoseconds_of_second + fraction;
    return MaskedRange{{low, low + unit - 1}};
}

std::variant<Moment, std::string> parse_moment(std::string_view text) {
    const auto read = read_number(text, Kind::time);
    if (const auto* reason = std::get_if<std::string>(&read))
        return *reason;
    const auto time = [](std::uint64_t nanoseconds) {
        return Time{std::chrono::nanoseconds{static_cast<std::int64_t>(nanoseconds)}};
    };
    const auto& range = std::get<MaskedRange>(read).range;
    return Moment{time(range.low), time(range.high)};
}

} // namespace natstat
