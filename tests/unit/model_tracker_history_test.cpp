// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Random histories: whatever is said in whatever order, the tracker holds what a plain map would
// hold. Also many flows at once, and tuples that differ in one part only.
#include "natstat/model/tracker.hpp"

#include "make_flow.hpp"
#include "tracked.hpp"

#include "tests/catch.hpp"

#include <map>
#include <tuple>

using namespace natstat;
using namespace natstat::test;

namespace {

using Key = std::tuple<Family, std::uint8_t, std::uint64_t, std::array<std::uint8_t, 16>,
                       std::array<std::uint8_t, 16>, std::uint16_t, std::uint16_t>;

Key key_of(const Flow& flow) {
    return {flow.family,     flow.protocol,   flow.zone_of(Direction::original),
            flow.address[0], flow.address[1], flow.port[0],
            flow.port[1]};
}

/// The tracker's rules on a std::map.
class PlainTracker {
  public:
    void apply(const Event& event) {
        if (event.kind == EventKind::lost) {
            lost_ = true;
            return;
        }
        if (event.kind == EventKind::list_end) {
            const bool nothing_lost = !std::exchange(lost_, false);
            return end_list(event.whole && nothing_lost);
        }
        const Key key = key_of(event.flow);
        if (event.kind == EventKind::destroyed) {
            flows_.erase(key);
            return;
        }
        const auto [found, is_new] = flows_.try_emplace(key, Entry{event.flow, false});
        Flow& known = found->second.flow;
        const bool other_id =
            known.has(Part::id) && event.flow.has(Part::id) && known.id != event.flow.id;
        if (!is_new && (event.kind == EventKind::created || other_id))
            known = event.flow;
        else if (!is_new)
            merge(known, event.flow);
        found->second.named = true;
    }

    struct Entry {
        Flow flow;
        bool named;
    };
    [[nodiscard]] const std::map<Key, Entry>& flows() const { return flows_; }

  private:
    bool lost_ = false;

    void end_list(bool whole) {
        for (auto at = flows_.begin(); at != flows_.end();) {
            const bool swept = whole && !at->second.named;
            at->second.named = false;
            at = swept ? flows_.erase(at) : std::next(at);
        }
    }

    std::map<Key, Entry> flows_;
};

/// A flow of a small world, so that the same one comes up again and again. Its counters grow: what
/// goes back may be older, which is not what this is about.
Flow small_world_flow(Dice& dice, std::uint32_t ports) {
    static std::uint32_t grown = 0;
    ++grown;
    MakeFlow flow(dice.coin() ? "tcp" : "udp", "198.51.100.7:" + std::to_string(dice.roll(ports)),
                  dice.coin() ? "203.0.113.10:80" : "203.0.113.11:80");
    if (dice.roll(3) == 0)
        flow.zone(static_cast<std::uint16_t>(1 + dice.roll(2)),
                  dice.roll(3) != 0 ? std::nullopt : std::optional(Direction::original));
    if (dice.coin())
        flow.timeout(dice.roll(100));
    if (dice.coin())
        flow.up(grown, 60 * std::uint64_t{grown});
    if (dice.roll(4) == 0)
        flow.mark(dice.roll(100));
    return flow;
}

Event random_event(Dice& dice, std::uint32_t ports) {
    Event event;
    const std::uint32_t what = dice.roll(100);
    event.kind = what < 30   ? EventKind::created
                 : what < 45 ? EventKind::updated
                 : what < 75 ? EventKind::destroyed
                 : what < 98 ? EventKind::listed
                 : what < 99 ? EventKind::list_end
                             : EventKind::lost;
    event.whole = dice.coin();
    event.flow = small_world_flow(dice, ports);
    return event;
}

bool same(const Flow& a, const Flow& b) {
    return a.parts == b.parts && a.timeout == b.timeout && a.packets_up == b.packets_up &&
           a.bytes_up == b.bytes_up && a.mark == b.mark && a.port == b.port &&
           a.address == b.address;
}

void require_same(const Tracker& tracker, const PlainTracker& plain) {
    REQUIRE(tracker.size() == plain.flows().size());
    for (const Flow& flow : flows_of(tracker)) {
        const auto found = plain.flows().find(key_of(flow));
        if (found == plain.flows().end() || !same(found->second.flow, flow))
            FAIL("the tracker holds a flow that the plain map does not hold so");
    }
}

} // namespace

TEST_CASE("random histories end as a plain map has them", "[tracker]") {
    const ExtrasPool none;
    for (std::uint32_t seed = 0; seed < 6; ++seed) {
        Dice dice(seed);
        const std::uint32_t ports = seed % 2 == 0 ? 20 : 600;
        Tracker tracker;
        PlainTracker plain;
        for (int i = 0; i < 8'000; ++i) {
            const Event event = random_event(dice, ports);
            tracker.apply(event, none, {});
            plain.apply(event);
            if (i % 500 == 0)
                require_same(tracker, plain);
        }
        require_same(tracker, plain);
    }
}

TEST_CASE("many flows come, are listed in part, and go", "[tracker]") {
    const ExtrasPool none;
    Tracker tracker;
    Event event;
    event.kind = EventKind::created;
    event.flow = MakeFlow("udp", "198.51.100.7:0", "203.0.113.10:53");
    // One client's connections to one place: they differ in the source port alone, so that a hash
    // which does not spread it over its low bits turns this test from milliseconds into minutes.
    constexpr std::uint32_t flows = 60'000;
    const auto say = [&](EventKind kind, std::uint32_t number) {
        event.kind = kind;
        event.flow.port[0] = static_cast<std::uint16_t>(number);
        tracker.apply(event, none, {});
    };
    for (std::uint32_t i = 0; i < flows; ++i)
        say(EventKind::created, i);
    say(EventKind::list_end, 0);
    REQUIRE(tracker.size() == flows);
    for (std::uint32_t i = 0; i < flows; i += 3)
        say(EventKind::listed, i);
    say(EventKind::list_end, 0);
    REQUIRE(tracker.size() == (flows + 2) / 3);
    for (const Flow& flow : flows_of(tracker))
        if (flow.port[0] % 3 != 0)
            FAIL("a flow that was not listed is still there: " << flow.port[0]);
    for (std::uint32_t i = 0; i < flows; ++i)
        say(EventKind::destroyed, i);
    REQUIRE(tracker.size() == 0);
}

TEST_CASE("flows that differ in one part of the key only are different flows", "[tracker]") {
    const ExtrasPool none;
    std::vector<Flow> flows(1, MakeFlow("tcp", "198.51.100.7:1", "203.0.113.10:2"));
    const auto vary = [&](auto&& change) {
        flows.push_back(flows.front());
        change(flows.back());
    };
    for (std::size_t byte = 0; byte < 16; ++byte) {
        vary([&](Flow& f) { f.address[0][byte] ^= 0x80; });
        vary([&](Flow& f) { f.address[1][byte] ^= 0x01; });
    }
    vary([](Flow& f) { f.port[0] ^= 0x8000; });
    vary([](Flow& f) { f.port[1] ^= 0x0001; });
    vary([](Flow& f) { f.protocol = protocol::udp; });
    vary([](Flow& f) { f.family = Family::ipv6; });
    for (std::uint32_t zone = 1; zone < 65536; zone *= 2)
        vary([&](Flow& f) { f.set_zone(zone & 0xFFFFU); });
    Tracker tracker;
    for (const Flow& flow : flows)
        tracker.apply(event_of(EventKind::created, flow), none, {});
    REQUIRE(tracker.size() == flows.size());
    for (const Flow& flow : flows)
        tracker.apply(event_of(EventKind::destroyed, flow), none, {});
    REQUIRE(tracker.size() == 0);
}
