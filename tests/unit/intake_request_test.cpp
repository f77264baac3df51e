// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The bytes of what natstat asks of the kernel, without a kernel. The request for a list is
// compared with one made by hand. That about one flow is written by libnetfilter_conntrack, in an
// order of its own: it is read again by natstat's decoder.
#include "intake/flow_request.hpp"
#include "intake/list_request.hpp"

#include "make_flow.hpp"
#include "messages.hpp"
#include "natstat/intake/decoder.hpp"
#include "natstat/intake/removal.hpp"

#include "tests/catch.hpp"
#include "tests/oracle/attributes.hpp"

#include <algorithm>
#include <cerrno>

#include <libmnl/libmnl.h>

using namespace natstat;
using namespace natstat::oracle;
using namespace natstat::test;

namespace {

constexpr std::uint16_t status_mask = 26, filter = 25; // CTA_STATUS_MASK, CTA_FILTER

Attribute flags(int type, std::uint32_t value) {
    return leaf(type, bytes_of(value)); // these two are in the machine's order
}

Message expected(std::uint8_t family, const Attributes& attributes) {
    return with_head(NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_REQUEST | NLM_F_DUMP, 9,
                     0, payload_with(family, attributes));
}

/// What a request says of its flow.
Flow flow_in(const std::vector<std::uint8_t>& request) {
    Flow flow;
    ExtrasPool extras;
    REQUIRE(decode_flow(std::span(request).subspan(NLMSG_HDRLEN), flow, extras));
    return flow;
}

nlmsghdr head_of(const std::vector<std::uint8_t>& request) {
    nlmsghdr head;
    std::memcpy(&head, request.data(), sizeof head);
    return head;
}

/// What the library does where it refuses, and where a bug of it forgot the tuple.
int refuse(nlmsghdr*, const nf_conntrack*) {
    errno = EINVAL;
    return -1;
}
int refuse_in_the_middle(nlmsghdr* message, const nf_conntrack*) {
    nlattr* const tuple = mnl_attr_nest_start(message, CTA_TUPLE_ORIG);
    mnl_attr_put_u32(message, CTA_TUPLE_IP, 0);
    mnl_attr_nest_end(message, tuple);
    return -1;
}
int forget(nlmsghdr* message, const nf_conntrack*) {
    mnl_attr_put_u16(message, CTA_ZONE, 0);
    return 0;
}
int forget_the_inside(nlmsghdr* message, const nf_conntrack*) {
    mnl_attr_nest_end(message, mnl_attr_nest_start(message, CTA_TUPLE_ORIG));
    return 0;
}

} // namespace

TEST_CASE("request: a list of everything has no attribute", "[request]") {
    CHECK(make_list_request({}, 9) == expected(AF_UNSPEC, {}));
}

TEST_CASE("request: what the kernel can check of a list", "[request]") {
    ListCondition condition;
    condition.status_mask = 0x10;
    condition.status_value = 0x10;
    condition.mark_mask = 0xFF;
    condition.mark_value = 5;
    condition.zone = 7;
    const Attributes plain{
        number<std::uint32_t>(CTA_STATUS, 0x10), number<std::uint32_t>(status_mask, 0x10),
        number<std::uint32_t>(CTA_MARK, 5), number<std::uint32_t>(CTA_MARK_MASK, 0xFF),
        number<std::uint16_t>(CTA_ZONE, 7)};
    CHECK(make_list_request(condition, 9) == expected(AF_UNSPEC, plain));

    ListCondition tuple;
    tuple.family = Family::ipv4;
    tuple.protocol = protocol::tcp;
    tuple.original.source = address("192.0.2.10");
    tuple.reply.destination_port = 80;
    const Attributes narrow{
        nest(CTA_TUPLE_ORIG,
             {nest(CTA_TUPLE_IP, {leaf(CTA_IP_V4_SRC, address_bytes(AF_INET, 10))}),
              nest(CTA_TUPLE_PROTO, {number<std::uint8_t>(CTA_PROTO_NUM, protocol::tcp)})}),
        nest(CTA_TUPLE_REPLY,
             {nest(CTA_TUPLE_IP, {}),
              nest(CTA_TUPLE_PROTO, {number<std::uint8_t>(CTA_PROTO_NUM, protocol::tcp),
                                     number<std::uint16_t>(CTA_PROTO_DST_PORT, 80)})}),
        nest(filter, {flags(1, 1U << 0 | 1U << 3), flags(2, 1U << 3 | 1U << 5)})};
    CHECK(make_list_request(tuple, 9) == expected(AF_INET, narrow));
    CHECK(make_list_request(without_filters(tuple), 9) == expected(AF_INET, {}));
}

TEST_CASE("request: what the kernel gets wrong is not asked of it", "[request]") {
    ListCondition ipv6;
    ipv6.family = Family::ipv6;
    ipv6.original.source = address("2001:db8::10");
    CHECK(make_list_request(ipv6, 9) == expected(AF_INET6, {}));
    ListCondition lone_port;
    lone_port.family = Family::ipv4;
    lone_port.original.source_port = 80;
    CHECK(make_list_request(lone_port, 9) == expected(AF_INET, {}));
    ListCondition no_family;
    no_family.protocol = protocol::tcp;
    no_family.original.source_port = 80;
    CHECK(make_list_request(no_family, 9) == expected(AF_UNSPEC, {}));
}

TEST_CASE("request: one flow is named by tuple, zone and id", "[request]") {
    const Flow flows[] = {
        MakeFlow("tcp", "192.0.2.10:1000", "203.0.113.9:443")
            .reply("203.0.113.9:443", "198.51.100.1:1000"),
        MakeFlow("udp", "[2001:db8::10]:1000", "[2001:db8::20]:53").zone(7),
        MakeFlow("sctp", "192.0.2.10:1000", "203.0.113.9:5000"),
        MakeFlow("gre", "192.0.2.10:0", "203.0.113.9:77"),
        MakeFlow("icmp", "192.0.2.10", "203.0.113.9").echo(77),
        MakeFlow("icmpv6", "2001:db8::10", "2001:db8::20").icmp(77, 128, 129, 77),
    };
    for (Flow flow : flows) {
        CAPTURE(flow.protocol);
        flow.id = 0x01020304;
        flow.set(Part::id);
        const auto request = make_flow_request(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, flow, 9);
        REQUIRE(request);
        const nlmsghdr head = head_of(*request);
        CHECK(head.nlmsg_type == (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE));
        CHECK(head.nlmsg_flags == (NLM_F_REQUEST | NLM_F_ACK));
        CHECK(head.nlmsg_seq == 9);
        CHECK(head.nlmsg_len == request->size());
        const Flow named = flow_in(*request);
        CHECK(same_connection(named, flow));
        CHECK(named.has(Part::zone) == flow.has(Part::zone));
        CHECK(named.id == flow.id);
        CHECK(named.icmp(Direction::original) == flow.icmp(Direction::original));
    }
}

TEST_CASE("request: without an original tuple there is none, whatever the library says",
          "[request]") {
    const Flow flow = MakeFlow("tcp", "192.0.2.10:1000", "203.0.113.9:443").id(1);
    for (const BuildMessage build : {refuse, refuse_in_the_middle, forget, forget_the_inside}) {
        CHECK_FALSE(make_flow_request(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, flow, 1, build));
        CHECK_FALSE(make_flow_request(IPCTNL_MSG_CT_GET, 0, flow, 1, build));
        CHECK(remove_flow(flow, build) == EPROTONOSUPPORT);
    }
}

TEST_CASE("request: whatever a flow lacks, a request has the tuple", "[request]") {
    Dice dice(20);
    int made = 0;
    for (int i = 0; i < 20'000; ++i) {
        const Flow flow = random_flow(dice);
        const auto request = make_flow_request(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, flow, 1);
        if (!request)
            continue;
        ++made;
        const auto attributes = read_payload(std::span(*request).subspan(NLMSG_HDRLEN)).attributes;
        const bool has_tuple =
            std::any_of(attributes.begin(), attributes.end(), [](const Attribute& each) {
                return each.type() == CTA_TUPLE_ORIG && !each.inside.empty();
            });
        REQUIRE(has_tuple);
    }
    CHECK(made > 10'000);
}
