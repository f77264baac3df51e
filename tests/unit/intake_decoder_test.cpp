// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the decoder makes of each attribute, and of a message that has not all of them. tests/oracle
// compares it with another decoder on recorded messages.
#include "decoded.hpp"

#include "natstat/model/protocol.hpp"

#include <functional>
#include <tuple>

using namespace natstat;
using namespace natstat::test;

namespace {

std::uint16_t parts_of(std::initializer_list<Part> parts) {
    Flow flow;
    for (const Part part : parts)
        flow.set(part);
    return flow.parts;
}

constexpr std::initializer_list<Part> both_tuples{Part::original, Part::reply, Part::original_ports,
                                                  Part::reply_ports};

} // namespace

TEST_CASE("every attribute comes into its field", "[decoder]") {
    const auto [flow, extras] = decoded(everything());
    CHECK(flow.family == Family::ipv4);
    CHECK(flow.protocol == protocol::tcp);
    CHECK(ends_of(flow, Direction::original) == "192.0.2.10:4660 192.0.2.20:80");
    CHECK(ends_of(flow, Direction::reply) == "192.0.2.20:80 192.0.2.1:65244");
    CHECK(flow.status == 0x18E);
    CHECK(flow.timeout == 300);
    CHECK(flow.mark == 0xDEADBEEF);
    CHECK(flow.id == 0x89ABCDEF);
    CHECK(flow.packets_up == 0xFFFFFFFFFFFFFFFF);
    CHECK(flow.bytes_up == 0x0123456789ABCDEF);
    CHECK(flow.packets_down == 7);
    CHECK(flow.bytes_down == 0);
    CHECK(state_name(flow.protocol, flow.state) == "ESTABLISHED");
    CHECK(flow.start_ms == 1'700'000'000'123);
    CHECK(flow.zone == 0xFEFF);
    CHECK(extras.helper == "ftp");
    CHECK(extras.secctx == "system_u:object_r:t:s0");
    REQUIRE(extras.has_labels);
    CHECK(extras.labels.front() == 1);
    CHECK(extras.labels.back() == 0x80);
    CHECK(flow.parts ==
          parts_of({Part::original, Part::reply, Part::original_ports, Part::reply_ports,
                    Part::status, Part::state, Part::timeout, Part::counters_up,
                    Part::counters_down, Part::start, Part::mark, Part::zone, Part::id}));
}

TEST_CASE("IPv6 addresses are whole", "[decoder]") {
    const auto [flow, extras] = decoded(tuples(AF_INET6, protocol::udp), AF_INET6);
    CHECK(flow.family == Family::ipv6);
    CHECK(ends_of(flow, Direction::original) == "[2001:db8::a]:4660 [2001:db8::14]:80");
    CHECK(ends_of(flow, Direction::reply) == "[2001:db8::14]:80 [2001:db8::1]:65244");
    CHECK(flow.parts == parts_of(both_tuples));
    CHECK(flow.extras == 0);
}

TEST_CASE("ICMP's id belongs to the end that opened the flow", "[decoder]") {
    const auto [family, number, request, reply] =
        GENERATE(std::make_tuple(AF_INET, protocol::icmp, 8, 0),
                 std::make_tuple(AF_INET6, protocol::icmpv6, 128, 129));
    const auto family_byte = static_cast<std::uint8_t>(family);
    const auto type = [](int value) { return static_cast<std::uint8_t>(value); };
    const Flow flow =
        decoded(
            {original({ip(family_byte, 10, 20), echo(number, type(request), 1, 0xABCD)}),
             nest(CTA_TUPLE_REPLY, {ip(family_byte, 20, 1), echo(number, type(reply), 2, 0x1234)})},
            family_byte)
            .flow;
    CHECK(flow.parts == (parts_of(both_tuples) | parts_of({Part::icmp})));
    CHECK(flow.end(End::original_source).port == 0xABCD);
    CHECK_FALSE(flow.end(End::original_destination).port);
    CHECK_FALSE(flow.end(End::reply_source).port);
    CHECK(flow.end(End::reply_destination).port == 0x1234);
    CHECK(flow.icmp(Direction::original) == IcmpKind{type(request), 1});
    CHECK(flow.icmp(Direction::reply) == IcmpKind{type(reply), 2});
}

TEST_CASE("a state counts when it is of the flow's protocol", "[decoder]") {
    const auto state = [](std::uint8_t number, int nest_type, std::uint8_t value) {
        const Flow flow =
            decoded(joined(tuples(AF_INET, number), {state_in(nest_type, value)})).flow;
        return flow.has(Part::state) ? int{flow.state} : -1;
    };
    CHECK(state(protocol::tcp, CTA_PROTOINFO_TCP, 9) == 9);
    CHECK(state(protocol::dccp, CTA_PROTOINFO_DCCP, 7) == 7);
    CHECK(state(protocol::sctp, CTA_PROTOINFO_SCTP, 8) == 8);
    CHECK(state(protocol::tcp, CTA_PROTOINFO_SCTP, 3) == -1);
    CHECK(state(protocol::udp, CTA_PROTOINFO_TCP, 3) == -1);
    CHECK(state(protocol::tcp, CTA_PROTOINFO_TCP, 0) == 0);
    CHECK(state(protocol::tcp, CTA_PROTOINFO_TCP, state_limit - 1) == state_limit - 1);
    CHECK(state(protocol::tcp, CTA_PROTOINFO_TCP, state_limit) == -1);
    CHECK(state(protocol::tcp, CTA_PROTOINFO_TCP, 255) == -1);
    // The nests of other protocols do not get in its way.
    const Attribute two =
        nest(CTA_PROTOINFO, {nest(CTA_PROTOINFO_TCP, {number<std::uint8_t>(1, 3)}),
                             nest(CTA_PROTOINFO_SCTP, {number<std::uint8_t>(1, 5)})});
    CHECK(decoded(tcp_and({two})).flow.state == 3);
}

TEST_CASE("a zone says for which direction it holds", "[decoder]") {
    const auto zone = [](int tuple) {
        Attributes attributes = tuples(AF_INET, protocol::udp);
        at_path(attributes, {tuple})
            .inside.push_back(number<std::uint16_t>(CTA_TUPLE_ZONE, 0x0102));
        return decoded(attributes).flow;
    };
    for (const int tuple : {int{CTA_TUPLE_ORIG}, int{CTA_TUPLE_REPLY}}) {
        const Flow flow = zone(tuple);
        CHECK(flow.zone == 0x0102);
        CHECK(flow.has(Part::zone));
        CHECK(flow.has(Part::zone_original_only) == (tuple == CTA_TUPLE_ORIG));
        CHECK(flow.has(Part::zone_reply_only) == (tuple == CTA_TUPLE_REPLY));
    }
}

TEST_CASE("what is not there is absent", "[decoder]") {
    const Attribute port_of_one =
        nest(CTA_TUPLE_PROTO, {number<std::uint8_t>(CTA_PROTO_NUM, protocol::tcp),
                               number<std::uint16_t>(CTA_PROTO_SRC_PORT, 1)});
    Attribute no_code = echo(protocol::icmp, 8, 0, 1);
    no_code.inside.pop_back();
    const auto parts = [](const Attributes& attributes) { return decoded(attributes).flow.parts; };
    const std::uint16_t only_original = parts_of({Part::original});
    CHECK(parts({original({ip(AF_INET, 1, 2)})}) == only_original);
    CHECK(parts({original({ip(AF_INET, 1, 2), nest(CTA_TUPLE_PROTO, {})})}) == only_original);
    CHECK(parts({original({ip(AF_INET, 1, 2), port_of_one})}) == only_original);
    CHECK(parts({original({ip(AF_INET, 1, 2), no_code})}) == only_original);
    CHECK(decoded({original({ip(AF_INET, 1, 2)})}).flow.protocol == 0);
    CHECK(parts({original({ip(AF_INET, 1, 2)}), nest(CTA_TUPLE_REPLY, {ip(AF_INET, 2, 1)})}) ==
          parts_of({Part::original, Part::reply}));
    for (const std::uint8_t number : {protocol::icmp, protocol::icmpv6})
        CHECK(parts(tuples(AF_INET, number)) == parts_of({Part::original, Part::reply}));
    for (const int type : {int{CTA_COUNTERS_ORIG}, int{CTA_COUNTERS_REPLY}}) {
        Attribute half = counters(type, 1, 2);
        half.inside.pop_back();
        CHECK(parts(tcp_and({half})) == parts_of(both_tuples));
    }
    for (const int type : {int{CTA_PROTOINFO}, int{CTA_TIMESTAMP}, int{CTA_HELP}, int{CTA_SECCTX},
                           int{CTA_COUNTERS_ORIG}}) {
        const auto [flow, extras] = decoded(tcp_and({nest(type, {})}));
        CHECK(flow.parts == parts_of(both_tuples));
        CHECK(extras == Extras{});
    }
    CHECK_FALSE(decoded(tcp_and({leaf(CTA_LABELS, {})})).extras.has_labels);
}

TEST_CASE("a message without a usable tuple is refused", "[decoder]") {
    const Attribute good = original({ip(AF_INET, 1, 2), ports(protocol::tcp, 1, 2)});
    const Attribute half_ip = nest(CTA_TUPLE_IP, {leaf(CTA_IP_V4_SRC, {1, 2, 3, 4})});
    Attribute mixed = ip(AF_INET, 1, 2);
    mixed.inside.push_back(leaf(CTA_IP_V6_SRC, Payload(16)));
    CHECK_FALSE(decode(Attributes{}));
    CHECK_FALSE(decode({number<std::uint32_t>(CTA_STATUS, 1)}));
    CHECK_FALSE(decode({nest(CTA_TUPLE_REPLY, good.inside)}));
    CHECK_FALSE(decode({original({})}));
    CHECK_FALSE(decode({original({nest(CTA_TUPLE_IP, {})})}));
    CHECK_FALSE(decode({original({half_ip})}));
    CHECK_FALSE(decode({original({mixed})}));
    CHECK_FALSE(decode({good, nest(CTA_TUPLE_REPLY, {half_ip})}));
    CHECK_FALSE(decode({good, nest(CTA_TUPLE_REPLY, {ip(AF_INET, 2, 1)})}));
    CHECK_FALSE(
        decode({good, nest(CTA_TUPLE_REPLY, {ip(AF_INET, 2, 1), ports(protocol::udp, 2, 1)})}));
    CHECK_FALSE(decode({good, nest(CTA_TUPLE_REPLY, {ip(AF_INET6, 2, 1), good.inside[1]})}));
    for (const int family : {AF_UNSPEC, AF_INET6, AF_UNIX, 255})
        CHECK_FALSE(decode({good}, static_cast<std::uint8_t>(family)));
    CHECK(decode({good}));
}

TEST_CASE("flags beside an attribute's type do not count", "[decoder]") {
    const std::function<void(Attributes&, int)> mark = [&mark](Attributes& attributes, int flags) {
        for (Attribute& each : attributes) {
            each.word = static_cast<std::uint16_t>(each.type() | flags);
            mark(each.inside, flags);
        }
    };
    for (const int flags :
         {0, NLA_F_NESTED, NLA_F_NET_BYTEORDER, NLA_F_NESTED | NLA_F_NET_BYTEORDER}) {
        Attributes attributes = everything();
        mark(attributes, flags);
        CHECK(decoded(attributes).flow.parts == decoded(everything()).flow.parts);
    }
}

TEST_CASE("the order of attributes does not count", "[decoder]") {
    Attributes attributes = everything();
    const Flow flow = decoded(attributes).flow;
    std::reverse(attributes.begin(), attributes.end());
    for (Attribute& each : attributes)
        std::reverse(each.inside.begin(), each.inside.end());
    const Flow other = decoded(attributes).flow;
    CHECK(other.parts == flow.parts);
    CHECK(other.state == flow.state);
    CHECK(other.zone == flow.zone);
    CHECK(ends_of(other, Direction::reply) == ends_of(flow, Direction::reply));
}

TEST_CASE("texts end at their NUL or with their attribute", "[decoder]") {
    const auto helper = [](Payload payload) {
        return decoded(tcp_and({nest(CTA_HELP, {leaf(CTA_HELP_NAME, std::move(payload))})}))
            .extras.helper;
    };
    CHECK(helper({'f', 't', 'p', 0}) == "ftp");
    CHECK(helper({'f', 't', 'p'}) == "ftp");
    CHECK(helper({'f', 't', 'p', '-'}) == "ftp-");
    CHECK(helper({'f', 0, 'p', 0}) == "f");
    CHECK(helper({0}).empty());
    CHECK(helper({}).empty());
    const std::string long_text(3000, 'x');
    CHECK(decoded(tcp_and({nest(CTA_SECCTX, {text(CTA_SECCTX_NAME, long_text)})})).extras.secctx ==
          long_text);
}

TEST_CASE("the start is in milliseconds, as large as it may be", "[decoder]") {
    const auto start = [](std::uint64_t nanoseconds) {
        const Attribute time =
            nest(CTA_TIMESTAMP, {number<std::uint64_t>(CTA_TIMESTAMP_START, nanoseconds)});
        return static_cast<std::uint64_t>(decoded(tcp_and({time})).flow.start_ms);
    };
    CHECK(start(0) == 0);
    CHECK(start(999'999) == 0);
    CHECK(start(1'000'000) == 1);
    CHECK(start(latest_start * 1'000'000) == latest_start);
    CHECK(start(UINT64_MAX) == latest_start);
}

TEST_CASE("equal extras of two flows are kept once", "[decoder]") {
    ExtrasPool pool;
    Flow flows[3];
    const Payload with = payload_with(AF_INET, everything());
    const Payload without = payload_with(AF_INET, tcp_and({}));
    REQUIRE(decode_flow(with, flows[0], pool));
    REQUIRE(decode_flow(without, flows[1], pool));
    REQUIRE(decode_flow(with, flows[2], pool));
    CHECK(flows[0].extras == flows[2].extras);
    CHECK(flows[1].extras == 0);
    CHECK(pool.size() == 2);
}
