// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a NAT gateway did: connections by the steps of a tracker, and what was carried.
#include "natstat/model/gateway_tally.hpp"
#include "natstat/model/tracker.hpp"

#include "make_flow.hpp"
#include "tracked.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

/// A gateway that is told a story, one second after the other.
class GatewayStory {
  public:
    void tell(EventKind kind, const Flow& flow = Flow()) {
        Event event = event_of(kind, flow, now_ += std::chrono::seconds(1));
        tally.take(event);
        tracker_.apply(event, ExtrasPool(), [this](const Transition& step) { tally.take(step); });
    }
    void list(const std::vector<Flow>& flows) {
        tell(EventKind::list_begin);
        for (const Flow& flow : flows)
            tell(EventKind::listed, flow);
        tell(EventKind::list_end);
    }
    [[nodiscard]] const GatewayCounts& counts() const { return tally.counts(); }

    GatewayTally tally;

  private:
    Tracker tracker_;
    Time now_{std::chrono::seconds{1'800'000'000}};
};

MakeFlow translated(std::uint32_t id, const char* state = "SYN_SENT") {
    const std::string port = std::to_string(1000 + id);
    MakeFlow flow("tcp", "192.0.2.1:" + port, "203.0.113.1:80");
    return flow.reply("203.0.113.1:80", "198.51.100.1:" + port).id(id).state(state);
}

MakeFlow routed(std::uint32_t id, const char* state) {
    const std::string port = std::to_string(1000 + id);
    MakeFlow flow("tcp", "192.0.2.1:" + port, "203.0.113.1:80");
    return flow.reply("203.0.113.1:80", "192.0.2.1:" + port).id(id).state(state);
}

} // namespace

TEST_CASE("connections that are tried, and those that come to be", "[gateway]") {
    GatewayStory story;
    story.list({});
    story.tell(EventKind::created, translated(1));
    story.tell(EventKind::created, translated(2));
    story.tell(EventKind::updated, translated(2, "SYN_RECV"));
    story.tell(EventKind::updated, translated(2, "ESTABLISHED"));
    story.tell(EventKind::updated, translated(2, "ESTABLISHED")); // something else of it
    CHECK(story.counts().attempted == 2);
    CHECK(story.counts().established == 1);
}

TEST_CASE("what was established before, picked up or not translated is no new connection",
          "[gateway]") {
    GatewayStory story;
    story.list({translated(1, "ESTABLISHED"), translated(2)});
    story.tell(EventKind::updated, translated(1, "ESTABLISHED"));
    story.tell(EventKind::created, translated(3, "ESTABLISHED")); // in the middle of it
    story.tell(EventKind::created, routed(4, "SYN_SENT"));
    story.tell(EventKind::updated, routed(4, "ESTABLISHED"));
    CHECK(story.counts().attempted == 0);
    CHECK(story.counts().established == 0);
    story.tell(EventKind::updated, translated(2, "ESTABLISHED")); // it was tried before
    CHECK(story.counts().established == 1);
}

TEST_CASE("connections whose time runs out", "[gateway]") {
    GatewayStory story;
    const auto answered = status::seen_reply | status::assured;
    story.list({translated(1, "ESTABLISHED").status(answered), translated(2),
                translated(3, "ESTABLISHED").status(answered),
                translated(4, "TIME_WAIT").status(answered)});
    for (const std::uint32_t id : {1U, 2U, 3U, 4U}) {
        constexpr const char* states[] = {"", "ESTABLISHED", "SYN_SENT", "ESTABLISHED",
                                          "TIME_WAIT"};
        MakeFlow flow = translated(id, states[id]);
        if (id != 2)
            flow.status(answered);
        if (id == 3)
            flow.timeout(100); // it was removed before its time
        story.tell(EventKind::destroyed, flow);
    }
    CHECK(story.counts().idled == 1);
    // Its time was up before anybody looked.
    story.tell(EventKind::destroyed, translated(5, "ESTABLISHED").status(answered));
    CHECK(story.counts().idled == 1);
}

TEST_CASE("what was carried in between, of what is translated", "[gateway]") {
    GatewayStory story;
    story.list(
        {translated(1).up(10, 1000).down(20, 2000), routed(2, "SYN_SENT").up(5, 500).down(5, 500)});
    CHECK(story.counts().from_source == Traffic{});
    story.tell(EventKind::created, translated(3));
    story.tell(EventKind::destroyed, translated(3).up(3, 300).down(4, 400));
    story.tell(EventKind::destroyed, translated(9).up(7, 700).down(7, 700)); // from before
    story.list(
        {translated(1).up(11, 1100).down(22, 2200), routed(2, "SYN_SENT").up(6, 600).down(6, 600)});
    CHECK(story.counts().from_source == Traffic{4, 400});
    CHECK(story.counts().from_destination == Traffic{6, 600});
    CHECK(story.counts().counts);
    story.tell(EventKind::destroyed, translated(1)); // the kernel does not count
    CHECK_FALSE(story.counts().counts);
}
