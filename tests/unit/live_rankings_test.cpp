// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "natstat/live/rankings.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("rankings come in the interval, and rest for fifty times what they take", "[rankings]") {
    const RankingSchedule::Clock::time_point start{seconds{1000}};
    RankingSchedule schedule(0.02);
    CHECK(schedule.is_due(start));
    schedule.begin(start);
    schedule.end(milliseconds{1}, seconds{1});
    CHECK_FALSE(schedule.is_due(start + milliseconds{999}));
    CHECK(schedule.is_due(start + seconds{1}));

    SECTION("a small table is ranked early when something happens") {
        schedule.hurry(seconds{1});
        CHECK_FALSE(schedule.is_due(start + milliseconds{249}));
        CHECK(schedule.is_due(start + milliseconds{250}));
    }
    SECTION("a large one is not") {
        schedule.begin(start);
        schedule.end(milliseconds{100}, seconds{1});
        schedule.hurry(seconds{1});
        CHECK_FALSE(schedule.is_due(start + milliseconds{4999}));
        CHECK(schedule.is_due(start + seconds{5}));
    }
    SECTION("the first picture does not wait") {
        schedule.at_once();
        CHECK(schedule.is_due(start));
    }
}
