// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The running kernel, followed: what single flows, lists and waiting look like. Many flows are in
// live_crowd.cpp.
#include "follow.hpp"
#include "own_table.hpp"

#include "tests/catch.hpp"
#include "tests/oracle/parts.hpp"

#include <algorithm>
#include <string>

#include <arpa/inet.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <net/if.h>

using namespace natstat;
using namespace natstat::oracle;
using namespace natstat::test;

namespace {

/// One list, and the next one only when asked for.
LiveSettings seldom() {
    LiveSettings settings;
    settings.period = std::chrono::hours{1};
    return settings;
}

Attribute lasts(std::uint32_t seconds) {
    return number<std::uint32_t>(CTA_TIMEOUT, seconds);
}

Attribute marked(std::uint32_t value) {
    return number<std::uint32_t>(CTA_MARK, value);
}

std::uint16_t port_of(const Event& event) {
    return event.flow.end(End::original_source).port.value_or(0);
}

std::vector<EventKind> kinds_of(const std::vector<Event>& events) {
    std::vector<EventKind> kinds;
    for (const Event& event : events)
        kinds.push_back(event.kind);
    return kinds;
}

bool is_readable(const LiveSource& source, int milliseconds) {
    pollfd wait{source.fd(), POLLIN, 0};
    return poll(&wait, 1, milliseconds) == 1;
}

void raise_loopback() {
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::string("lo").copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_flags = IFF_UP;
    CHECK(ioctl(socket, SIOCSIFFLAGS, &request) == 0);
    close(socket);
}

} // namespace

TEST_CASE("live: a flow's events come in order", "[kernel][live]") {
    const EmptyNamespace place;
    Follower follower(seldom());
    follower.read_lists(1);
    follower.seen.clear();

    REQUIRE(insert(AF_INET, joined(udp_flow(1001), {lasts(1000)})) == 0);
    REQUIRE(change(AF_INET, joined(udp_flow(1001), {marked(7)})) == 0);
    REQUIRE(remove(AF_INET, udp_flow(1001)[0]) == 0);
    follower.read_until([&] { return follower.count(EventKind::destroyed) == 1; });

    const std::vector<Event>& seen = follower.seen;
    REQUIRE(kinds_of(seen) ==
            std::vector{EventKind::created, EventKind::updated, EventKind::destroyed});
    for (const Event& event : seen) {
        CHECK(same_connection(event.flow, seen[0].flow));
        CHECK(port_of(event) == 1001);
    }
    CHECK(seen[1].flow.mark == 7);
    CHECK(seen[2].requested);
    CHECK(seen[0].time <= seen[1].time);
    CHECK(seen[1].time <= seen[2].time);
}

TEST_CASE("live: a flow that expires was not asked to", "[kernel][live]") {
    const EmptyNamespace place;
    Follower follower(seldom());
    follower.read_lists(1);
    REQUIRE(insert(AF_INET, joined(udp_flow(1001), {lasts(1)})) == 0);
    // The kernel's own collector may take minutes; a list sees to what has expired.
    follower.read_until([&] {
        follower.source.request_list({});
        return follower.count(EventKind::destroyed) == 1;
    });
    const auto end = std::find_if(follower.seen.begin(), follower.seen.end(),
                                  [](const Event& e) { return e.kind == EventKind::destroyed; });
    CHECK_FALSE(end->requested);
    CHECK(port_of(*end) == 1001);
}

TEST_CASE("live: what was there before is in the first list", "[kernel][live]") {
    const EmptyNamespace place;
    REQUIRE(insert(AF_INET, joined(udp_flow(1001), {lasts(1000)})) == 0);
    REQUIRE(insert(AF_INET, joined(udp_flow(1002), {lasts(1000)})) == 0);
    Follower follower(seldom());
    follower.read_lists(1);
    REQUIRE(kinds_of(follower.seen) == std::vector{EventKind::list_begin, EventKind::listed,
                                                   EventKind::listed, EventKind::list_end});
    CHECK(port_of(follower.seen[1]) + port_of(follower.seen[2]) == 2003);
    CHECK(follower.seen[3].whole);
}

// For live_test.sh, which makes lists of more than a few pieces break off.
TEST_CASE("live: a list that breaks off is followed by a whole one", "[.broken-list]") {
    constexpr std::uint16_t flows = 2000, few = 10;
    const EmptyNamespace place;
    for (std::uint16_t i = 0; i < flows; ++i)
        REQUIRE(insert(AF_INET, joined(udp_flow(1000 + i), {lasts(1000)})) == 0);
    Follower follower(seldom());
    follower.read_lists(1);
    const std::size_t listed = follower.count(EventKind::listed);
    CHECK_FALSE(follower.seen.back().whole);
    CHECK(listed > 0);
    CHECK(listed < flows);
    for (std::uint16_t i = few; i < flows; ++i)
        REQUIRE(remove(AF_INET, udp_flow(1000 + i)[0]) == 0);
    follower.read_lists(2); // not by the period
    CHECK(follower.seen.back().whole);
    CHECK(follower.count(EventKind::listed) == listed + few);
}

TEST_CASE("live: a flow is followed from the moment of construction", "[kernel][live]") {
    const EmptyNamespace place;
    Follower follower(seldom());
    REQUIRE(insert(AF_INET, joined(udp_flow(1001), {lasts(1000)})) == 0);
    follower.read_lists(1);
    CHECK(kinds_of(follower.seen) == std::vector{EventKind::created, EventKind::list_begin,
                                                 EventKind::listed, EventKind::list_end});
}

TEST_CASE("live: lists come at once, by the period, and when asked for", "[kernel][live]") {
    const EmptyNamespace place;
    LiveSettings settings;
    settings.period = std::chrono::milliseconds{50};
    settings.share = 1;
    {
        const auto before = std::chrono::steady_clock::now();
        Follower follower(settings);
        follower.read_lists(3);
        // The first one's beginning is told when its thread is there, which takes as long as the
        // machine takes.
        CHECK(std::chrono::steady_clock::now() - before >= 2 * settings.period);
        CHECK(follower.count(EventKind::list_begin) >= 3);
        CHECK(follower.reads < 30);
    }
    Follower follower(seldom());
    follower.read_lists(1);
    while (follower.read()) {
    }
    CHECK_FALSE(is_readable(follower.source, 0));
    follower.source.request_list({});
    follower.read_lists(2);
    follower.source.request_list({}); // before its start
    follower.source.request_list({});
    follower.read_lists(3);
    CHECK(follower.count(EventKind::list_begin) == 3);
}

TEST_CASE("live: nothing wakes when nothing happens", "[kernel][live]") {
    const EmptyNamespace place;
    REQUIRE(insert(AF_INET, joined(udp_flow(1001), {lasts(1000)})) == 0);
    Follower follower(seldom());
    follower.read_lists(1);
    while (follower.read()) {
    }
    CHECK_FALSE(is_readable(follower.source, 300));
    REQUIRE(insert(AF_INET, joined(udp_flow(1002), {lasts(1000)})) == 0);
    CHECK(is_readable(follower.source, 5000));
    while (follower.read()) {
    }
    CHECK(follower.count(EventKind::created) == 1);
    CHECK_FALSE(is_readable(follower.source, 50));
}

TEST_CASE("live: this host's addresses are known from the start", "[kernel][live]") {
    const EmptyNamespace place;
    {
        const LiveSource source{seldom()};
        REQUIRE(source.local_addresses());
        CHECK(source.local_addresses()->empty());
    }
    raise_loopback();
    const LiveSource source{seldom()};
    const std::array<std::uint8_t, 4> loopback{127, 0, 0, 1};
    REQUIRE(source.local_addresses());
    CHECK(std::count(source.local_addresses()->begin(), source.local_addresses()->end(),
                     make_address(Family::ipv4, loopback.data())) == 1);
}

TEST_CASE("live: without the privilege it says what is missing", "[kernel][live]") {
    const EmptyNamespace place;
    REQUIRE(seteuid(65534) == 0);
    std::string text;
    try {
        const LiveSource source{seldom()};
    } catch (const Failure& failure) {
        text = failure.what();
    }
    REQUIRE(seteuid(0) == 0);
    CHECK(text == "cannot follow connections: Operation not permitted (needs CAP_NET_ADMIN; try "
                  "sudo)");
}
