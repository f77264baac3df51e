// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The parts of a conntrack message as the kernel lays them out
// (net/netfilter/nf_conntrack_netlink.c), to make messages of by hand.
#pragma once

#include "message.hpp"

#include "natstat/model/protocol.hpp"

#include <sys/socket.h>

namespace natstat::oracle {

/// 192.0.2.LAST or 2001:db8::LAST, in network byte order.
[[nodiscard]] inline std::vector<std::uint8_t> address_bytes(std::uint8_t family,
                                                             std::uint8_t last) {
    if (family == AF_INET)
        return {192, 0, 2, last};
    return {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last};
}

/// CTA_TUPLE_IP with two of these addresses.
[[nodiscard]] inline Attribute ip(std::uint8_t family, std::uint8_t source,
                                  std::uint8_t destination) {
    const bool four = family == AF_INET;
    return nest(CTA_TUPLE_IP,
                {leaf(four ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, address_bytes(family, source)),
                 leaf(four ? CTA_IP_V4_DST : CTA_IP_V6_DST, address_bytes(family, destination))});
}

/// CTA_TUPLE_PROTO with ports (GRE: keys).
[[nodiscard]] inline Attribute ports(std::uint8_t protocol, std::uint16_t source,
                                     std::uint16_t destination) {
    return nest(CTA_TUPLE_PROTO, {number<std::uint8_t>(CTA_PROTO_NUM, protocol),
                                  number<std::uint16_t>(CTA_PROTO_SRC_PORT, source),
                                  number<std::uint16_t>(CTA_PROTO_DST_PORT, destination)});
}

/// CTA_TUPLE_PROTO of ICMP or ICMPv6.
[[nodiscard]] inline Attribute echo(std::uint8_t protocol, std::uint8_t type, std::uint8_t code,
                                    std::uint16_t id) {
    const int shift = protocol == protocol::icmp ? 0 : CTA_PROTO_ICMPV6_ID - CTA_PROTO_ICMP_ID;
    return nest(CTA_TUPLE_PROTO, {number<std::uint8_t>(CTA_PROTO_NUM, protocol),
                                  number<std::uint16_t>(CTA_PROTO_ICMP_ID + shift, id),
                                  number<std::uint8_t>(CTA_PROTO_ICMP_TYPE + shift, type),
                                  number<std::uint8_t>(CTA_PROTO_ICMP_CODE + shift, code)});
}

/// Both tuples of a flow with SNAT: .10:4660 to .20:80, answered to .1:65244.
[[nodiscard]] inline Attributes tuples(std::uint8_t family, std::uint8_t protocol) {
    return {nest(CTA_TUPLE_ORIG, {ip(family, 10, 20), ports(protocol, 4660, 80)}),
            nest(CTA_TUPLE_REPLY, {ip(family, 20, 1), ports(protocol, 80, 65244)})};
}

/// CTA_COUNTERS_ORIG or CTA_COUNTERS_REPLY.
[[nodiscard]] inline Attribute counters(int type, std::uint64_t packets, std::uint64_t bytes) {
    return nest(type, {number<std::uint64_t>(CTA_COUNTERS_PACKETS, packets),
                       number<std::uint64_t>(CTA_COUNTERS_BYTES, bytes)});
}

/// CTA_PROTOINFO with the state of a protocol: CTA_PROTOINFO_TCP, and so on. The state is the first
/// attribute of each.
[[nodiscard]] inline Attribute state_in(int protocol, std::uint8_t state) {
    static_assert(CTA_PROTOINFO_TCP_STATE == 1 && CTA_PROTOINFO_DCCP_STATE == 1 &&
                  CTA_PROTOINFO_SCTP_STATE == 1);
    return nest(CTA_PROTOINFO, {nest(protocol, {number<std::uint8_t>(1, state)})});
}

/// One after the other.
[[nodiscard]] inline Attributes joined(Attributes first, const Attributes& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

} // namespace natstat::oracle
