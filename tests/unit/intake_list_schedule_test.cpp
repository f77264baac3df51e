// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later
#include "intake/list_schedule.hpp"
#include "tests/catch.hpp"

#include <limits>

using namespace natstat;
using namespace std::chrono_literals;

namespace {

using Instant = ListSchedule::Instant;

constexpr Instant start{1000s};

/// One that had its first list, from `start` on.
ListSchedule after_a_list(std::chrono::nanoseconds period, double share,
                          std::chrono::nanoseconds took) {
    ListSchedule schedule(period, share);
    schedule.started(start);
    schedule.ended(start + took);
    return schedule;
}

} // namespace

TEST_CASE("the first list is due at once, and one at a time", "[intake][schedule]") {
    ListSchedule schedule(1s, 0.1);
    REQUIRE(schedule.due());
    CHECK(*schedule.due() <= start);
    schedule.started(start);
    CHECK(schedule.under_way());
    CHECK_FALSE(schedule.due());
    schedule.ended(start + 1ms);
    CHECK_FALSE(schedule.under_way());
    CHECK(schedule.due() == start + 1s);
}

TEST_CASE("a list that takes long comes more seldom", "[intake][schedule]") {
    CHECK(after_a_list(1s, 0.1, 100ms).due() == start + 1s);
    CHECK(after_a_list(1s, 0.1, 300ms).due() == start + 3s);
    CHECK(after_a_list(1s, 1, 3s).due() == start + 3s);
    CHECK(after_a_list(0s, 1, 20ms).due() == start + 20ms);
}

TEST_CASE("a wait has an end, whatever the settings", "[intake][schedule]") {
    CHECK(after_a_list(std::chrono::nanoseconds::max(), 0.1, 1s).due() == start + 24h);
    CHECK(after_a_list(1s, 0, 1s).due() == start + 24h);
    CHECK(after_a_list(1s, std::numeric_limits<double>::min(), 1s).due() == start + 24h);
}

TEST_CASE("who asks gets a list as soon as there is none under way", "[intake][schedule]") {
    ListSchedule schedule(1h, 0.1);
    schedule.started(start);
    schedule.ask();
    CHECK_FALSE(schedule.due());
    schedule.ended(start + 5s);
    CHECK(schedule.due() == start + 5s);
    schedule.started(start + 6s);
    schedule.ended(start + 7s);
    CHECK(schedule.due() == start + 6s + 1h);
}

TEST_CASE("what was lost is listed again soon, not always", "[intake][schedule]") {
    SECTION("a pause after a short list") {
        ListSchedule schedule = after_a_list(1h, 0.1, 10ms);
        schedule.repair();
        CHECK(schedule.due() == start + 10ms + 250ms);
    }
    SECTION("as long as a long list took") {
        ListSchedule schedule = after_a_list(1h, 0.1, 2s);
        schedule.repair();
        CHECK(schedule.due() == start + 4s);
    }
    SECTION("not later than the next one by the clock") {
        ListSchedule schedule = after_a_list(100ms, 1, 10ms);
        schedule.repair();
        CHECK(schedule.due() == start + 100ms);
    }
    SECTION("what is lost during a list is mended by the next one") {
        ListSchedule schedule(1h, 0.1);
        schedule.started(start);
        schedule.repair();
        schedule.ended(start + 10ms);
        CHECK(schedule.due() == start + 260ms);
        schedule.started(start + 260ms);
        schedule.ended(start + 270ms);
        CHECK(schedule.due() == start + 260ms + 1h);
    }
}
