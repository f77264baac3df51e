// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Moments as people write them, RFC 3339 with its end left off where that is enough, and Unix time.
// Of a local time that the clocks show twice, which one is meant is the C library's choice.
#include "natstat/filter/moment.hpp"
#include "values.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace natstat {

namespace {

constexpr std::uint64_t nanoseconds_of_second = 1'000'000'000;
constexpr std::uint64_t seconds_of_day = 86400;
// Later ones do not fit into a Time, in any zone.
constexpr std::uint64_t latest = INT64_MAX / nanoseconds_of_second - 2 * seconds_of_day;

/// Exactly `digits` digits from the front of the text, after `before` where that is not 0.
std::optional<int> take_number(std::string_view& text, char before, std::size_t digits) {
    const std::size_t skip = before == 0 ? 0 : 1;
    if (text.size() < skip + digits || (skip == 1 && text.front() != before))
        return std::nullopt;
    unsigned value = 0; // so that a minus is no part of it
    const char* const first = text.data() + skip;
    const auto [end, error] = std::from_chars(first, first + digits, value);
    if (error != std::errc{} || end != first + digits)
        return std::nullopt;
    text.remove_prefix(skip + digits);
    return static_cast<int>(value);
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

/// A date and what follows it, as far as it was written.
struct Written {
    std::tm parts{};
    std::uint64_t unit = 0; // nanoseconds that it names; 0: the whole day
    std::uint64_t fraction = 0;
    bool local = true;
    std::int64_t east = 0; // of UTC, in seconds, if it is not local
};

/// "T05:10", " 05:10:11.5" or nothing.
bool take_time(std::string_view& text, Written& written) {
    const auto hour = take_number(text, text.starts_with(' ') ? ' ' : 'T', 2);
    if (!hour)
        return true; // what else is there is found afterwards
    const auto minutes = take_number(text, ':', 2);
    if (!minutes || *hour > 23 || *minutes > 59)
        return false;
    written.parts.tm_hour = *hour;
    written.parts.tm_min = *minutes;
    written.unit = 60 * nanoseconds_of_second;
    const auto seconds = take_number(text, ':', 2);
    if (!seconds)
        return true;
    written.unit = nanoseconds_of_second;
    const auto fraction = take_fraction(text, written.unit);
    if (!fraction || *seconds > 59)
        return false;
    written.parts.tm_sec = *seconds;
    written.fraction = *fraction;
    return true;
}

/// "Z", "+01:00", "-0530" or nothing.
bool take_zone(std::string_view& text, Written& written) {
    if (text.empty())
        return true;
    written.local = false;
    const char sign = text.front();
    if (sign == 'Z') {
        text.remove_prefix(1);
        return true;
    }
    if (sign != '+' && sign != '-')
        return false;
    const auto hours = take_number(text, sign, 2);
    const auto minutes = take_number(text, text.starts_with(':') ? ':' : '\0', 2);
    if (!hours || !minutes || *hours > 23 || *minutes > 59)
        return false;
    written.east = (sign == '-' ? -60 : 60) * (60 * *hours + *minutes);
    return true;
}

std::optional<Written> read_written(std::string_view text) {
    Written written;
    const auto year = take_number(text, 0, 4);
    const auto month = take_number(text, '-', 2);
    const auto of_month = take_number(text, '-', 2);
    if (!year || !month || !of_month)
        return std::nullopt;
    written.parts.tm_year = *year - 1900;
    written.parts.tm_mon = *month - 1;
    written.parts.tm_mday = *of_month;
    if (!take_time(text, written) || !take_zone(text, written) || !text.empty())
        return std::nullopt;
    return written;
}

/// Seconds of Unix time; nothing for a date or time that does not exist.
std::optional<std::int64_t> unix_time(const std::tm& wanted, bool local) {
    std::tm parts = wanted;
    parts.tm_isdst = -1;
    const std::time_t seconds = local ? mktime(&parts) : timegm(&parts);
    const bool same = parts.tm_year == wanted.tm_year && parts.tm_mon == wanted.tm_mon &&
                      parts.tm_mday == wanted.tm_mday && parts.tm_hour == wanted.tm_hour &&
                      parts.tm_min == wanted.tm_min;
    return same ? std::optional<std::int64_t>(seconds) : std::nullopt;
}

/// When a day begins here: not at midnight where the clocks go forward then.
std::optional<std::int64_t> local_day(std::tm parts) {
    constexpr int half_hours = 48;
    for (int half = 0; half < half_hours; ++half) {
        parts.tm_hour = half / 2;
        parts.tm_min = half % 2 * 30;
        if (const auto seconds = unix_time(parts, true))
            return seconds;
    }
    return std::nullopt;
}

/// How long a day is that begins here then: where the clocks are changed in it, not 24 hours.
std::int64_t length_of_local_day(const std::tm& day, std::int64_t begin) {
    constexpr std::int64_t usual = seconds_of_day;
    std::tm next = day;
    ++next.tm_mday;
    timegm(&next); // the first of a month, where that is the next day
    return local_day(next).value_or(begin + usual) - begin;
}

Reading<MaskedRange> range_from(std::int64_t seconds, std::uint64_t fraction, std::uint64_t unit) {
    if (seconds < 0 || static_cast<std::uint64_t>(seconds) > latest)
        return "the moment is before 1970 or after 2262";
    const std::uint64_t low =
        static_cast<std::uint64_t>(seconds) * nanoseconds_of_second + fraction;
    return MaskedRange{{low, low + unit - 1}};
}

/// "1795324211.5", the seconds of Unix time.
std::optional<Reading<MaskedRange>> read_unix_time(std::string_view text) {
    std::uint64_t seconds = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, seconds);
    if (error != std::errc{})
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    std::uint64_t unit = nanoseconds_of_second;
    const auto fraction = take_fraction(text, unit);
    if (!fraction || !text.empty())
        return std::nullopt;
    return range_from(static_cast<std::int64_t>(std::min(seconds, latest + 1)), *fraction, unit);
}

} // namespace

Reading<MaskedRange> read_moment(std::string_view text) {
    const std::string wrong = "not a moment (2026-11-22, 2026-11-22T05:10, 2026-11-22T05:10:11.5; "
                              "Z or +01:00 at its end; @1795324211)";
    if (text.starts_with('@'))
        return read_unix_time(text.substr(1)).value_or(wrong);
    const auto written = read_written(text);
    if (!written || !unix_time(written->parts, false))
        return wrong;
    const bool day = written->unit == 0;
    const auto seconds = day && written->local ? local_day(written->parts)
                                               : unix_time(written->parts, written->local);
    if (!seconds)
        return "there is no such time here: the clocks go forward over it";
    const std::int64_t begin = *seconds - written->east;
    std::uint64_t unit = written->unit;
    if (day)
        unit =
            nanoseconds_of_second *
            (written->local ? static_cast<std::uint64_t>(length_of_local_day(written->parts, begin))
                            : seconds_of_day);
    return range_from(begin, written->fraction, unit);
}

std::variant<Moment, std::string> parse_moment(std::string_view text) {
    const auto read = read_number(text, Kind::time, false);
    if (const auto* reason = std::get_if<std::string>(&read))
        return *reason;
    const auto time = [](std::uint64_t nanoseconds) {
        return Time{std::chrono::nanoseconds{static_cast<std::int64_t>(nanoseconds)}};
    };
    const auto& range = std::get<MaskedRange>(read).range;
    return Moment{time(range.low), time(range.high)};
}

} // namespace natstat
