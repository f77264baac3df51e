// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The dates that conntrack prints for a flow's start, in the format of ctime(3). It reads no other.
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

} // namespace natstat
