// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Lives of flows as the tracker tells them: steps, their times, ways of ending; lists and lost
// events in between.
#include "make_flow.hpp"
#include "tracked.hpp"

#include "tests/catch.hpp"

#include <sstream>

using namespace natstat;
using namespace natstat::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// A source in words; each word takes place at the time that was set last. What the tracker makes
/// of it is one line a step.
struct Story {
    Tracker tracker;
    ExtrasPool pool;
    Time now{seconds{1'000'000}};
    std::vector<Transition> steps;

    Story& at(milliseconds after) {
        now = Time{seconds{1'000'000}} + after;
        return *this;
    }
    Story& say(Event event) {
        event.time = now;
        tracker.apply(event, pool, [this](const Transition& step) { steps.push_back(step); });
        return *this;
    }
    Story& created(const Flow& flow) { return say(event_of(EventKind::created, flow)); }
    Story& updated(const Flow& flow) { return say(event_of(EventKind::updated, flow)); }
    Story& listed(const Flow& flow) { return say(event_of(EventKind::listed, flow)); }
    Story& destroyed(const Flow& flow) { return say(event_of(EventKind::destroyed, flow)); }
    Story& deleted(const Flow& flow) {
        Event event = event_of(EventKind::destroyed, flow);
        event.requested = true;
        return say(event);
    }
    Story& list_begin() { return say(event_of(EventKind::list_begin)); }
    Story& list_end(bool whole = true) {
        Event event = event_of(EventKind::list_end);
        event.whole = whole;
        return say(event);
    }
    Story& lost(std::uint64_t count) {
        Event event = event_of(EventKind::lost);
        event.count = count;
        return say(event);
    }
    /// A whole list of these flows.
    Story& list(const std::vector<Flow>& flows) {
        list_begin();
        for (const Flow& flow : flows)
            listed(flow);
        return list_end();
    }

    /// What was told since the last time: "created ->SYN_SENT; changed SYN_SENT->SYN_RECV 100ms".
    std::string told() {
        std::ostringstream text;
        for (const Transition& step : steps) {
            const auto label = [&](const std::optional<StateNumber>& state) {
                return state ? state_label(step.flow.protocol, *state) : std::string_view{};
            };
            text << (&step == steps.data() ? "" : "; ") << transition_name(step.kind);
            if (step.kind == TransitionKind::lost)
                text << ' ' << step.lost;
            else if (step.ending)
                text << ' ' << label(step.from) << "->" << ending_name(*step.ending);
            else
                text << ' ' << label(step.from) << "->" << label(step.to);
            if (step.held)
                text << ' ' << std::chrono::duration_cast<milliseconds>(*step.held).count() << "ms";
            text << (step.by_list ? " (list)" : "");
        }
        steps.clear();
        return text.str();
    }
};

constexpr std::uint32_t answered = status::confirmed | status::seen_reply;

MakeFlow tcp(unsigned port = 1000) {
    return MakeFlow("tcp", "192.0.2.10:" + std::to_string(port), "203.0.113.10:80")
        .reply("203.0.113.10:80", "198.51.100.1:" + std::to_string(port))
        .id(7000 + port);
}
MakeFlow tcp_in(std::string_view state, std::uint32_t bits = answered) {
    return tcp().state(state).status(bits);
}
MakeFlow udp(std::uint32_t bits) {
    return MakeFlow("udp", "192.0.2.10:53000", "203.0.113.10:53").status(bits).id(9);
}
MakeFlow sctp_in(std::string_view state, std::uint32_t bits = answered) {
    return MakeFlow("sctp", "192.0.2.10:5000", "203.0.113.10:5000").state(state).status(bits).id(5);
}

} // namespace

TEST_CASE("a connection's life, closed by both sides", "[transition]") {
    Story story;
    story.at(milliseconds{0}).created(tcp_in("SYN_SENT", status::confirmed).timeout(120));
    REQUIRE(story.told() == "created ->SYN_SENT");
    story.at(milliseconds{100}).updated(tcp_in("SYN_RECV"));
    REQUIRE(story.told() == "changed SYN_SENT->SYN_RECV 100ms");
    story.at(milliseconds{150}).updated(tcp_in("ESTABLISHED", answered | status::assured));
    REQUIRE(story.told() == "changed SYN_RECV->ESTABLISHED 50ms");
    story.updated(tcp_in("ESTABLISHED", answered | status::assured).mark(4));
    REQUIRE(story.told().empty());
    story.at(seconds{5}).updated(tcp_in("FIN_WAIT")).updated(tcp_in("CLOSE_WAIT"));
    REQUIRE(story.told() ==
            "changed ESTABLISHED->FIN_WAIT 4850ms; changed FIN_WAIT->CLOSE_WAIT 0ms");
    story.at(seconds{6}).updated(tcp_in("LAST_ACK")).updated(tcp_in("TIME_WAIT").timeout(120));
    story.told();
    story.at(seconds{126}).destroyed(tcp_in("TIME_WAIT").up(10, 1000).down(8, 2000));
    REQUIRE(story.steps.back().flow.bytes_down == 2000);
    REQUIRE(story.steps.back().life.stays == 7);
    REQUIRE(story.steps.back().life.stay(0).state == 1);
    REQUIRE(story.steps.back().life.stay(6).since == Time{seconds{1'000'006}});
    REQUIRE(story.told() == "ended TIME_WAIT->closed 120000ms");
    REQUIRE(story.tracker.size() == 0);
}

TEST_CASE("an update that carries only the state leaves the rest", "[transition]") {
    Story story;
    story.created(tcp_in("ESTABLISHED").mark(3).up(1, 60).down(1, 60));
    Flow only_state = tcp().no_reply().state("CLOSE");
    story.updated(only_state);
    REQUIRE(story.told() == "created ->ESTABLISHED; changed ESTABLISHED->CLOSE 0ms");
    const Flow& flow = story.tracker[0].flow;
    REQUIRE(flow.mark == 3);
    REQUIRE(flow.bytes_up == 60);
    REQUIRE(flow.status == answered);
    REQUIRE(flow.has(Part::reply));
}

TEST_CASE("ways of ending", "[transition]") {
    struct Case {
        const char* what;
        Flow last;
        const char* told;
    };
    const std::vector<Case> cases{
        {"reset", tcp_in("CLOSE"), "reset"},
        {"last acknowledgement missing", tcp_in("LAST_ACK"), "closed"},
        {"ports used again", tcp_in("TIME_WAIT").timeout(60), "closed"},
        {"no answer", tcp_in("SYN_SENT", status::confirmed), "no_reply"},
        {"refused: the kernel drops it at once", tcp_in("SYN_SENT", status::confirmed).timeout(119),
         "reset"},
        {"idle", tcp_in("ESTABLISHED"), "expired"},
        {"refused, but nothing came back: somebody made room",
         tcp_in("SYN_SENT", status::confirmed).timeout(119).up(1, 60).down(0, 0), "deleted"},
        {"half closed and left", tcp_in("CLOSE_WAIT"), "expired"},
        {"early drop", tcp_in("ESTABLISHED").timeout(432000), "deleted"},
        {"udp without an answer", udp(status::confirmed), "no_reply"},
        {"udp idle", udp(answered), "expired"},
        {"udp stream idle", udp(answered | status::assured), "expired"},
        {"udp removed", udp(answered).timeout(20), "deleted"},
        {"sctp without an answer", sctp_in("CLOSED", status::confirmed), "no_reply"},
        {"sctp shut down", sctp_in("SHUTDOWN_ACK_SENT"), "closed"},
        {"sctp idle", sctp_in("ESTABLISHED"), "expired"},
    };
    for (const Case& each : cases) {
        INFO(each.what);
        Story story;
        story.created(each.last);
        story.told();
        story.at(seconds{1}).destroyed(each.last);
        REQUIRE(ending_name(story.steps.back().ending.value_or(Ending::unknown)) == each.told);
    }
}

TEST_CASE("closed SCTP is told from aborted by the state before", "[transition]") {
    for (const auto& [before, ending] : {std::pair{"SHUTDOWN_ACK_SENT", Ending::closed},
                                         std::pair{"ESTABLISHED", Ending::reset}}) {
        Story story;
        story.created(sctp_in(before)).updated(sctp_in("CLOSED"));
        story.steps.clear();
        story.destroyed(sctp_in("CLOSED"));
        REQUIRE(story.steps.back().ending == ending);
    }
}

TEST_CASE("a reset after both sides have closed breaks nothing off", "[transition]") {
    Story story;
    story.created(tcp_in("TIME_WAIT")).updated(tcp_in("CLOSE")).destroyed(tcp_in("CLOSE"));
    REQUIRE(story.steps.back().ending == Ending::closed);
}

TEST_CASE("a clock that is set back begins rates anew", "[transition]") {
    Story story;
    story.at(seconds{3600}).list({tcp_in("ESTABLISHED").up(1, 1000).down(1, 1000)});
    story.at(seconds{1}).list({tcp_in("ESTABLISHED").up(2, 2000).down(2, 2000)});
    REQUIRE(story.tracker[0].life.rate_up < 0);
    story.at(seconds{2}).list({tcp_in("ESTABLISHED").up(3, 2500).down(2, 2000)});
    REQUIRE(story.tracker[0].life.rate_up == 500);
}

TEST_CASE("what a program deletes is deleted, in whatever state", "[transition]") {
    for (const Flow& flow : {Flow(tcp_in("TIME_WAIT")), Flow(tcp_in("ESTABLISHED").timeout(100)),
                             Flow(udp(answered))}) {
        Story story;
        story.created(flow);
        story.steps.clear();
        story.deleted(flow);
        REQUIRE(story.steps.back().ending == Ending::deleted);
    }
}

TEST_CASE("protocols without states go from unreplied to assured", "[transition]") {
    Story story;
    story.created(udp(status::confirmed)).updated(udp(answered));
    story.updated(udp(answered | status::assured)).updated(udp(answered | status::assured).mark(1));
    REQUIRE(story.told() == "created ->UNREPLIED; changed UNREPLIED->REPLIED 0ms; "
                            "changed REPLIED->ASSURED 0ms");
}

TEST_CASE("skipped states are told as they were seen", "[transition]") {
    Story story;
    story.created(tcp_in("SYN_SENT", status::confirmed)).updated(tcp_in("LAST_ACK"));
    story.updated(tcp_in("SYN_SENT"));    // an odd packet
    story.destroyed(tcp_in("TIME_WAIT")); // the last update never came
    REQUIRE(story.told() ==
            "created ->SYN_SENT; changed SYN_SENT->LAST_ACK 0ms; changed LAST_ACK->SYN_SENT 0ms; "
            "changed SYN_SENT->TIME_WAIT 0ms; ended TIME_WAIT->closed 0ms");
}

TEST_CASE("flows that were there before are not told of as created", "[transition]") {
    Story story;
    story.list({tcp_in("ESTABLISHED"), udp(answered)});
    REQUIRE(story.told().empty());
    REQUIRE(story.tracker.complete());
    SECTION("and how long they have been in their state is not known") {
        story.at(seconds{9}).updated(tcp_in("FIN_WAIT"));
        REQUIRE(story.told() == "changed ESTABLISHED->FIN_WAIT");
    }
    SECTION("their changes come from lists when no event tells them") {
        story.at(seconds{10}).list({tcp_in("TIME_WAIT").timeout(119), udp(answered)});
        REQUIRE(story.told() == "changed ESTABLISHED->TIME_WAIT (list)");
        story.at(seconds{200}).list({udp(answered)});
        REQUIRE(story.told() == "ended TIME_WAIT->closed 190000ms (list)");
    }
    SECTION("and how one ended that nobody saw is not known") {
        story.at(seconds{10}).list({udp(answered)});
        REQUIRE(story.told() == "ended ESTABLISHED->unknown (list)");
    }
    SECTION("unless its timeout had run out") {
        story.list({tcp_in("ESTABLISHED"), udp(answered).timeout(30)});
        story.at(seconds{31}).list({tcp_in("ESTABLISHED")});
        REQUIRE(story.told() == "ended REPLIED->expired (list)");
    }
}

TEST_CASE("a flow that only a list shows is created, once", "[transition]") {
    Story story;
    story.list({});
    story.list_begin().listed(tcp_in("ESTABLISHED"));
    REQUIRE(story.told().empty());
    SECTION("at the end of the list") {
        story.list_end();
        REQUIRE(story.told() == "created ->ESTABLISHED (list)");
        story.created(tcp_in("ESTABLISHED")); // the word of its creation was late
        story.list({tcp_in("ESTABLISHED")});
        REQUIRE(story.told().empty());
    }
    SECTION("or by the word of its creation, if that comes before") {
        story.created(tcp_in("SYN_SENT")).list_end();
        REQUIRE(story.told() == "created ->SYN_SENT");
    }
    SECTION("or before its end, if that comes first") {
        story.destroyed(tcp_in("CLOSE")).list_end();
        REQUIRE(story.told() == "created ->ESTABLISHED (list); changed ESTABLISHED->CLOSE; "
                                "ended CLOSE->reset 0ms");
    }
}

TEST_CASE("what an event said since the list began is newer than the list", "[transition]") {
    Story story;
    story.list({tcp_in("SYN_SENT")});
    story.list_begin()
        .updated(tcp_in("ESTABLISHED"))
        .listed(tcp_in("SYN_RECV").up(9, 900).down(9, 9));
    story.list_end();
    REQUIRE(story.told() == "changed SYN_SENT->ESTABLISHED");
    REQUIRE(story.tracker[0].flow.bytes_up == 900);
    SECTION("but not than the next one") {
        story.list({tcp_in("FIN_WAIT")});
        REQUIRE(story.told() == "changed ESTABLISHED->FIN_WAIT 0ms (list)");
    }
}

TEST_CASE("since when a flow is in its state is not known where a list is the first to say it",
          "[transition]") {
    Story story;
    story.updated(MakeFlow("tcp", "192.0.2.10:51258", "203.0.113.10:443").id(7)).list_end();
    auto flow = MakeFlow("tcp", "192.0.2.10:51258", "203.0.113.10:443").id(7);
    story.list({flow.state("ESTABLISHED")});
    REQUIRE(story.tracker.size() == 1);
    REQUIRE(story.tracker[0].life.state_since == Time{});
    REQUIRE(!story.tracker[0].life.stay(0).since);
}

TEST_CASE("a flow that came while a list was read is not swept by it", "[transition]") {
    Story story;
    story.list({});
    story.list_begin().created(tcp_in("SYN_SENT")).list_end();
    REQUIRE(story.told() == "created ->SYN_SENT");
    REQUIRE(story.tracker.size() == 1);
    story.list({});
    REQUIRE(story.told() == "ended SYN_SENT->unknown 0ms (list)");
}

TEST_CASE("a flow that ended while a list was read is not brought back by it", "[transition]") {
    Story story;
    story.list({tcp_in("TIME_WAIT")});
    story.list_begin().destroyed(tcp_in("TIME_WAIT"));
    REQUIRE(story.told() == "ended TIME_WAIT->closed");
    SECTION("not by itself") {
        story.listed(tcp_in("TIME_WAIT")).list_end();
        REQUIRE(story.told().empty());
        REQUIRE(story.tracker.size() == 0);
    }
    SECTION("not in the place of its successor") {
        story.created(tcp_in("SYN_SENT").id(1)).listed(tcp_in("TIME_WAIT")).list_end();
        REQUIRE(story.told() == "created ->SYN_SENT");
        REQUIRE(story.tracker[0].flow.id == 1);
    }
    SECTION("but by the next one, if it is there after all") {
        story.list_end().list({tcp_in("TIME_WAIT")});
        REQUIRE(story.told() == "created ->TIME_WAIT (list)");
    }
}

TEST_CASE("lost events make the picture stale until a list is whole", "[transition]") {
    Story story;
    story.list({tcp_in("ESTABLISHED")});
    story.lost(155);
    REQUIRE(story.told() == "lost 155");
    REQUIRE(story.tracker.stale());
    SECTION("a list that was whole") {
        story.list({udp(answered)});
        REQUIRE(story.told() == "created ->REPLIED (list); ended ESTABLISHED->unknown (list)");
        REQUIRE_FALSE(story.tracker.stale());
    }
    SECTION("a list that was not whole") {
        story.list_begin().listed(udp(answered)).list_end(false);
        REQUIRE(story.told() == "created ->REPLIED (list)");
        REQUIRE(story.tracker.stale());
        REQUIRE(story.tracker.size() == 2);
    }
    SECTION("a list under which more was lost") {
        story.list_begin().lost(1).list_end();
        REQUIRE(story.told() == "lost 1");
        REQUIRE(story.tracker.stale());
        REQUIRE(story.tracker.size() == 1);
    }
}

TEST_CASE("a tuple that is used again is a new flow", "[transition]") {
    Story story;
    story.created(tcp_in("TIME_WAIT"));
    story.steps.clear();
    SECTION("whose predecessor's end was told") {
        story.destroyed(tcp_in("TIME_WAIT").timeout(100)).created(tcp_in("SYN_SENT").id(1));
        REQUIRE(story.told() == "ended TIME_WAIT->closed 0ms; created ->SYN_SENT");
    }
    SECTION("whose predecessor's end was not told") {
        story.created(tcp_in("SYN_SENT").id(1));
        REQUIRE(story.told() == "ended TIME_WAIT->closed 0ms; created ->SYN_SENT");
        story.destroyed(tcp_in("TIME_WAIT")); // late
        REQUIRE(story.told().empty());
        REQUIRE(story.tracker.size() == 1);
    }
}

TEST_CASE("flows that nobody saw come", "[transition]") {
    Story story;
    SECTION("change") {
        story.updated(tcp_in("FIN_WAIT"));
        REQUIRE(story.told() == "changed ->FIN_WAIT");
        REQUIRE_FALSE(story.tracker[0].life.created);
    }
    SECTION("end") {
        story.destroyed(tcp_in("TIME_WAIT"));
        REQUIRE(story.told() == "ended TIME_WAIT->closed");
        REQUIRE(story.tracker.size() == 0);
    }
}

TEST_CASE("rates come from successive counters", "[transition]") {
    Story story;
    story.created(tcp_in("ESTABLISHED"));
    REQUIRE(story.tracker[0].life.rate_up < 0);
    story.at(seconds{1}).list({tcp_in("ESTABLISHED").up(1, 1000).down(1, 5000)});
    REQUIRE(story.tracker[0].life.rate_up < 0); // one telling is no rate
    story.at(seconds{3}).list({tcp_in("ESTABLISHED").up(3, 2000).down(5, 5000)});
    REQUIRE(story.tracker[0].life.rate_up == 500);
    REQUIRE(story.tracker[0].life.rate_down == 0);
    story.at(milliseconds{3001}).list({tcp_in("ESTABLISHED").up(3, 2400).down(5, 5000)});
    REQUIRE(story.tracker[0].life.rate_up == 500);    // too close to tell
    story.at(seconds{4}).updated(tcp_in("FIN_WAIT")); // carries none
    story.at(seconds{5}).list({tcp_in("FIN_WAIT").up(4, 10).down(5, 9000)});
    REQUIRE(story.tracker[0].life.rate_up < 0); // counters that go back were set to zero
    REQUIRE(story.tracker[0].life.rate_down == 2000);
}

TEST_CASE("with a window, a rate is not taken over less, and misses nothing between",
          "[transition]") {
    // 1000 bytes in each tenth of a second, told by lists and in between.
    Story story;
    story.tracker.set_rate_window(seconds{1});
    story.created(tcp_in("ESTABLISHED"));
    const auto tell = [&](int ms) {
        const auto bytes = static_cast<std::uint64_t>(10 * ms);
        story.at(milliseconds{ms}).list({tcp_in("ESTABLISHED").up(1, bytes).down(1, 2 * bytes)});
    };
    tell(0);
    for (const int ms : {30, 700, 705, 990})
        tell(ms);
    REQUIRE(story.tracker[0].life.rate_up < 0); // not yet
    tell(1010);
    REQUIRE(story.tracker[0].life.rate_up == 10'000);
    REQUIRE(story.tracker[0].life.rate_down == 20'000);
    // A piece that comes in a burst right before a look is a part of the window, not a rate.
    story.at(milliseconds{1020}).list({tcp_in("ESTABLISHED").up(1, 90'000).down(1, 20'200)});
    REQUIRE(story.tracker[0].life.rate_up == 10'000);
    story.at(milliseconds{2510}).list({tcp_in("ESTABLISHED").up(1, 90'000).down(1, 20'200)});
    REQUIRE(std::abs(story.tracker[0].life.rate_up - 79'900 / 1.5F) < 1);
    REQUIRE(story.tracker[0].life.rate_down == 0);
}

TEST_CASE("a life remembers its first and its last states", "[transition]") {
    Story story;
    story.created(tcp_in("SYN_SENT"));
    const char* const states[] = {"ESTABLISHED", "FIN_WAIT"};
    for (int i = 1; i <= 20; ++i)
        story.at(seconds{i}).updated(tcp_in(states[i % 2]));
    const Life& life = story.tracker[0].life;
    REQUIRE(life.stays == Life::remembered);
    REQUIRE(life.stay(0).state == 1);
    REQUIRE(life.stay(0).since == Time{seconds{1'000'000}});
    for (int i = 1; i < 7; ++i)
        REQUIRE(life.stay(static_cast<std::size_t>(i)).since == Time{seconds{1'000'014 + i}});
}

namespace {

/// Of a log: somebody began to look; he has told all.
Event start_of_run() {
    return event_of(EventKind::started);
}
Event all_told(Time run) {
    Event event = event_of(EventKind::list_end);
    event.run = run;
    event.judgement.emplace().by_list = true;
    return event;
}

} // namespace

TEST_CASE("a log tells of the first list, and when all is told", "[transition][log]") {
    Story story;
    story.tracker.tell_all();
    story.list_begin().listed(tcp(1).state("ESTABLISHED").status(answered));
    story.listed(tcp(2).state("ESTABLISHED").status(answered));
    story.updated(tcp(2).state("ESTABLISHED").mark(4)); // tells no step
    story.updated(tcp(1).state("FIN_WAIT"));            // is a step, and names it
    REQUIRE(story.told() == "changed ESTABLISHED->FIN_WAIT");
    story.list_end(false); // not whole: the next one tells it
    REQUIRE(story.told().empty());
    story.list({tcp(1).state("FIN_WAIT"), tcp(2).state("ESTABLISHED")});
    REQUIRE(story.told() == "listed ->ESTABLISHED (list); whole ->");
    story.list({tcp(1).state("FIN_WAIT"), tcp(2).state("ESTABLISHED")});
    REQUIRE(story.told().empty());
    story.lost(3).list({tcp(2).state("ESTABLISHED")});
    REQUIRE(story.told() == "lost 3; ended FIN_WAIT->unknown 0ms (list); whole ->");
}

TEST_CASE("what a new run of a log does not name has ended", "[transition][log]") {
    Story story;
    story.created(tcp(1).state("ESTABLISHED")).created(tcp(2).state("ESTABLISHED"));
    story.created(tcp(3).state("ESTABLISHED"));
    story.say(start_of_run());
    REQUIRE(story.tracker.stale());
    REQUIRE_FALSE(story.tracker.complete());
    story.created(tcp(4).state("SYN_SENT")).updated(tcp(3).state("FIN_WAIT"));
    story.lost(1); // he had it made good for when he said that all is told
    story.listed(tcp(2).state("ESTABLISHED"));
    story.steps.clear();
    story.say(
        all_told(story.now - seconds{1})); // somebody else, of whom the beginning is told, too
    REQUIRE(story.tracker.stale());
    story.steps.clear();
    story.say(all_told(story.now));
    REQUIRE(story.told() == "ended ESTABLISHED->unknown 0ms (list)");
    REQUIRE(story.tracker.size() == 3);
    REQUIRE(story.tracker.complete());
    REQUIRE_FALSE(story.tracker.stale());
    // Later it is what was lost that has been told: nothing else is named again.
    story.lost(1).say(all_told(story.now));
    REQUIRE(story.tracker.size() == 3);
    REQUIRE_FALSE(story.tracker.stale());
}

TEST_CASE("texts without times have no durations", "[transition]") {
    Story story;
    story.now = {};
    story.created(tcp_in("SYN_SENT")).updated(tcp_in("ESTABLISHED"));
    REQUIRE(story.told() == "created ->SYN_SENT; changed SYN_SENT->ESTABLISHED");
    REQUIRE_FALSE(story.tracker[0].life.stay(0).since);
}

TEST_CASE("extras that no flow has any more are forgotten", "[transition]") {
    Story story;
    for (unsigned i = 0; i < 5000; ++i) {
        Extras extras;
        extras.secctx = "context-" + std::to_string(i);
        const Flow flow = tcp(i).state("ESTABLISHED").extras(story.pool.intern(extras));
        story.created(flow);
        if (i % 100 != 0)
            story.destroyed(flow);
    }
    story.list_begin();
    REQUIRE(story.tracker.size() == 50);
    REQUIRE(story.tracker.extras().size() == 51);
    for (std::size_t i = 0; i < story.tracker.size(); ++i) {
        const Flow& flow = story.tracker[i].flow;
        REQUIRE(story.tracker.extras()[flow.extras].secctx ==
                "context-" + std::to_string(flow.port[0]));
    }
}

TEST_CASE("a flow that is followed takes no more than its share of memory", "[transition]") {
    // 256 bytes with its mark, its place in a ranking and, at worst, three slots of the index, with
    // room for what else a view has.
    REQUIRE(sizeof(Tracker::Tracked) + 4 + 16 + 12 <= 248);
}
