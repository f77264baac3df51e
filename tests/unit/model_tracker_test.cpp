// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The tracker event by event: what a flow becomes, when it goes, what a list sweeps. Random
// histories against a plain map are in model_tracker_history_test.cpp.
#include "natstat/model/tracker.hpp"

#include "make_flow.hpp"
#include "tracked.hpp"

#include "tests/catch.hpp"

#include <algorithm>

using namespace natstat;
using namespace natstat::test;

namespace {

/// A tracker that is told things in one word.
struct Told {
    Tracker tracker;
    ExtrasPool pool;

    Told& say(EventKind kind, const Flow& flow) {
        tracker.apply(event_of(kind, flow), pool, {});
        return *this;
    }
    Told& created(const Flow& flow) { return say(EventKind::created, flow); }
    Told& updated(const Flow& flow) { return say(EventKind::updated, flow); }
    Told& destroyed(const Flow& flow) { return say(EventKind::destroyed, flow); }
    Told& listed(const Flow& flow) { return say(EventKind::listed, flow); }
    Told& list_end(bool whole = true) {
        Event event = event_of(EventKind::list_end);
        event.whole = whole;
        tracker.apply(event, pool, {});
        return *this;
    }
    Told& lost() { return say(EventKind::lost, Flow{}); }

    [[nodiscard]] std::size_t count() const { return tracker.size(); }
    [[nodiscard]] const Flow& only() const {
        REQUIRE(count() == 1);
        return tracker[0].flow;
    }
};

MakeFlow tcp(unsigned port) {
    return {"tcp", "198.51.100.7:" + std::to_string(port), "203.0.113.10:80"};
}

} // namespace

TEST_CASE("merge replaces what came and keeps the rest", "[tracker]") {
    Flow known = tcp(1)
                     .state("SYN_SENT")
                     .status(0)
                     .timeout(120)
                     .up(1, 60)
                     .start_ms(5)
                     .mark(9)
                     .id(77)
                     .extras(3);
    merge(
        known,
        tcp(1).reply("203.0.113.10:80", "192.0.2.1:9").state("ESTABLISHED").timeout(0).down(2, 99));
    REQUIRE(state_name(known.protocol, known.state) == "ESTABLISHED");
    REQUIRE(known.timeout == 0);
    REQUIRE(known.bytes_up == 60);
    REQUIRE(known.packets_down == 2);
    REQUIRE(known.bytes_down == 99);
    REQUIRE(known.mark == 9);
    REQUIRE(known.id == 77);
    REQUIRE(known.start_ms == 5);
    REQUIRE(known.extras == 3);
    REQUIRE(known.end(End::reply_destination) == endpoint("192.0.2.1:9"));
    REQUIRE(known.has(Part::counters_up));
    REQUIRE(known.has(Part::counters_down));
}

TEST_CASE("merge with a flow that says nothing changes nothing", "[tracker]") {
    const Flow before = full_scene().flow;
    Flow known = before;
    merge(known, Flow{});
    REQUIRE(known.parts == before.parts);
    REQUIRE(known.address == before.address);
    REQUIRE(known.port == before.port);
    REQUIRE(known.bytes_down == before.bytes_down);
    REQUIRE(known.timeout == before.timeout);
    REQUIRE(known.state == before.state);
    REQUIRE(known.zone == before.zone);
}

TEST_CASE("every single part is merged", "[tracker]") {
    const Flow news = full_scene().flow;
    for (unsigned bit = 0; bit < 15; ++bit) {
        Flow one = news;
        one.parts = static_cast<std::uint16_t>(1U << bit);
        Flow known;
        merge(known, one);
        REQUIRE(known.parts == one.parts);
        REQUIRE((known.timeout == news.timeout) == one.has(Part::timeout));
        REQUIRE((known.mark == news.mark) == one.has(Part::mark));
        REQUIRE((known.zone == news.zone) == one.has(Part::zone));
        REQUIRE((known.id == news.id) == one.has(Part::id));
        REQUIRE((known.state == news.state) == one.has(Part::state));
        REQUIRE((known.status == news.status) == one.has(Part::status));
        REQUIRE((known.start_ms == news.start_ms) == one.has(Part::start));
        REQUIRE((known.packets_up == news.packets_up) == one.has(Part::counters_up));
        REQUIRE((known.bytes_down == news.bytes_down) == one.has(Part::counters_down));
        REQUIRE((known.address[0] == news.address[0]) == one.has(Part::original));
        REQUIRE((known.address[3] == news.address[3]) == one.has(Part::reply));
    }
}

TEST_CASE("a life from creation to destruction", "[tracker]") {
    Told told;
    told.created(tcp(1).state("SYN_SENT").id(5));
    told.updated(tcp(1).state("SYN_RECV").id(5))
        .updated(tcp(1).state("ESTABLISHED").status(status::assured).id(5));
    REQUIRE(state_name(protocol::tcp, told.only().state) == "ESTABLISHED");
    REQUIRE(told.only().status == status::assured);
    told.destroyed(tcp(1).id(5));
    REQUIRE(told.count() == 0);
}

TEST_CASE("a flow that is first heard of by an update exists", "[tracker]") {
    Told told;
    REQUIRE(told.updated(tcp(1).state("FIN_WAIT")).count() == 1);
}

TEST_CASE("the end of an unknown flow changes nothing", "[tracker]") {
    Told told;
    told.destroyed(tcp(1));
    REQUIRE(told.count() == 0);
    REQUIRE(told.created(tcp(2)).destroyed(tcp(1)).count() == 1);
}

TEST_CASE("a whole list sweeps what it did not name", "[tracker]") {
    Told told;
    told.created(tcp(1)).created(tcp(2)).created(tcp(3)).list_end();
    told.listed(tcp(2)).listed(tcp(4)).list_end();
    REQUIRE(told.count() == 2);
    told.list_end();
    REQUIRE(told.count() == 0);
}

TEST_CASE("a list that was not whole sweeps nothing", "[tracker]") {
    Told told;
    told.created(tcp(1)).created(tcp(2)).list_end();
    told.listed(tcp(2)).list_end(false);
    REQUIRE(told.count() == 2);
    REQUIRE(told.listed(tcp(2)).list_end().count() == 1);
}

TEST_CASE("what was heard of while the list ran stays", "[tracker]") {
    Told told;
    told.listed(tcp(1)).list_end();
    told.listed(tcp(1)).created(tcp(2)).updated(tcp(3)).list_end();
    REQUIRE(told.count() == 3);
}

TEST_CASE("the end of a list before anything else is harmless", "[tracker]") {
    Told told;
    REQUIRE(told.list_end().list_end(false).lost().count() == 0);
}

TEST_CASE("lost events leave the picture as it was", "[tracker]") {
    Told told;
    REQUIRE(told.created(tcp(1)).lost().count() == 1);
}

TEST_CASE("a list adds counters to what events said", "[tracker]") {
    Told told;
    told.created(tcp(1).state("SYN_SENT").mark(3).id(5))
        .listed(tcp(1).state("ESTABLISHED").up(4, 400).id(5));
    REQUIRE(told.only().bytes_up == 400);
    REQUIRE(told.only().mark == 3);
}

TEST_CASE("a tuple that is created again is a new flow with nothing of the old one", "[tracker]") {
    Told told;
    told.created(tcp(1).state("TIME_WAIT").up(4, 400).mark(3).id(5))
        .created(tcp(1).state("SYN_SENT").id(6));
    REQUIRE_FALSE(told.only().has(Part::counters_up));
    REQUIRE_FALSE(told.only().has(Part::mark));
    REQUIRE(told.only().id == 6);
}

TEST_CASE("a tuple that is listed with another id is a new flow", "[tracker]") {
    Told told;
    told.say(EventKind::list_begin, Flow{});
    told.listed(tcp(1).up(4, 400).id(5)).listed(tcp(1).id(6));
    REQUIRE_FALSE(told.only().has(Part::counters_up));
    // Without an id on one side it is taken for the same.
    told.listed(tcp(1).timeout(9));
    REQUIRE(told.only().id == 6);
}

TEST_CASE("in a mere list, of which nobody says when it began, both of a tuple are there",
          "[tracker]") {
    Told told;
    told.listed(tcp(1).id(5)).listed(tcp(1).id(6));
    REQUIRE(told.count() == 2);
    told.list_end().listed(tcp(1).id(6)).list_end();
    REQUIRE(told.only().id == 6);
    // Events mean the one that they name.
    told.listed(tcp(1).id(5)).updated(tcp(1).mark(9).id(5)).destroyed(tcp(1).id(6));
    REQUIRE(told.only().id == 5);
    REQUIRE(told.only().mark == 9);
    told.listed(tcp(1).id(6)).created(tcp(1).id(7));
    REQUIRE(told.only().id == 7);
}

TEST_CASE("the late end of an earlier flow leaves its successor alone", "[tracker]") {
    // The list comes by another socket than the events, so that it can overtake them; and the
    // kernel repeats a destroy event that found no room.
    Told told;
    told.listed(tcp(1).state("ESTABLISHED").id(6)).destroyed(tcp(1).id(5));
    REQUIRE(told.count() == 1);
    REQUIRE(told.destroyed(tcp(1).id(6)).count() == 0);
}

TEST_CASE("one zone of each direction keeps two flows of one tuple apart", "[tracker]") {
    Told told;
    told.created(tcp(1).zone(5, Direction::original)).created(tcp(1).zone(5, Direction::reply));
    REQUIRE(told.tracker.size() == 2);
    const auto nothing = [](const Transition& step) {
        FAIL("a list that names what is known tells of " << transition_name(step.kind));
    };
    for (const Direction only : {Direction::original, Direction::reply})
        told.tracker.apply(event_of(EventKind::listed, tcp(1).zone(5, only)), told.pool, nothing);
    told.tracker.apply(event_of(EventKind::list_end), told.pool, nothing);
    told.destroyed(tcp(1).zone(5, Direction::reply));
    REQUIRE(told.only().zone_of(Direction::original) == 5);
}

TEST_CASE("zones keep equal tuples apart", "[tracker]") {
    Told told;
    told.created(tcp(1).zone(1).mark(1)).created(tcp(1).zone(2).mark(2)).created(tcp(1));
    REQUIRE(told.count() == 3);
    told.destroyed(tcp(1).zone(1));
    REQUIRE(told.count() == 2);
    for (const Flow& flow : flows_of(told.tracker))
        REQUIRE(flow.zone != 1);
}

TEST_CASE("what is left after an end is the other flows", "[tracker]") {
    Told told;
    for (unsigned port = 1; port <= 5; ++port)
        told.created(tcp(port));
    told.updated(tcp(1).mark(1)).destroyed(tcp(2));
    std::vector<unsigned> ports;
    for (const Flow& flow : flows_of(told.tracker))
        ports.push_back(flow.port[0]);
    std::sort(ports.begin(), ports.end());
    REQUIRE(ports == std::vector<unsigned>{1, 3, 4, 5});
}

TEST_CASE("extras are kept in the tracker's own pool", "[tracker]") {
    Tracker tracker;
    Extras ftp;
    ftp.helper = "ftp";
    {
        ExtrasPool first;
        tracker.apply(event_of(EventKind::created, tcp(1).extras(first.intern(ftp))), first,
                      nullptr);
    }
    ExtrasPool second;
    Extras sip;
    sip.helper = "sip";
    (void)second.intern(sip);
    tracker.apply(event_of(EventKind::created, tcp(2).extras(second.intern(ftp))), second, {});
    tracker.apply(event_of(EventKind::updated, tcp(1)), second, {}); // says nothing of extras
    for (const Flow& flow : flows_of(tracker))
        REQUIRE(tracker.extras()[flow.extras].helper == "ftp");
    REQUIRE(tracker[0].flow.extras == tracker[1].flow.extras);
}

TEST_CASE("a look-up tells of known flows only", "[tracker]") {
    Told told;
    told.say(EventKind::looked_up, tcp(1).id(11));
    CHECK(told.count() == 0); // it has ended meanwhile, or a list will tell it
    told.created(tcp(1).id(11).up(1, 60)).say(EventKind::looked_up, tcp(1).id(11).up(9, 540));
    CHECK(told.only().bytes_up == 540);
    told.say(EventKind::looked_up, tcp(1).id(12).up(1, 1)); // another flow with its tuple
    CHECK(told.only().id == 11);
    CHECK(told.only().bytes_up == 540);
}

TEST_CASE("counters of a list that is read after a newer look-up do not go back", "[tracker]") {
    Told told;
    told.listed(tcp(1).id(11).up(1, 60).down(0, 0).timeout(30)).list_end();
    told.say(EventKind::looked_up, tcp(1).id(11).status(0).up(9, 540).down(2, 80).timeout(29));
    told.listed(tcp(1).id(11).status(0).up(8, 480).down(2, 80).timeout(28));
    CHECK(told.only().bytes_up == 540);
    CHECK(told.only().bytes_down == 80);
    CHECK(told.only().timeout == 29);
    told.list_end();
    told.listed(tcp(1).id(11).status(0).up(1, 60).down(0, 0)).list_end(); // they were zeroed
    CHECK(told.only().bytes_up == 60);
}
