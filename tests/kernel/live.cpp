// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The running kernel, followed: what single flows, lists and waiting look like. Many flows are in
// live_crowd.cpp.
#include "follow.hpp"
#include "own_table.hpp"
#include "unit/messages.hpp"

#include "tests/catch.hpp"
#include "tests/oracle/parts.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
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

/// Gives the loopback interface another IPv4 address.
void move_loopback(const std::array<std::uint8_t, 4>& address) {
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::string("lo").copy(request.ifr_name, IFNAMSIZ - 1);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    std::memcpy(&place.sin_addr, address.data(), address.size());
    std::memcpy(&request.ifr_addr, &place, sizeof place);
    CHECK(ioctl(socket, SIOCSIFADDR, &request) == 0);
    close(socket);
}

bool has_address(const LiveSource& source, const std::array<std::uint8_t, 4>& address) {
    const auto& all = source.local_addresses();
    return all &&
           std::count(all->begin(), all->end(), make_address(Family::ipv4, address.data())) == 1;
}

/// Counts what goes into a recording about addresses.
struct AddressTap final : Tap {
    std::size_t messages = 0;
    void message(Time, int family, std::span<const std::uint8_t>) override {
        messages += family == NETLINK_ROUTE;
    }
};

/// The port ids of all sockets of a netlink family in this namespace.
std::vector<std::uint32_t> port_ids(int family) {
    std::ifstream file("/proc/net/netlink");
    std::string line;
    std::getline(file, line); // the names of the fields
    std::vector<std::uint32_t> ids;
    while (std::getline(file, line)) {
        std::istringstream fields(line);
        std::string socket;
        int its_family = 0;
        std::uint32_t id = 0;
        if (fields >> socket >> its_family >> id && its_family == family && id != 0)
            ids.push_back(id);
    }
    return ids;
}

/// Sends a message to a port, or to the listeners of a group, as any process with CAP_NET_ADMIN
/// can. The sequence numbers that natstat may wait for are all tried.
void send_falsely(int family, std::uint32_t port, std::uint32_t groups, int type, int flags,
                  const std::vector<std::uint8_t>& payload) {
    const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, family);
    REQUIRE(socket >= 0);
    for (const std::uint32_t base : {std::uint32_t{0}, std::uint32_t{1} << 31})
        for (std::uint32_t sequence = base; sequence < base + 5; ++sequence) {
            const auto message = with_head(type, flags, sequence, 0, payload);
            sockaddr_nl place{};
            place.nl_family = AF_NETLINK;
            place.nl_pid = port;
            place.nl_groups = groups;
            CHECK(sendto(socket, message.data(), message.size(), 0,
                         reinterpret_cast<const sockaddr*>(&place), sizeof place) >= 0);
        }
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

TEST_CASE("live: an address that comes or goes later is known", "[kernel][live]") {
    const EmptyNamespace place;
    AddressTap tap;
    Follower follower(seldom(), &tap);
    follower.read_lists(1);
    const std::size_t before = tap.messages;
    const std::array<std::uint8_t, 4> loopback{127, 0, 0, 1};
    const std::array<std::uint8_t, 4> other{192, 0, 2, 7};
    CHECK_FALSE(has_address(follower.source, loopback));
    raise_loopback();
    follower.read_until([&] { return has_address(follower.source, loopback); });
    move_loopback(other);
    follower.read_until([&] {
        return has_address(follower.source, other) && !has_address(follower.source, loopback);
    });
    CHECK(tap.messages >= before + 3); // recorded as well
}

TEST_CASE("live: messages of other processes are passed over and counted", "[kernel][live]") {
    const EmptyNamespace place;
    REQUIRE(insert(AF_INET, joined(udp_flow(1001), {lasts(1000)})) == 0);
    Follower follower(seldom());
    follower.read_lists(1);
    follower.source.request_flows(std::vector{follower.seen[1].flow}); // opens its socket
    follower.read_until([&] { return follower.count(EventKind::looked_up) == 1; });

    constexpr int created = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
    const auto flow = payload_with(AF_INET, udp_flow(2002));
    const auto error = bytes_of(-EPERM);
    const auto ids = port_ids(NETLINK_NETFILTER);
    REQUIRE(ids.size() >= 3); // for events, lists, single flows
    for (const std::uint32_t id : ids) {
        send_falsely(NETLINK_NETFILTER, id, 0, created, NLM_F_CREATE | NLM_F_EXCL, flow);
        send_falsely(NETLINK_NETFILTER, id, 0, created, NLM_F_MULTI, flow);
        send_falsely(NETLINK_NETFILTER, id, 0, NLMSG_ERROR, 0, error);
        send_falsely(NETLINK_NETFILTER, id, 0, NLMSG_DONE, NLM_F_MULTI, bytes_of(0));
    }
    constexpr std::uint32_t listeners = 1; // of new connections
    send_falsely(NETLINK_NETFILTER, 0, listeners, created, NLM_F_CREATE | NLM_F_EXCL, flow);

    follower.seen.clear();
    follower.source.request_flows(std::vector{Flow{}}); // reads that socket, too
    follower.source.request_list({});
    follower.read_lists(2);
    CHECK(kinds_of(follower.seen) ==
          std::vector{EventKind::list_begin, EventKind::listed, EventKind::list_end});
    follower.read_until([&] { return follower.foreign >= 40 * ids.size() + 10; });
    CHECK(follower.foreign == 40 * ids.size() + 10);
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
