// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The tuple as nf_conntrack_netlink.c parses it (ctnetlink_parse_tuple), and the protocols' own
// parts (nf_ct_port_nlattr_to_tuple, icmp_nlattr_to_tuple, icmpv6_nlattr_to_tuple).
#include "flow_request.hpp"

#include "natstat/model/protocol.hpp"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>

namespace natstat {

namespace {

void put_addresses(nlmsghdr* message, const Tuple& tuple, bool ipv4) {
    nlattr* nest = mnl_attr_nest_start(message, CTA_TUPLE_IP);
    const std::size_t size = ipv4 ? 4 : 16;
    mnl_attr_put(message, ipv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, size,
                 tuple.source.address.bytes.data());
    mnl_attr_put(message, ipv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, size,
                 tuple.destination.address.bytes.data());
    mnl_attr_nest_end(message, nest);
}

void put_icmp(nlmsghdr* message, const Flow& flow, std::uint16_t id) {
    const bool v4 = flow.protocol == protocol::icmp;
    const IcmpKind kind = flow.icmp(Direction::original).value_or(IcmpKind{});
    mnl_attr_put_u16(message, v4 ? CTA_PROTO_ICMP_ID : CTA_PROTO_ICMPV6_ID, htons(id));
    mnl_attr_put_u8(message, v4 ? CTA_PROTO_ICMP_TYPE : CTA_PROTO_ICMPV6_TYPE, kind.type);
    mnl_attr_put_u8(message, v4 ? CTA_PROTO_ICMP_CODE : CTA_PROTO_ICMPV6_CODE, kind.code);
}

void put_ports(nlmsghdr* message, const Flow& flow, const Tuple& tuple) {
    nlattr* nest = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
    mnl_attr_put_u8(message, CTA_PROTO_NUM, flow.protocol);
    if (flow.is_icmp() && tuple.source.port) {
        put_icmp(message, flow, *tuple.source.port);
    } else if (tuple.source.port && tuple.destination.port) {
        mnl_attr_put_u16(message, CTA_PROTO_SRC_PORT, htons(*tuple.source.port));
        mnl_attr_put_u16(message, CTA_PROTO_DST_PORT, htons(*tuple.destination.port));
    }
    mnl_attr_nest_end(message, nest);
}

} // namespace

std::vector<std::uint8_t> make_flow_request(std::uint16_t type, std::uint16_t flags,
                                            const Flow& flow, std::uint32_t sequence) {
    std::vector<std::uint8_t> bytes(256);
    nlmsghdr* message = mnl_nlmsg_put_header(bytes.data());
    message->nlmsg_type = static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | type);
    message->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    message->nlmsg_seq = sequence;
    const bool ipv4 = flow.family == Family::ipv4;
    auto* head = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    head->nfgen_family = ipv4 ? AF_INET : AF_INET6;
    head->version = NFNETLINK_V0;
    const Tuple tuple = flow.tuple(Direction::original);
    nlattr* nest = mnl_attr_nest_start(message, CTA_TUPLE_ORIG);
    put_addresses(message, tuple, ipv4);
    put_ports(message, flow, tuple);
    mnl_attr_nest_end(message, nest);
    if (flow.has(Part::zone))
        mnl_attr_put_u16(message, CTA_ZONE, htons(flow.zone));
    if (flow.has(Part::id))
        mnl_attr_put_u32(message, CTA_ID, htonl(flow.id));
    bytes.resize(message->nlmsg_len);
    return bytes;
}

} // namespace natstat
