// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How many flows match, event by event, beside a count of all that are there.
#include "natstat/gather/remaining.hpp"

#include "make_flow.hpp"
#include "tracked.hpp"

#include "tests/catch.hpp"

#include <random>

using namespace natstat;
using namespace natstat::test;
using namespace std::chrono_literals;

namespace {

MakeFlow tcp(unsigned port, std::string_view state = "ESTABLISHED") {
    return MakeFlow("tcp", "192.0.2.7:" + std::to_string(port), "203.0.113.10:80")
        .state(state)
        .status(status::seen_reply)
        .id(port);
}

struct Counted {
    explicit Counted(std::string_view text)
        : filter(std::get<Filter>(Filter::parse(text))), remaining(filter, around) {}

    Counted& say(EventKind kind, const Flow& flow = Flow{}, Time time = Time{} + 1000s) {
        Event event = event_of(kind, flow);
        event.time = time;
        remaining.take(event, pool);
        return *this;
    }
    /// A list of these flows.
    Counted& list(const std::vector<Flow>& flows, Time time = Time{} + 1000s, bool whole = true) {
        say(EventKind::list_begin, Flow{}, time);
        for (const Flow& flow : flows)
            say(EventKind::listed, flow, time);
        Event end = event_of(EventKind::list_end);
        end.time = time;
        end.whole = whole;
        remaining.take(end, pool);
        return *this;
    }
    /// As many as are there when each is looked at.
    [[nodiscard]] std::size_t looked_at() const {
        std::size_t number = 0;
        remaining.for_each([&](const Row& /*row*/) { ++number; });
        return number;
    }
    [[nodiscard]] std::optional<std::size_t> count() const { return remaining.count(); }

    Surroundings around;
    Filter filter;
    ExtrasPool pool;
    Remaining remaining;
};

constexpr auto nothing = std::optional<std::size_t>();

} // namespace

TEST_CASE("remaining: nothing is known before a list was whole", "[remaining]") {
    Counted counted("state=established");
    CHECK(counted.say(EventKind::created, tcp(1)).count() == nothing);
    CHECK(counted.list({tcp(1), tcp(2)}, Time{} + 1000s, false).count() == nothing);
    CHECK(counted.list({tcp(1), tcp(2), tcp(3, "SYN_SENT")}).count() == 2);
}

TEST_CASE("remaining: flows go by their end, by their state, and by what a list leaves out",
          "[remaining]") {
    Counted counted("state=established");
    counted.list({tcp(1), tcp(2), tcp(3), tcp(4)});
    CHECK(counted.say(EventKind::destroyed, tcp(1)).count() == 3);
    CHECK(counted.say(EventKind::destroyed, tcp(1)).count() == 3);
    CHECK(counted.say(EventKind::updated, tcp(2, "FIN_WAIT")).count() == 2);
    CHECK(counted.say(EventKind::destroyed, tcp(2, "TIME_WAIT")).count() == 2);
    CHECK(counted.say(EventKind::created, tcp(5, "SYN_SENT")).count() == 2);
    CHECK(counted.say(EventKind::updated, tcp(5)).count() == 3);
    CHECK(counted.list({tcp(5)}).count() == 1);
    CHECK(counted.say(EventKind::destroyed, tcp(5)).count() == 0);
}

TEST_CASE("remaining: a tuple that comes again takes the place of the one before", "[remaining]") {
    Counted counted("state=established");
    counted.list({tcp(1), tcp(2)});
    const Flow again = tcp(1, "SYN_SENT").id(77);
    CHECK(counted.say(EventKind::created, again).count() == 1);
    CHECK(counted.say(EventKind::destroyed, tcp(1)).count() == 1); // late
    CHECK(counted.say(EventKind::updated, tcp(1).id(77)).count() == 2);
}

TEST_CASE("remaining: what was lost is made good for by a list", "[remaining]") {
    Counted counted("tcp");
    counted.list({tcp(1), tcp(2)});
    CHECK(counted.say(EventKind::lost).count() == nothing);
    CHECK(counted.say(EventKind::destroyed, tcp(1)).count() == nothing);
    CHECK(counted.list({}).count() == 0);
}

TEST_CASE("remaining: time goes on with lists, and no flow leaves the count twice", "[remaining]") {
    Counted counted("age<60");
    const Flow flow = tcp(1).start_ms(1'000'000);
    counted.list({flow}, Time{} + 1010s);
    CHECK(counted.count() == 1);
    CHECK(counted.say(EventKind::updated, tcp(1, "FIN_WAIT"), Time{} + 1100s).count() == 1);
    CHECK(counted.list({flow}, Time{} + 1100s).count() == 0);
    CHECK(counted.say(EventKind::destroyed, flow, Time{} + 1101s).count() == 0);
}

TEST_CASE("remaining: the count is that of all flows, whatever happens", "[remaining]") {
    Counted counted("state=established and sport<1020");
    counted.list({});
    std::mt19937 random(19); // NOLINT: the same each time
    const auto any = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
    constexpr std::string_view states[] = {"SYN_SENT", "ESTABLISHED", "TIME_WAIT"};
    constexpr EventKind kinds[] = {EventKind::created, EventKind::updated, EventKind::destroyed};
    for (int step = 0; step < 4000; ++step) {
        const Flow flow = tcp(1000 + any(40), states[any(3)]).id(any(3));
        counted.say(kinds[any(3)], flow);
        REQUIRE(counted.count() == counted.looked_at());
        if (any(50) == 0)
            counted.list({flow, tcp(1001)});
    }
}
