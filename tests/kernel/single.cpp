// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Requests about one flow: every kind of tuple is found again by what a list said of it, and
// deleted by it, alone.
#include "natstat/intake/removal.hpp"

#include "follow.hpp"
#include "intake/flow_request.hpp"
#include "own_table.hpp"

#include "tests/catch.hpp"
#include "tests/oracle/parts.hpp"

#include <algorithm>
#include <cerrno>

using namespace natstat;
using namespace natstat::oracle;
using namespace natstat::test;

namespace {

Attributes there_and_back(std::uint8_t family, const Attribute& there, const Attribute& back) {
    return {nest(CTA_TUPLE_ORIG, {ip(family, 10, 200), there}),
            nest(CTA_TUPLE_REPLY, {ip(family, 200, 10), back}),
            number<std::uint32_t>(CTA_TIMEOUT, 600)};
}

/// A flow from this port, with the zone 7 for one direction.
Attributes in_zone(std::uint16_t port, int tuple) {
    Attributes flow =
        there_and_back(AF_INET, ports(protocol::udp, port, 53), ports(protocol::udp, 53, port));
    flow[tuple == CTA_TUPLE_ORIG ? 0 : 1].inside.push_back(
        number<std::uint16_t>(CTA_TUPLE_ZONE, 7));
    return flow;
}

/// One of each kind, two that differ in their zone alone, and two with a zone for one direction.
void fill_table() {
    using namespace protocol;
    const Attribute tcp_open = state_in(CTA_PROTOINFO_TCP, 3);
    const Attribute sctp_open =
        nest(CTA_PROTOINFO,
             {nest(CTA_PROTOINFO_SCTP, {number<std::uint8_t>(CTA_PROTOINFO_SCTP_STATE, 4),
                                        number<std::uint32_t>(CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, 7),
                                        number<std::uint32_t>(CTA_PROTOINFO_SCTP_VTAG_REPLY, 8)})});
    const std::pair<std::uint8_t, Attributes> flows[] = {
        {AF_INET,
         joined(there_and_back(AF_INET, ports(tcp, 1, 80), ports(tcp, 80, 1)), {tcp_open})},
        {AF_INET6,
         joined(there_and_back(AF_INET6, ports(tcp, 1, 80), ports(tcp, 80, 1)), {tcp_open})},
        {AF_INET, there_and_back(AF_INET, ports(udp, 2, 53), ports(udp, 53, 2))},
        {AF_INET, joined(there_and_back(AF_INET, ports(udp, 2, 53), ports(udp, 53, 2)),
                         {number<std::uint16_t>(CTA_ZONE, 7)})},
        {AF_INET, in_zone(3, CTA_TUPLE_ORIG)},
        {AF_INET, in_zone(4, CTA_TUPLE_REPLY)},
        {AF_INET6, there_and_back(AF_INET6, ports(udp, 2, 53), ports(udp, 53, 2))},
        {AF_INET, there_and_back(AF_INET, echo(icmp, 8, 0, 77), echo(icmp, 0, 0, 77))},
        {AF_INET6, there_and_back(AF_INET6, echo(icmpv6, 128, 0, 77), echo(icmpv6, 129, 0, 77))},
        {AF_INET,
         joined(there_and_back(AF_INET, ports(sctp, 3, 5000), ports(sctp, 5000, 3)), {sctp_open})},
        {AF_INET, there_and_back(AF_INET, ports(gre, 0, 77), ports(gre, 77, 0))},
        {AF_INET,
         there_and_back(AF_INET, nest(CTA_TUPLE_PROTO, {number<std::uint8_t>(CTA_PROTO_NUM, 50)}),
                        nest(CTA_TUPLE_PROTO, {number<std::uint8_t>(CTA_PROTO_NUM, 50)}))},
    };
    for (const auto& [family, attributes] : flows)
        REQUIRE(insert(family, attributes) == 0);
}

/// What a list says now.
std::vector<Flow> listed(Follower& follower) {
    follower.seen.clear();
    follower.source.request_list({});
    const std::size_t ends = follower.count(EventKind::list_end);
    follower.read_lists(ends + 1);
    std::vector<Flow> flows;
    for (const Event& event : follower.seen)
        if (event.kind == EventKind::listed)
            flows.push_back(event.flow);
    return flows;
}

LiveSettings seldom() {
    LiveSettings settings;
    settings.period = std::chrono::hours{1};
    return settings;
}

} // namespace

TEST_CASE("single: every flow of a list can be looked up", "[kernel][single]") {
    const EmptyNamespace place;
    Follower follower(seldom());
    follower.read_lists(1);
    fill_table();
    const std::vector<Flow> flows = listed(follower);
    REQUIRE(flows.size() == 12);
    follower.seen.clear();
    follower.source.request_flows(flows);
    follower.read_until([&] { return follower.count(EventKind::looked_up) == flows.size(); });
    std::vector<Flow> found;
    for (const Event& event : follower.seen)
        if (event.kind == EventKind::looked_up)
            found.push_back(event.flow);
    for (std::size_t i = 0; i < flows.size(); ++i) { // they come in the order of the questions
        CHECK(same_connection(found[i], flows[i]));
        CHECK(found[i].id == flows[i].id);
        CHECK(found[i].timeout <= 600);
    }
}

TEST_CASE("single: a flow that has gone is nothing to tell", "[kernel][single]") {
    const EmptyNamespace place;
    Follower follower(seldom());
    follower.read_lists(1);
    fill_table();
    const std::vector<Flow> flows = listed(follower);
    REQUIRE(remove_flow(flows[0]) == 0);
    follower.source.request_flows(flows);
    follower.read_until([&] { return follower.count(EventKind::looked_up) == flows.size() - 1; });
    CHECK(follower.count(EventKind::destroyed) == 1);
}

// What libnetfilter_conntrack 1.0.8 does with a protocol without ports. A request to delete that
// names no flow would empty the table.
TEST_CASE("single: what the library refuses deletes nothing", "[kernel][single]") {
    const EmptyNamespace place;
    Follower follower(seldom());
    follower.read_lists(1);
    fill_table();
    const std::vector<Flow> flows = listed(follower);
    const BuildMessage refusals[] = {
        [](nlmsghdr*, const nf_conntrack*) { return -1; },
        [](nlmsghdr*, const nf_conntrack*) { return 0; }, // and forgets the tuple
    };
    for (const Flow& flow : flows)
        for (const BuildMessage refusal : refusals)
            CHECK(remove_flow(flow, refusal) == EPROTONOSUPPORT);
    CHECK(listed(follower).size() == flows.size());
}

TEST_CASE("single: exactly the flow that was named is deleted", "[kernel][single]") {
    const EmptyNamespace place;
    Follower follower(seldom());
    follower.read_lists(1);
    fill_table();
    std::vector<Flow> left = listed(follower);
    while (!left.empty()) {
        const Flow gone = left.back();
        left.pop_back();
        Flow other = gone;
        ++other.id; // the same tuple, another flow
        CHECK(remove_flow(other) == ENOENT);
        CHECK(remove_flow(gone) == 0);
        CHECK(remove_flow(gone) == ENOENT);
        std::vector<Flow> now = listed(follower);
        const auto by_id = [](const Flow& a, const Flow& b) { return a.id < b.id; };
        std::sort(now.begin(), now.end(), by_id);
        std::sort(left.begin(), left.end(), by_id);
        REQUIRE(now.size() == left.size());
        for (std::size_t i = 0; i < now.size(); ++i)
            CHECK(now[i].id == left[i].id);
    }
}
