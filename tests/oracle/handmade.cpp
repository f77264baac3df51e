// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Messages put together of their parts, and the parts that no other test needs.
#include "handmade.hpp"

#include "parts.hpp"

#include "natstat/model/protocol.hpp"

#include <sys/socket.h>

namespace natstat::oracle {

namespace {

using Payload = std::vector<std::uint8_t>;

Attribute dccp_state(std::uint8_t state) {
    return nest(CTA_PROTOINFO,
                {nest(CTA_PROTOINFO_DCCP,
                      {number<std::uint8_t>(CTA_PROTOINFO_DCCP_STATE, state),
                       number<std::uint8_t>(CTA_PROTOINFO_DCCP_ROLE, 1),
                       number<std::uint64_t>(CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ, 0x123456789ABC)})});
}

Payload everything(std::uint8_t family, std::uint8_t protocol) {
    return payload_with(
        family,
        joined(
            tuples(family, protocol),
            {number<std::uint32_t>(CTA_STATUS, 0x0000018E),
             number<std::uint32_t>(CTA_TIMEOUT, 431999),
             counters(CTA_COUNTERS_ORIG, 0xFFFFFFFFFFFFFFFF, 0x0123456789ABCDEF),
             counters(CTA_COUNTERS_REPLY, 1, 0),
             nest(CTA_TIMESTAMP, {number<std::uint64_t>(CTA_TIMESTAMP_START, 1700000000123456789),
                                  number<std::uint64_t>(CTA_TIMESTAMP_STOP, 1700000001123456789)}),
             protocol == protocol::dccp ? dccp_state(7) : state_in(CTA_PROTOINFO_TCP, 3),
             nest(CTA_HELP, {text(CTA_HELP_NAME, "Q.931")}),
             number<std::uint32_t>(CTA_MARK, 0xDEADBEEF),
             nest(CTA_SECCTX,
                  {text(CTA_SECCTX_NAME, "system_u:object_r:unlabeled_t:s0-s0:c0.c1023")}),
             leaf(CTA_LABELS, {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80}),
             number<std::uint32_t>(CTA_ID, 0x89ABCDEF), number<std::uint32_t>(CTA_USE, 2),
             number<std::uint16_t>(CTA_ZONE, 0xFEFF)}));
}

Payload with_zone(int tuple) {
    Attributes both = tuples(AF_INET, protocol::udp);
    both[tuple == CTA_TUPLE_ORIG ? 0 : 1].inside.push_back(
        number<std::uint16_t>(CTA_TUPLE_ZONE, 5));
    return payload_with(AF_INET, both);
}

/// An unknown attribute at each level, and an expectation's master.
Payload with_news() {
    Attributes all = joined(tuples(AF_INET, protocol::tcp), {state_in(CTA_PROTOINFO_TCP, 4)});
    Attribute master = nest(CTA_TUPLE_MASTER, all[0].inside);
    for (Attribute& attribute : all) {
        attribute.inside[0].inside.push_back(leaf(200, {1, 2, 3}));
        attribute.inside.push_back(nest(201, {leaf(202, {})}));
    }
    return payload_with(AF_INET, joined(all, {std::move(master), leaf(300, {9})}));
}

} // namespace

std::vector<Payload> handmade_payloads() {
    const Attribute one_way =
        nest(CTA_TUPLE_ORIG, {ip(AF_INET, 10, 20), ports(protocol::udp, 5, 6)});
    const Attribute portless =
        nest(CTA_TUPLE_ORIG, {ip(AF_INET6, 10, 20),
                              nest(CTA_TUPLE_PROTO, {number<std::uint8_t>(CTA_PROTO_NUM, 253)})});
    const Attributes ping{
        nest(CTA_TUPLE_ORIG, {ip(AF_INET, 10, 20), echo(protocol::icmp, 8, 3, 0xABCD)}),
        nest(CTA_TUPLE_REPLY, {ip(AF_INET, 20, 10), echo(protocol::icmp, 0, 3, 0xDCBA)})};
    return {
        everything(AF_INET, protocol::dccp),
        everything(AF_INET6, protocol::dccp),
        everything(AF_INET, protocol::tcp),
        everything(AF_INET6, protocol::gre),
        payload_with(AF_INET, joined(tuples(AF_INET, protocol::dccp), {dccp_state(1)})),
        payload_with(AF_INET, {one_way}),
        payload_with(AF_INET6, {portless}),
        payload_with(AF_INET, {nest(CTA_TUPLE_ORIG, {ip(AF_INET, 1, 2)})}),
        payload_with(AF_INET, ping),
        payload_with(AF_INET, tuples(AF_INET, protocol::icmp)), // with ports, which are not its own
        payload_with(AF_INET6, tuples(AF_INET6, protocol::icmpv6)),
        with_zone(CTA_TUPLE_ORIG),
        with_zone(CTA_TUPLE_REPLY),
        with_news(),
    };
}

} // namespace natstat::oracle
