// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Each flow is put in by one request, as conntrack -I would.
#include "own_flows.hpp"

#include "own_table.hpp"

#include "intake/list_request.hpp"
#include "natstat/model/protocol.hpp"
#include "tests/oracle/parts.hpp"

#include <algorithm>
#include <system_error>

namespace natstat::test {

using namespace natstat::oracle;

namespace {

/// Both tuples of a flow without NAT from address .FROM to .TO.
Attributes symmetric(std::uint8_t family, std::uint8_t from, std::uint8_t to,
                     const Attribute& there, const Attribute& back) {
    return {nest(CTA_TUPLE_ORIG, {ip(family, from, to), there}),
            nest(CTA_TUPLE_REPLY, {ip(family, to, from), back})};
}

Attributes with_ports(std::uint8_t family, std::uint8_t protocol, std::uint8_t from,
                      std::uint16_t source_port, std::uint16_t destination_port) {
    return symmetric(family, from, 200, ports(protocol, source_port, destination_port),
                     ports(protocol, destination_port, source_port));
}

Attribute nat_to(int type, std::uint8_t family, std::uint8_t address) {
    const bool four = family == AF_INET;
    const auto bytes = address_bytes(family, address);
    return nest(type, {leaf(four ? CTA_NAT_V4_MINIP : CTA_NAT_V6_MINIP, bytes),
                       leaf(four ? CTA_NAT_V4_MAXIP : CTA_NAT_V6_MAXIP, bytes)});
}

Attribute mark(std::uint32_t value) {
    return number<std::uint32_t>(CTA_MARK, value);
}

Attributes in_zone(Attributes flow, int tuple, std::uint16_t zone) {
    flow[tuple == CTA_TUPLE_ORIG ? 0 : 1].inside.push_back(number(CTA_TUPLE_ZONE, zone));
    return flow;
}

void add(std::uint8_t family, Attributes flow, const Attributes& more = {}) {
    flow = joined(joined(std::move(flow), more), {number<std::uint32_t>(CTA_TIMEOUT, 10000)});
    if (const int error = insert(family, flow); error != 0)
        throw std::system_error(error, std::generic_category(), "cannot make a flow");
}

void add_tcp(std::uint8_t family, Attributes flow, const Attributes& more = {}) {
    add(family, joined(std::move(flow), {state_in(CTA_PROTOINFO_TCP, 3)}), more);
}

void fill_family(std::uint8_t family) {
    using namespace protocol;
    const auto tcp_flow = [&](std::uint8_t from, std::uint16_t port) {
        return with_ports(family, tcp, from, port, 80);
    };
    add_tcp(family, tcp_flow(10, 1001), {mark(1)});
    add_tcp(family, tcp_flow(10, 1002), {mark(0x10), nat_to(CTA_NAT_SRC, family, 100)});
    add_tcp(family, tcp_flow(10, 1001), {number<std::uint16_t>(CTA_ZONE, 7)});
    add_tcp(family, tcp_flow(11, 1001), {nat_to(CTA_NAT_DST, family, 101)});
    add_tcp(family, tcp_flow(12, 1001),
            {nat_to(CTA_NAT_SRC, family, 100), nat_to(CTA_NAT_DST, family, 101)});
    add(family, with_ports(family, udp, 10, 1001, 53), {mark(0x30)});
    add(family, with_ports(family, udp, 11, 1001, 80),
        {mark(0x30), nat_to(CTA_NAT_SRC, family, 102)});
    add(family, in_zone(with_ports(family, udp, 13, 1001, 80), CTA_TUPLE_ORIG, 8));
    add(family, in_zone(with_ports(family, udp, 14, 1001, 80), CTA_TUPLE_REPLY, 9));
    add(family, with_ports(family, udplite, 10, 1001, 80));
    Attribute sctp_state = state_in(CTA_PROTOINFO_SCTP, 4);
    for (const int tag : {CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, CTA_PROTOINFO_SCTP_VTAG_REPLY})
        sctp_state.inside[0].inside.push_back(number<std::uint32_t>(tag, 1));
    add(family, with_ports(family, sctp, 10, 1001, 80), {sctp_state});
    add(family, with_ports(family, gre, 10, 1001, 80));
    const std::uint8_t ping = family == AF_INET ? icmp : icmpv6;
    const std::uint8_t request = family == AF_INET ? 8 : 128, answer = family == AF_INET ? 0 : 129;
    add(family,
        symmetric(family, 10, 200, echo(ping, request, 0, 1001), echo(ping, answer, 0, 1001)));
    const Attribute unknown = nest(CTA_TUPLE_PROTO, {number<std::uint8_t>(CTA_PROTO_NUM, 253)});
    add(family, symmetric(family, 10, 200, unknown, unknown));
}

} // namespace

const std::vector<Flow>& table() {
    static const std::vector<Flow> flows = [] {
        enter_own_namespace();
        for (const int family : {AF_INET, AF_INET6})
            fill_family(static_cast<std::uint8_t>(family));
        return ask(make_list_request({}, 1)).flows;
    }();
    return flows;
}

Ids true_matches(const ListQuery& query) {
    Ids ids;
    for (const Flow& flow : table())
        if (std::any_of(query.begin(), query.end(),
                        [&](const ListCondition& condition) { return admits(condition, flow); }))
            ids.insert(flow.id);
    return ids;
}

ListCondition of_family(Family family) {
    ListCondition condition;
    condition.family = family;
    return condition;
}

Address address_of(Family family, std::uint8_t last) {
    return make_address(family,
                        address_bytes(family == Family::ipv4 ? AF_INET : AF_INET6, last).data());
}

} // namespace natstat::test
