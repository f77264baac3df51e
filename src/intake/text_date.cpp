// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Dates and clocks, read from left to right. A time is taken as far as it is told: what it lacks is
// said and not guessed, but for a zone that is missing, which is this machine's.
#include "text_date.hpp"

#include "natstat/intake/text_source.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace natstat {

namespace {

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays = {"Mon", "Tue", "Wed", "Thu",
                                                      "Fri", "Sat", "Sun"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// What is left of a text. Each function takes what it names, or leaves the text as it is and says
/// false.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    /// Whether a word ends here.
    [[nodiscard]] bool at_border() const {
        return rest_.empty() || std::string_view(" \t]:,|>").find(rest_.front()) < 7;
    }

    bool take(char c) {
        const bool there = rest_.starts_with(c);
        rest_.remove_prefix(there ? 1 : 0);
        return there;
    }
    bool take(std::string_view text) {
        const bool there = rest_.starts_with(text);
        rest_.remove_prefix(there ? text.size() : 0);
        return there;
    }
    void take_blanks() {
        while (take(' '))
            continue;
    }
    /// From `least` to `most` digits, as a number.
    bool number(std::size_t least, std::size_t most, std::int64_t& value) {
        std::size_t size = 0;
        std::int64_t read = 0;
        for (; size < rest_.size() && size < most && is_digit(rest_[size]); ++size)
            read = read * 10 + (rest_[size] - '0');
        const bool longer = size < rest_.size() && is_digit(rest_[size]);
        if (size < least || longer)
            return false;
        value = read;
        rest_.remove_prefix(size);
        return true;
    }
    /// One of these words; its place from 1.
    bool word(std::span<const std::string_view> words, std::int64_t& value) {
        for (std::size_t i = 0; i < words.size(); ++i)
            if (take(words[i])) {
                value = static_cast<std::int64_t>(i + 1);
                return true;
            }
        return false;
    }
    /// One to nine digits behind a point or a comma, as nanoseconds; none is zero.
    bool fraction(std::int64_t& nanoseconds) {
        nanoseconds = 0;
        if (!take('.') && !take(','))
            return true;
        const std::size_t before = rest_.size();
        if (!number(1, 9, nanoseconds))
            return false;
        for (std::size_t digits = before - rest_.size(); digits < 9; ++digits)
            nanoseconds *= 10;
        return true;
    }

  private:
    std::string_view rest_;
};

struct Clock {
    std::int64_t hour = 0, minute = 0, second = 0, nanoseconds = 0;

    [[nodiscard]] bool ok() const { return hour <= 23 && minute <= 59 && second <= 60; }
    [[nodiscard]] std::chrono::nanoseconds since_midnight() const {
        using namespace std::chrono;
        return hours{hour} + minutes{minute} + seconds{second} +
               std::chrono::nanoseconds{nanoseconds};
    }
};

struct Date {
    std::int64_t year = -1, month = 0, day = 0;

    [[nodiscard]] bool ok() const {
        constexpr std::int64_t last_year = 2261; // nanoseconds in 64 bits end in 2262
        return year >= 1970 && year <= last_year && ymd().ok();
    }
    [[nodiscard]] std::chrono::year_month_day ymd() const {
        return {std::chrono::year{static_cast<int>(year)},
                std::chrono::month{static_cast<unsigned>(month)},
                std::chrono::day{static_cast<unsigned>(day)}};
    }
};

bool take_clock(Cursor& at, Clock& clock) {
    return at.number(2, 2, clock.hour) && at.take(':') && at.number(2, 2, clock.minute) &&
           at.take(':') && at.number(2, 2, clock.second) && at.fraction(clock.nanoseconds) &&
           clock.ok();
}

/// "2026-11-23" and "2026/11/23".
bool take_numeric_date(Cursor& at, Date& date) {
    return at.number(4, 4, date.year) && (at.take('-') || at.take('/')) &&
           at.number(2, 2, date.month) && (at.take('-') || at.take('/')) &&
           at.number(2, 2, date.day) && date.ok();
}

/// "Z", " UTC", "+01:00", " +0100", "-05": how far the clock is ahead of UTC.
std::optional<std::chrono::minutes> take_zone(Cursor& at) {
    Cursor next = at;
    next.take_blanks();
    if (next.take("UTC") || next.take("GMT") || next.take('Z')) {
        if (!next.at_border())
            return std::nullopt;
        at = next;
        return std::chrono::minutes{0};
    }
    const bool west = next.take('-');
    std::int64_t hours = 0, minutes = 0;
    if (!west && !next.take('+'))
        return std::nullopt;
    Cursor both = next;
    if (both.number(4, 4, hours)) { // without a colon
        minutes = hours % 100;
        hours /= 100;
        next = both;
    } else if (!next.number(2, 2, hours) || (next.take(':') && !next.number(2, 2, minutes))) {
        return std::nullopt;
    }
    if (hours > 15 || minutes > 59 || !next.at_border())
        return std::nullopt;
    at = next;
    const std::chrono::minutes ahead = std::chrono::hours{hours} + std::chrono::minutes{minutes};
    return west ? -ahead : ahead;
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
Time from_local(Time local) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(local);
    return local - zone_offset(seconds - zone_offset(seconds));
}

Stamp lacking(StampLack lack) {
    return {true, lack, {}};
}

Stamp moment(const Date& date, const Clock& clock, std::optional<std::chrono::minutes> ahead) {
    if (!date.ok())
        return {};
    const Time shown = std::chrono::sys_days{date.ymd()} + clock.since_midnight();
    const Time time = ahead ? shown - *ahead : from_local(shown);
    if (time < Time{})
        return {};
    return {true, ahead ? StampLack::nothing : StampLack::zone, time};
}

Stamp iso_stamp(Cursor at) {
    Date date;
    Clock clock;
    if (!take_numeric_date(at, date) || !(at.take('T') || at.take(' ') || at.take('_')) ||
        !take_clock(at, clock))
        return {};
    const auto zone = take_zone(at);
    return zone || at.at_border() ? moment(date, clock, zone) : Stamp{};
}

/// "Nov 23 10:00:00", "Nov  3 2026 10:00:00", "Mon Nov 23 10:00:00 2026", and with a zone.
Stamp named_stamp(Cursor at) {
    Date date;
    Clock clock;
    std::int64_t weekday = 0;
    if (at.word(weekdays, weekday)) {
        at.take(',');
        at.take_blanks();
    }
    if (!at.word(months, date.month) || !at.take(' '))
        return {};
    at.take_blanks();
    if (!at.number(1, 2, date.day) || !at.take(' '))
        return {};
    Cursor year = at;
    if (year.number(4, 4, date.year) && year.take(' '))
        at = year;
    if (!take_clock(at, clock) || !at.at_border())
        return {};
    const auto zone = take_zone(at);
    // Only who prints the weekday prints the year last.
    if (date.year < 0 && weekday != 0 && at.take(' ') &&
        (!at.number(4, 4, date.year) || !at.at_border()))
        date.year = -1;
    return date.year < 0 ? lacking(StampLack::year) : moment(date, clock, zone);
}

/// "23/Nov/2026:10:00:00 +0000", of web servers, and "23 Nov 2026 10:00:00".
Stamp day_first_stamp(Cursor at) {
    Date date;
    Clock clock;
    const auto gap = [&at] { return at.take('/') || at.take('-') || at.take(' ') || at.take(':'); };
    if (!at.number(1, 2, date.day) || !gap() || !at.word(months, date.month) || !gap() ||
        !at.number(4, 4, date.year) || !gap() || !take_clock(at, clock))
        return {};
    return moment(date, clock, take_zone(at));
}

Stamp clock_stamp(Cursor at) {
    Clock clock;
    return take_clock(at, clock) && at.at_border() ? lacking(StampLack::date) : Stamp{};
}

/// Ten digits are seconds since 1970 from 2001 on; nanoseconds in 64 bits end in 2262.
Stamp epoch_stamp(Cursor at) {
    std::int64_t seconds = 0, nanoseconds = 0;
    constexpr std::int64_t first = 1'000'000'000, end = 9'214'646'400;
    if (!at.number(10, 10, seconds) || !at.fraction(nanoseconds) || !at.at_border() ||
        seconds < first || seconds >= end)
        return {};
    const Time time{std::chrono::seconds{seconds} + std::chrono::nanoseconds{nanoseconds}};
    return {true, StampLack::nothing, time};
}

/// "[   12.345678]"
Stamp boot_stamp(Cursor at) {
    std::int64_t seconds = 0, fraction = 0;
    at.take_blanks();
    return at.number(1, 9, seconds) && at.take('.') && at.number(1, 9, fraction) && at.take(']')
               ? lacking(StampLack::boot)
               : Stamp{};
}

} // namespace

Stamp stamp_at(std::string_view text) {
    Cursor at(text);
    at.take_blanks();
    while (at.take('\t'))
        continue;
    std::int64_t priority = 0; // of syslog
    if (at.take('<') && !(at.number(1, 3, priority) && at.take('>')))
        return {};
    const bool bracket = at.take('[');
    for (const auto read : {iso_stamp, named_stamp, day_first_stamp, clock_stamp, epoch_stamp})
        if (const Stamp stamp = read(at); stamp.found)
            return stamp;
    return bracket ? boot_stamp(at) : Stamp{};
}

std::optional<std::chrono::sys_seconds> parse_local_date(std::string_view text) {
    Cursor at(text);
    Date date;
    Clock clock;
    std::int64_t weekday = 0;
    // The places of ctime(3)'s 24 characters: "Sun Nov 22 02:15:32 2026".
    const bool read = text.size() == 24 && at.word(weekdays, weekday) && at.take(' ') &&
                      at.word(months, date.month) && at.take(' ') &&
                      (at.take(' ') ? at.number(1, 1, date.day) : at.number(2, 2, date.day)) &&
                      at.take(' ') && take_clock(at, clock) && clock.nanoseconds == 0 &&
                      at.take(' ') && at.number(4, 4, date.year) && at.at_end();
    const Stamp stamp = read ? moment(date, clock, std::nullopt) : Stamp{};
    if (!stamp.found)
        return std::nullopt;
    return std::chrono::floor<std::chrono::seconds>(stamp.time);
}

std::optional<Time> parse_utc_moment(std::string_view text) {
    Cursor at(text);
    Date date;
    Clock clock;
    const bool read = take_numeric_date(at, date) && at.take('T') && take_clock(at, clock) &&
                      clock.second <= 59 && at.take('Z') && at.at_end();
    // This program writes dashes and a point.
    if (!read || text[4] != '-' || text[7] != '-' || text.find(',') != std::string_view::npos)
        return std::nullopt;
    return moment(date, clock, std::chrono::minutes{0}).time;
}

} // namespace natstat
