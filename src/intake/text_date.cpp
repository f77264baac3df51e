// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The dates that conntrack prints for a flow's start, in the format of ctime(3), and the moments of
// this program's own JSON (RFC 3339, UTC). It reads no other.
#include "natstat/intake/text_source.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace natstat {

namespace {

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// The month's number from 1, or 0 for another word.
unsigned month_number(std::string_view name) {
    for (unsigned i = 0; i < months.size(); ++i)
        if (months[i] == name)
            return i + 1;
    return 0;
}

/// A decimal number that fills `text` but for leading blanks.
std::optional<int> number(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return static_cast<int>(value);
}

/// A decimal number that is all digits.
std::optional<int> digits(std::string_view text) {
    return text.empty() || text.front() == ' ' ? std::nullopt : number(text);
}

/// ".135471" as nanoseconds; nothing for another text.
std::optional<std::chrono::nanoseconds> fraction(std::string_view text) {
    constexpr std::size_t most_digits = 9;
    if (text.empty())
        return std::chrono::nanoseconds{0};
    if (text.front() != '.' || text.size() - 1 > most_digits)
        return std::nullopt;
    const auto value = digits(text.substr(1));
    if (!value)
        return std::nullopt;
    std::int64_t nanoseconds = *value;
    for (std::size_t size = text.size() - 1; size < most_digits; ++size)
        nanoseconds *= 10;
    return std::chrono::nanoseconds{nanoseconds};
}

/// How far local time is ahead of UTC then.
std::chrono::seconds zone_offset(std::chrono::sys_seconds then) {
    const std::time_t seconds = then.time_since_epoch().count();
    std::tm local{};
    // Not mktime(3): that looks at /etc/localtime again on every call, which is most of the time
    // that a long list takes.
    const bool known = ::localtime_r(&seconds, &local) != nullptr;
    return std::chrono::seconds{known ? local.tm_gmtoff : 0};
}

/// The moment whose local clock shows this. The first offset may be the wrong one near a change of
/// the clocks; the second is right.
std::chrono::sys_seconds from_local(std::chrono::sys_seconds local) {
    return local - zone_offset(local - zone_offset(local));
}

} // namespace

std::optional<std::chrono::sys_seconds> parse_local_date(std::string_view text) {
    // The places of ctime(3)'s 24 characters: "Sun Nov 22 02:15:32 2026".
    if (text.size() != 24 || text[3] != ' ' || text[7] != ' ' || text[10] != ' ' ||
        text[13] != ':' || text[16] != ':' || text[19] != ' ')
        return std::nullopt;
    const auto day = number(text.substr(8, 2));
    const auto hour = number(text.substr(11, 2));
    const auto minute = number(text.substr(14, 2));
    const auto second = number(text.substr(17, 2));
    const auto year = number(text.substr(20, 4));
    if (!day || !hour || !minute || !second || !year)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{month_number(text.substr(4, 3))},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60)
        return std::nullopt;
    const auto utc = from_local(std::chrono::sys_days{date} + std::chrono::hours{*hour} +
                                std::chrono::minutes{*minute} + std::chrono::seconds{*second});
    return utc.time_since_epoch().count() < 0 ? std::nullopt : std::optional(utc);
}

std::optional<Time> parse_utc_moment(std::string_view text) {
    // The places of "2026-11-22T06:15:47" and its end.
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':' || text.back() != 'Z')
        return std::nullopt;
    const auto year = digits(text.substr(0, 4));
    const auto month = digits(text.substr(5, 2));
    const auto day = digits(text.substr(8, 2));
    const auto hour = digits(text.substr(11, 2));
    const auto minute = digits(text.substr(14, 2));
    const auto second = digits(text.substr(17, 2));
    const auto rest = fraction(text.substr(19, text.size() - 20));
    if (!year || !month || !day || !hour || !minute || !second || !rest)
        return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year},
                                           std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    constexpr int last_year = 2261; // nanoseconds in 64 bits end in 2262
    if (!date.ok() || *year < 1970 || *year > last_year || *hour > 23 || *minute > 59 ||
        *second > 59)
        return std::nullopt;
    return std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
           std::chrono::seconds{*second} + *rest;
}

} // namespace natstat
