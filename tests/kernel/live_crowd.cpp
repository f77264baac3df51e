// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The running kernel, followed while very many flows come: what is lost is told and mended, what
// can be kept is not lost, and a list and the events meanwhile keep their order.
#include "follow.hpp"
#include "own_table.hpp"

#include "intake/list_request.hpp"
#include "natstat/intake/host.hpp"
#include "tests/bench/filler.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/parts.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>

#include <linux/netlink.h>

using namespace natstat;
using namespace natstat::oracle;
using namespace natstat::test;

namespace {

/// Makes so many flows as fast as it can. Checks nothing: it may run on a thread of its own.
std::uint64_t make_flows(std::uint64_t number, std::uint64_t first = 0) {
    auto filler = bench::Filler::open();
    if (!filler)
        return 0;
    for (std::uint64_t i = first; i < first + number; ++i)
        if (!filler->add(bench::flow_at(i, {}), static_cast<std::uint32_t>(i)))
            return 0;
    if (!filler->flush())
        return 0;
    for (const auto& refused : filler->refused())
        number -= refused.second;
    return number;
}

/// Keeps the messages.
class Recording : public Tap {
  public:
    void message(Time time, int family, std::span<const std::uint8_t> message) override {
        messages_.push_back({time, family, {message.begin(), message.end()}});
        nlmsghdr head;
        std::memcpy(&head, message.data(), sizeof head);
        if (head.nlmsg_type == NLMSG_OVERRUN && when_lost)
            std::exchange(when_lost, nullptr)();
    }
    /// Called once, when events have been lost, before those that were kept are read.
    std::function<void()> when_lost;

    [[nodiscard]] std::vector<Event> replayed() const {
        MessageReader reader;
        Batch batch;
        for (const Kept& each : messages_)
            reader.take(each.time, each.family, each.bytes, batch);
        return batch.events;
    }

  private:
    struct Kept {
        Time time;
        int family;
        std::vector<std::uint8_t> bytes;
    };
    std::vector<Kept> messages_;
};

bool same(const Event& a, const Event& b) {
    return a.kind == b.kind && a.whole == b.whole && a.requested == b.requested &&
           a.count == b.count && a.time == b.time && a.flow.parts == b.flow.parts &&
           a.flow.id == b.flow.id && a.flow.address == b.flow.address && a.flow.port == b.flow.port;
}

/// An id is a hash (nf_ct_get_id): of 20,000 flows two have the same now and then.
using FlowIds = std::multiset<std::uint32_t>;

/// The ids of the last list.
FlowIds last_list(const std::vector<Event>& events) {
    FlowIds ids;
    for (const Event& event : events) {
        if (event.kind == EventKind::list_begin)
            ids.clear();
        if (event.kind == EventKind::listed)
            ids.insert(event.flow.id);
    }
    return ids;
}

constexpr std::uint16_t hot_port = 1000;
constexpr std::uint16_t hot_flows = 4;

/// Counts up the marks of the hot flows in turn until it is stopped.
void count_up(const std::stop_token& stop, std::uint64_t& errors) {
    for (std::uint32_t value = 2; !stop.stop_requested(); ++value)
        for (std::uint16_t i = 0; i < hot_flows; ++i) {
            const Attributes marked =
                joined(udp_flow(hot_port + i), {number<std::uint32_t>(CTA_MARK, value)});
            errors += change(AF_INET, marked) == 0 ? 0U : 1U;
        }
}

} // namespace

TEST_CASE("live: lost events are told and mended by a list", "[kernel][live]") {
    static constexpr std::uint64_t burst = 20'000, more = 100, all = burst + more;
    const EmptyNamespace place;
    LiveSettings settings;
    settings.receive_buffer = 4096;
    settings.period = std::chrono::hours{1};
    Recording recording;
    // The kernel drops these, too, and does not say so again: its queue has not been read yet.
    recording.when_lost = [] { CHECK(make_flows(more, burst) == more); };
    Follower follower(settings, &recording);
    follower.read_lists(1);
    REQUIRE(make_flows(burst) == burst);
    follower.read_lists(2);

    std::uint64_t lost = 0;
    std::size_t last_lost = 0, last_begin = 0;
    for (std::size_t i = 0; i < follower.seen.size(); ++i) {
        const Event& event = follower.seen[i];
        lost += event.count;
        if (event.kind == EventKind::lost)
            last_lost = i;
        if (event.kind == EventKind::list_begin)
            last_begin = i;
    }
    CHECK(lost > 0);
    CHECK(lost + follower.count(EventKind::created) == all);
    CHECK(last_begin > last_lost);
    CHECK(follower.seen.back().whole);
    const Answer table = ask(make_list_request({}, 1));
    FlowIds in_table;
    for (const Flow& flow : table.flows)
        in_table.insert(flow.id);
    CHECK(last_list(follower.seen) == in_table);
    CHECK(last_list(follower.seen).size() == all);

    const std::vector<Event> replayed = recording.replayed();
    REQUIRE(replayed.size() == follower.seen.size());
    CHECK(std::equal(replayed.begin(), replayed.end(), follower.seen.begin(), same));
}

TEST_CASE("live: as many flows as can be made are followed", "[kernel][live]") {
    const EmptyNamespace place;
    const std::uint64_t wanted = 200'000;
    const std::uint64_t room = conntrack_setting("nf_conntrack_max").value_or(0) / 100 * 90;
    const std::uint64_t flows = std::min(wanted, room);
    if (flows < wanted)
        WARN("nf_conntrack_max has room for " << flows << " flows only");
    Follower follower(LiveSettings{});
    std::uint64_t made = 0;
    std::jthread maker([&] { made = make_flows(flows); });
    follower.read_until([&] { return follower.seen.size() >= flows; });
    follower.read_until([&] {
        return follower.count(EventKind::created) + follower.count(EventKind::lost) >= flows;
    });
    maker.join();
    CHECK(made == flows);
    CHECK(follower.count(EventKind::lost) == 0);
    CHECK(follower.count(EventKind::created) == flows);
}

TEST_CASE("live: a list waits for the events that are there", "[kernel][live]") {
    constexpr std::uint64_t before = 20'000, burst = 10'000;
    const EmptyNamespace place;
    REQUIRE(make_flows(before) == before);
    Follower follower(LiveSettings{});
    follower.read_until([&] { return follower.count(EventKind::listed) > 0; });
    REQUIRE(make_flows(burst, before) == burst);
    const std::size_t listed = follower.count(EventKind::listed);
    while (follower.count(EventKind::created) < burst) {
        CHECK(follower.count(EventKind::listed) == listed);
        REQUIRE(follower.read());
    }
    follower.read_lists(1);
    CHECK(follower.count(EventKind::listed) >= before);
}

TEST_CASE("live: an entry comes after the events that it had seen", "[kernel][live]") {
    const EmptyNamespace place;
    constexpr std::size_t lists = 15;
    REQUIRE(make_flows(1000) == 1000);
    LiveSettings settings;
    settings.period = std::chrono::nanoseconds{0};
    settings.share = 1;
    Follower follower(settings);
    for (std::uint16_t i = 0; i < hot_flows; ++i)
        REQUIRE(insert(AF_INET,
                       joined(udp_flow(hot_port + i), {number<std::uint32_t>(CTA_TIMEOUT, 1000),
                                                       number<std::uint32_t>(CTA_MARK, 1)})) == 0);
    std::uint64_t errors = 0;
    std::jthread writer([&](const std::stop_token& stop) { count_up(stop, errors); });
    follower.read_lists(lists);
    writer.request_stop();
    writer.join();
    CHECK(errors == 0);

    // A mark is set before its event is sent: the entry may be one event ahead, and no more.
    std::map<std::uint16_t, std::uint32_t> told;
    std::size_t compared = 0, early = 0;
    for (const Event& event : follower.seen) {
        const std::uint16_t port = event.flow.end(End::original_source).port.value_or(0);
        const bool hot = event.flow.has(Part::mark) && port >= hot_port &&
                         port < hot_port + hot_flows &&
                         event.flow.address[0] == std::array<std::uint8_t, 16>{192, 0, 2, 10};
        if (!hot)
            continue;
        if (event.kind != EventKind::listed) {
            told[port] = event.flow.mark;
            continue;
        }
        ++compared;
        early += event.flow.mark > told[port] + 1 ? 1U : 0U;
    }
    CHECK(compared >= lists * hot_flows);
    CHECK(early == 0);
    CHECK(told[hot_port] > lists);
    CHECK(follower.count(EventKind::lost) == 0);
}

TEST_CASE("live: a source ends in the middle of a list", "[kernel][live]") {
    const EmptyNamespace place;
    REQUIRE(make_flows(20'000) == 20'000);
    for (std::size_t entries = 0; entries < 4000; entries += 200) {
        Follower follower(LiveSettings{});
        follower.read_until([&] { return follower.count(EventKind::listed) >= entries; });
        CHECK(follower.count(EventKind::list_end) == 0);
    }
}
