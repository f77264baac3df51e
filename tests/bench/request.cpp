// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The attributes of a request that creates a flow. The reply tuple goes out as the mirror of the
// original one and the translation as CTA_NAT_SRC and CTA_NAT_DST: so it is the kernel's own NAT
// that makes the entry, with the flags and the tables that a real one has.

#include "request.hpp"

#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>

namespace natstat::bench {
namespace {

void put_address(nlmsghdr* message, std::uint8_t family, const End& end, std::uint16_t type_v4,
                 std::uint16_t type_v6) {
    if (family == AF_INET)
        mnl_attr_put(message, type_v4, 4, end.address.data());
    else
        mnl_attr_put(message, type_v6, 16, end.address.data());
}

void put_echo(nlmsghdr* message, const BenchFlow& flow, bool reply) {
    const bool v4 = flow.protocol == IPPROTO_ICMP;
    const auto type = static_cast<std::uint8_t>(reply ? (v4 ? 0 : 129) : (v4 ? 8 : 128));
    mnl_attr_put_u16(message, v4 ? CTA_PROTO_ICMP_ID : CTA_PROTO_ICMPV6_ID,
                     htons(flow.source.port));
    mnl_attr_put_u8(message, v4 ? CTA_PROTO_ICMP_TYPE : CTA_PROTO_ICMPV6_TYPE, type);
    mnl_attr_put_u8(message, v4 ? CTA_PROTO_ICMP_CODE : CTA_PROTO_ICMPV6_CODE, 0);
}

void put_tuple(nlmsghdr* message, const BenchFlow& flow, bool reply) {
    const End& source = reply ? flow.destination : flow.source;
    const End& destination = reply ? flow.source : flow.destination;
    nlattr* tuple = mnl_attr_nest_start(message, reply ? CTA_TUPLE_REPLY : CTA_TUPLE_ORIG);
    nlattr* addresses = mnl_attr_nest_start(message, CTA_TUPLE_IP);
    put_address(message, flow.family, source, CTA_IP_V4_SRC, CTA_IP_V6_SRC);
    put_address(message, flow.family, destination, CTA_IP_V4_DST, CTA_IP_V6_DST);
    mnl_attr_nest_end(message, addresses);
    nlattr* protocol = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
    mnl_attr_put_u8(message, CTA_PROTO_NUM, flow.protocol);
    if (flow.protocol == IPPROTO_ICMP || flow.protocol == IPPROTO_ICMPV6) {
        put_echo(message, flow, reply);
    } else {
        mnl_attr_put_u16(message, CTA_PROTO_SRC_PORT, htons(source.port));
        mnl_attr_put_u16(message, CTA_PROTO_DST_PORT, htons(destination.port));
    }
    mnl_attr_nest_end(message, protocol);
    mnl_attr_nest_end(message, tuple);
}

void put_nat(nlmsghdr* message, std::uint8_t family, const End& end, std::uint16_t type) {
    nlattr* nat = mnl_attr_nest_start(message, type);
    put_address(message, family, end, CTA_NAT_V4_MINIP, CTA_NAT_V6_MINIP);
    nlattr* port = mnl_attr_nest_start(message, CTA_NAT_PROTO);
    mnl_attr_put_u16(message, CTA_PROTONAT_PORT_MIN, htons(end.port));
    mnl_attr_put_u16(message, CTA_PROTONAT_PORT_MAX, htons(end.port));
    mnl_attr_nest_end(message, port);
    mnl_attr_nest_end(message, nat);
}

void put_protocol_state(nlmsghdr* message, const BenchFlow& flow) {
    if (flow.protocol != IPPROTO_TCP && flow.protocol != IPPROTO_SCTP)
        return;
    nlattr* info = mnl_attr_nest_start(message, CTA_PROTOINFO);
    nlattr* inner = nullptr;
    if (flow.protocol == IPPROTO_TCP) {
        inner = mnl_attr_nest_start(message, CTA_PROTOINFO_TCP);
        mnl_attr_put_u8(message, CTA_PROTOINFO_TCP_STATE, flow.state);
    } else {
        inner = mnl_attr_nest_start(message, CTA_PROTOINFO_SCTP);
        mnl_attr_put_u8(message, CTA_PROTOINFO_SCTP_STATE, flow.state);
        // The kernel wants verification tags beside the state; any will do.
        mnl_attr_put_u32(message, CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, htonl(flow.source.port));
        mnl_attr_put_u32(message, CTA_PROTOINFO_SCTP_VTAG_REPLY, htonl(flow.destination.port));
    }
    mnl_attr_nest_end(message, inner);
    mnl_attr_nest_end(message, info);
}

} // namespace

std::size_t put_request(char* buffer, const BenchFlow& flow, std::uint32_t sequence) {
    nlmsghdr* message = mnl_nlmsg_put_header(buffer);
    message->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW;
    message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL;
    message->nlmsg_seq = sequence;
    auto* header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    header->nfgen_family = flow.family;
    header->version = NFNETLINK_V0;
    header->res_id = 0;
    put_tuple(message, flow, false);
    put_tuple(message, flow, true);
    mnl_attr_put_u32(message, CTA_STATUS, htonl(flow.status));
    mnl_attr_put_u32(message, CTA_TIMEOUT, htonl(flow.timeout_seconds));
    if (flow.snat)
        put_nat(message, flow.family, *flow.snat, CTA_NAT_SRC);
    if (flow.dnat)
        put_nat(message, flow.family, *flow.dnat, CTA_NAT_DST);
    put_protocol_state(message, flow);
    if (flow.mark != 0)
        mnl_attr_put_u32(message, CTA_MARK, htonl(flow.mark));
    if (flow.zone != 0)
        mnl_attr_put_u16(message, CTA_ZONE, htons(flow.zone));
    return message->nlmsg_len;
}

} // namespace natstat::bench
