// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Everything that comes, goes and is carried is counted once, whatever order and gaps it is told
// in.
#include "natstat/model/ledger.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <map>
#include <set>

using namespace natstat;
using namespace natstat::test;

namespace {

struct Sums {
    int created = 0;
    int answered = 0;
    std::map<std::string_view, int> ended;
    Traffic up;
    Traffic down;
};

/// A ledger that is told a story, one second after the other.
class Story {
  public:
    void tell(EventKind kind, const Flow& flow = Flow(), bool requested = false) {
        Event event;
        event.kind = kind;
        event.flow = flow;
        event.requested = requested;
        tell(event);
    }
    void tell(Event event) {
        event.time = now_;
        listed = ledger.apply(event, [this](const Entry& entry) {
            sums.created += entry.created ? 1 : 0;
            sums.answered += entry.answered ? 1 : 0;
            if (entry.ending)
                ++sums.ended[ending_name(*entry.ending)];
            sums.up += entry.up;
            sums.down += entry.down;
            kinds.insert(entry.kind);
        });
    }
    void list(const std::vector<Flow>& flows, bool whole = true) {
        tell(EventKind::list_begin);
        for (const Flow& flow : flows)
            tell(EventKind::listed, flow);
        end_list(whole);
    }
    void end_list(bool whole = true) {
        Event end;
        end.kind = EventKind::list_end;
        end.whole = whole;
        tell(end);
    }
    void lose(std::uint64_t count) {
        Event event;
        event.kind = EventKind::lost;
        event.count = count;
        tell(event);
    }
    void wait(std::chrono::seconds time) { now_ += time; }

    Ledger ledger{[](const Flow& flow) { return std::uint16_t{flow.protocol}; }};
    Sums sums;
    std::set<std::uint16_t> kinds;
    bool listed = true; // the last event was not passed over

  private:
    Time now_{std::chrono::seconds{1'800'000'000}};
};

MakeFlow flow(std::uint32_t id, std::string_view protocol = "tcp") {
    return MakeFlow(protocol, "192.0.2.1:" + std::to_string(1000 + id), "203.0.113.1:80")
        .reply("203.0.113.1:80", "198.51.100.1:" + std::to_string(1000 + id))
        .id(id);
}

Flow alive(std::uint32_t id, std::uint64_t packets) {
    return flow(id)
        .state("ESTABLISHED")
        .status(status::seen_reply | status::assured)
        .timeout(100)
        .up(packets, packets * 100)
        .down(packets * 2, packets * 200);
}

Flow last(std::uint32_t id, std::uint64_t packets, std::string_view state = "TIME_WAIT") {
    return flow(id)
        .state(state)
        .status(status::seen_reply | status::assured)
        .up(packets, packets * 100)
        .down(packets * 2, packets * 200);
}

} // namespace

TEST_CASE("ledger: a flow that comes and goes between two lists is counted, with all it carried",
          "[ledger]") {
    Story story;
    story.list({});
    story.tell(EventKind::created, flow(1));
    story.tell(EventKind::destroyed, last(1, 5));
    REQUIRE(story.sums.created == 1);
    REQUIRE(story.sums.answered == 1);
    REQUIRE(story.sums.ended == std::map<std::string_view, int>{{"closed", 1}});
    REQUIRE(story.sums.up == Traffic{5, 500});
    REQUIRE(story.sums.down == Traffic{10, 1000});
    REQUIRE(story.ledger.size() == 0);
    REQUIRE(story.kinds == std::set<std::uint16_t>{6});
}

TEST_CASE("ledger: how flows end shows in the last word", "[ledger]") {
    Story story;
    story.list({});
    const auto end = [&](std::uint32_t id, const Flow& word, bool requested = false) {
        story.tell(EventKind::created, flow(id));
        story.tell(EventKind::destroyed, word, requested);
    };
    end(1, last(1, 1, "CLOSE"));
    end(2, last(2, 1, "ESTABLISHED"));
    end(3, alive(3, 1), true);
    end(4, flow(4).state("SYN_SENT").status(0));
    REQUIRE(story.sums.ended == std::map<std::string_view, int>{
                                    {"reset", 1}, {"expired", 1}, {"deleted", 1}, {"no_reply", 1}});
    REQUIRE(story.sums.answered == 3);
}

TEST_CASE("ledger: what was there before is not new, and what it had carried neither", "[ledger]") {
    Story story;
    story.list({alive(1, 1000)});
    REQUIRE(story.sums.created == 0);
    REQUIRE(story.sums.answered == 0);
    REQUIRE(story.sums.up == Traffic{});
    story.list({alive(1, 1003)});
    REQUIRE(story.sums.up == Traffic{3, 300});
    story.tell(EventKind::destroyed, last(1, 1005));
    REQUIRE(story.sums.up == Traffic{5, 500});
    REQUIRE(story.sums.created == 0);
    REQUIRE(story.sums.ended.size() == 1);
}

TEST_CASE("ledger: an answer is seen once, in a list or at the end", "[ledger]") {
    Story story;
    story.list({flow(1).status(0)});
    story.tell(EventKind::created, flow(2).status(0));
    story.list({alive(1, 1), flow(2).status(0)});
    REQUIRE(story.sums.answered == 1);
    story.list({alive(1, 1), alive(2, 1)});
    REQUIRE(story.sums.answered == 2);
    story.tell(EventKind::destroyed, last(1, 1));
    story.tell(EventKind::destroyed, last(2, 1));
    REQUIRE(story.sums.answered == 2);
}

TEST_CASE("ledger: a list that names a flow before the word of its creation", "[ledger]") {
    for (const bool first : {true, false}) {
        Story story;
        if (!first)
            story.list({});
        story.tell(EventKind::list_begin);
        story.tell(EventKind::listed, alive(1, 1));
        story.tell(EventKind::created, flow(1));
        story.end_list();
        REQUIRE(story.sums.created == 1);
        story.list({alive(1, 2)});
        REQUIRE(story.sums.created == 1);
    }
}

TEST_CASE("ledger: a creation whose word was lost is found by the next list, or by the end",
          "[ledger]") {
    Story story;
    story.list({});
    story.lose(2);
    story.list({alive(1, 4)});
    REQUIRE(story.sums.created == 1);
    REQUIRE(story.sums.up == Traffic{4, 400});
    story.tell(EventKind::created, flow(1)); // late
    story.tell(EventKind::destroyed, last(2, 3));
    REQUIRE(story.sums.created == 2);
    REQUIRE(story.sums.answered == 2);
    REQUIRE(story.sums.up == Traffic{7, 700});
    REQUIRE(story.ledger.lost() == 2);
    story.lose(0); // the kernel does not say how many
    REQUIRE(story.ledger.lost() == 3);
}

TEST_CASE("ledger: an end before the first list is whole is one of a flow from before",
          "[ledger]") {
    Story story;
    story.tell(EventKind::list_begin);
    story.tell(EventKind::destroyed, last(1, 1000));
    REQUIRE(story.sums.created == 0);
    REQUIRE(story.sums.up == Traffic{});
    REQUIRE(story.sums.ended.size() == 1);
}

TEST_CASE("ledger: a list that broke off makes nothing old", "[ledger]") {
    Story story;
    story.list({alive(1, 10)}, false);
    REQUIRE_FALSE(story.ledger.complete());
    story.list({alive(1, 10), alive(2, 10)});
    REQUIRE(story.sums.created == 0);
    REQUIRE(story.ledger.complete());
}

TEST_CASE("ledger: entries that a list repeats, or that have ended meanwhile, are passed over",
          "[ledger]") {
    Story story;
    story.list({});
    story.tell(EventKind::created, flow(1));
    story.tell(EventKind::list_begin);
    story.tell(EventKind::listed, alive(1, 1));
    REQUIRE(story.listed);
    story.tell(EventKind::listed, alive(1, 1));
    REQUIRE_FALSE(story.listed);
    story.tell(EventKind::destroyed, last(1, 1));
    story.tell(EventKind::listed, alive(1, 1));
    REQUIRE_FALSE(story.listed);
    story.end_list();
    REQUIRE(story.sums.created == 1);
    REQUIRE(story.ledger.size() == 0);
    story.list({alive(2, 1)});
    REQUIRE(story.listed);
}

TEST_CASE("ledger: what lists no longer name has its time, because its end may still be told",
          "[ledger]") {
    using std::chrono::seconds;
    Story story;
    story.list({alive(1, 1), alive(2, 1)});
    story.wait(seconds{60});
    story.list({alive(2, 2)});
    story.tell(EventKind::destroyed, last(1, 3)); // the kernel took a minute
    REQUIRE(story.sums.ended == std::map<std::string_view, int>{{"closed", 1}});
    REQUIRE(story.sums.up == Traffic{3, 300});
    story.wait(Ledger::patience - seconds{1});
    story.list({});
    REQUIRE(story.ledger.size() == 1);
    story.wait(seconds{1});
    story.list({}, false);
    REQUIRE(story.ledger.size() == 1); // it may have been left out
    story.list({});
    REQUIRE(story.ledger.size() == 0);
    REQUIRE(story.sums.ended == std::map<std::string_view, int>{{"closed", 1}, {"unknown", 1}});
}

TEST_CASE("ledger: counters that fall are an older reading", "[ledger]") {
    Story story;
    story.list({});
    story.list({alive(1, 10)});
    story.list({alive(1, 7)});
    story.list({alive(1, 11)});
    REQUIRE(story.sums.up == Traffic{11, 1100});
}

TEST_CASE("ledger: flows of one tuple are told apart by the kernel's number, zone and family",
          "[ledger]") {
    Story story;
    story.list({});
    story.tell(EventKind::created, flow(1));
    story.tell(EventKind::created, flow(1).id(99));
    story.tell(EventKind::created, flow(1).zone(7));
    story.tell(EventKind::created, flow(1, "udp"));
    REQUIRE(story.ledger.size() == 4);
    REQUIRE(story.kinds == std::set<std::uint16_t>{6, 17});
}

TEST_CASE("ledger: thousands that come and go in any order", "[ledger]") {
    Story story;
    story.list({});
    Dice dice(19);
    std::map<std::uint32_t, std::uint64_t> there; // id and packets
    std::uint64_t packets = 0;
    int created = 0, ended = 0;
    for (std::uint32_t step = 0; step < 60'000; ++step) {
        const auto nearest = there.lower_bound(dice.roll(5000));
        if (dice.roll(5) < 3 || nearest == there.end()) {
            const std::uint32_t id = dice.roll(5000);
            if (there.emplace(id, 0).second) {
                story.tell(EventKind::created, flow(id));
                ++created;
            }
        } else if (dice.roll(3) == 0) {
            nearest->second += dice.roll(9);
            story.tell(EventKind::listed, alive(nearest->first, nearest->second));
            story.end_list();
        } else {
            const std::uint64_t all = nearest->second + dice.roll(9);
            packets += all;
            story.tell(EventKind::destroyed, last(nearest->first, all));
            there.erase(nearest);
            ++ended;
        }
    }
    for (const auto& [id, sent] : there)
        packets += sent;
    REQUIRE(story.ledger.size() == there.size());
    REQUIRE(story.sums.created == created);
    REQUIRE(story.sums.ended["closed"] == ended);
    REQUIRE(story.sums.up == Traffic{packets, packets * 100});
}
