// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What has changed: who is remembered and for how long, which flows count, and the way to them.
#include "live_screen.hpp"

#include "natstat/live/first_seen.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;
using std::chrono::seconds;

namespace {

Time at(int second) {
    return Time{} + std::chrono::hours{1000} + seconds{second};
}

Transition end_of(const Flow& flow, Time begun, Time ended, Ending ending) {
    Transition step;
    step.kind = TransitionKind::ended;
    step.flow = flow;
    step.life.seen = begun;
    step.life.created = true;
    step.time = ended;
    step.ending = ending;
    return step;
}

Flow flow_of(const char* source, const char* destination) {
    return MakeFlow{"tcp", source, destination};
}

std::string drawn(const Screen& here) {
    return render(here.picture, here.ui, here.size).text();
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::uint32_t sum(const Picture& picture, std::uint32_t Group::*member) {
    std::uint32_t all = 0;
    for (const ShownRow& shown : picture.rows)
        all += (*shown.group).*member;
    return all;
}

} // namespace

TEST_CASE("ends are kept so many, and it is known how far back they reach", "[changes]") {
    Departures kept(3);
    const ExtrasPool extras;
    CHECK(kept.reach() == Time{});
    for (int i = 0; i < 5; ++i)
        kept.take(end_of(flow_of("192.0.2.10:1000", "198.51.100.1:80"), at(0), at(10 + i),
                         Ending::closed),
                  extras, at(99));
    CHECK(kept.first() == 2);
    CHECK(kept.end() == 5);
    CHECK(kept[2].ended == at(12));
    CHECK(kept.reach() == at(11)); // the last one that was let go
    CHECK(kept.first_since(at(13)) == 3);
    CHECK(kept.first_since(at(0)) == 2);
    CHECK(kept.first_since(at(50)) == 5);
    kept.take(end_of(flow_of("192.0.2.10:1000", "198.51.100.1:80"), at(0), Time{}, Ending::reset),
              extras, at(99));
    CHECK(kept[5].ended == at(99)); // where it is not told, when it was heard of
    CHECK(kept[5].failed());
}

TEST_CASE("hosts and destinations are known by address, zone, protocol and port", "[changes]") {
    FirstSeen known;
    const Flow flow = flow_of("192.0.2.10:1000", "198.51.100.1:80");
    CHECK_FALSE(known.source(flow));
    known.take(flow, at(1));
    known.take(flow_of("192.0.2.10:1001", "198.51.100.1:80"), at(2));
    CHECK(known.source(flow) == at(1));
    CHECK(known.destination(flow) == at(1));
    CHECK(known.source(flow_of("192.0.2.10:9", "198.51.100.1:81")));
    CHECK_FALSE(known.destination(flow_of("192.0.2.10:9", "198.51.100.1:81")));
    CHECK_FALSE(known.source(flow_of("198.51.100.1:80", "192.0.2.10:1000")));
    Flow other = flow;
    other.set_zone(7);
    CHECK_FALSE(known.source(other));
}

TEST_CASE("what has not been seen for long is as new, and what was seen lately is not",
          "[changes]") {
    FirstSeen known(8);
    const Flow often = flow_of("192.0.2.1:1000", "198.51.100.1:80");
    const Flow once = flow_of("192.0.2.2:1000", "198.51.100.2:80");
    known.take(once, at(0));
    for (int i = 0; i < 100; ++i) {
        known.take(often, at(i));
        const std::string host = "192.0.2." + std::to_string(100 + i) + ":1";
        known.take(flow_of(host.c_str(), "198.51.100.1:80"), at(i));
    }
    CHECK(known.source(often) == at(0));
    CHECK_FALSE(known.source(once));
}

TEST_CASE("d shows what began and ended, and what of it was never seen before", "[changes]") {
    const Replay& replay = half_way();
    Screen here = screen(replay, {40, 120});
    here.ui.span = seconds{300};
    CHECK(here.press('d') == Effect::rank);
    REQUIRE(here.ui.rows() == Rows::changes);
    std::uint32_t begun = 0, ended = 0, failed = 0;
    for (const ShownStep& each : replay.steps) {
        begun += each.step.kind == TransitionKind::created ? 1 : 0;
        ended += each.step.kind == TransitionKind::ended ? 1 : 0;
        failed += each.step.ending == Ending::reset || each.step.ending == Ending::no_reply ? 1 : 0;
    }
    REQUIRE(begun != 0);
    REQUIRE(ended != 0);
    CHECK(sum(here.picture, &Group::begun) == begun);
    CHECK(sum(here.picture, &Group::gone) == ended);
    CHECK(sum(here.picture, &Group::failed) == failed);
    CHECK(here.picture.total.begun == begun);
    CHECK(here.picture.total.gone == ended);
    CHECK(has(drawn(here), "BEGUN"));
    CHECK(has(drawn(here), "+203.0.113.")); // the table was empty at first: all are new
    here.picture.changes_since = replay.around.now + seconds{1};
    mark_new(here.picture, replay.known);
    CHECK_FALSE(has(drawn(here), "+203.0.113."));
}

TEST_CASE("e looks further back, and what is not known any more is said", "[changes]") {
    Screen here = screen(half_way(), {24, 120});
    here.press('d');
    CHECK(has(drawn(here), "the last 1m"));
    here.press('e');
    CHECK(here.ui.span == std::chrono::minutes{5});
    here.press('e');
    CHECK(here.ui.span == seconds{5});
    const std::uint32_t of_five_seconds = sum(here.picture, &Group::begun);
    here.press('e');
    CHECK(sum(here.picture, &Group::begun) > of_five_seconds);
    CHECK_FALSE(has(drawn(here), "known since"));
    here.picture.changes_since = here.picture.around.now - seconds{2};
    CHECK(has(drawn(here), "known since 06:15:"));
}

TEST_CASE("Enter leads to the flows of a change, or to how they ended", "[changes]") {
    Screen here = screen(half_way(), {40, 120});
    here.press('d');
    bool there = false;
    for (std::size_t row = 0; row < here.picture.matched; ++row) {
        here.press('g');
        for (std::size_t down = 0; down < row; ++down)
            here.press('j');
        const Group group = *here.picture.rows[row].group;
        here.press(key::enter);
        INFO(here.ui.filter);
        CHECK(here.ui.view == (group.flows == 0 ? View::events : View::flows));
        there = there || group.flows != 0;
        here.press(key::escape);
        REQUIRE(here.ui.view == View::changes);
    }
    CHECK(there);
}
