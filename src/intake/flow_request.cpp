// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// libnetfilter_conntrack writes the tuples and the zone; what it never writes, the id, is appended.
// Both tuples are given, because 1.0.8 does not write ICMP without its reply.
#include "flow_request.hpp"

#include "attributes.hpp"

#include "natstat/model/protocol.hpp"

#include <memory>

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>

namespace natstat {

namespace {

struct DestroyConntrack {
    void operator()(nf_conntrack* object) const { nfct_destroy(object); }
};
using Conntrack = std::unique_ptr<nf_conntrack, DestroyConntrack>;

/// The library's names for the parts of one tuple.
struct TupleNames {
    nf_conntrack_attr l3, l4, ipv4_source, ipv4_destination, ipv6_source, ipv6_destination,
        source_port, destination_port;
};
constexpr TupleNames original_names{ATTR_ORIG_L3PROTO,  ATTR_ORIG_L4PROTO,  ATTR_ORIG_IPV4_SRC,
                                    ATTR_ORIG_IPV4_DST, ATTR_ORIG_IPV6_SRC, ATTR_ORIG_IPV6_DST,
                                    ATTR_ORIG_PORT_SRC, ATTR_ORIG_PORT_DST};
constexpr TupleNames reply_names{ATTR_REPL_L3PROTO,  ATTR_REPL_L4PROTO,  ATTR_REPL_IPV4_SRC,
                                 ATTR_REPL_IPV4_DST, ATTR_REPL_IPV6_SRC, ATTR_REPL_IPV6_DST,
                                 ATTR_REPL_PORT_SRC, ATTR_REPL_PORT_DST};

void set_tuple(nf_conntrack* object, const TupleNames& names, const Flow& flow,
               Direction direction) {
    const Tuple tuple = flow.tuple(direction);
    const bool ipv4 = flow.family == Family::ipv4;
    nfct_set_attr_u8(object, names.l3, ipv4 ? AF_INET : AF_INET6);
    nfct_set_attr_u8(object, names.l4, flow.protocol);
    nfct_set_attr(object, ipv4 ? names.ipv4_source : names.ipv6_source,
                  tuple.source.address.bytes.data());
    nfct_set_attr(object, ipv4 ? names.ipv4_destination : names.ipv6_destination,
                  tuple.destination.address.bytes.data());
    if (!flow.is_icmp() && tuple.source.port && tuple.destination.port) {
        nfct_set_attr_u16(object, names.source_port, htons(*tuple.source.port));
        nfct_set_attr_u16(object, names.destination_port, htons(*tuple.destination.port));
    }
}

/// The types that the kernel tracks by, which are also as far as the library's table of their
/// answers reaches.
bool is_known(const Flow& flow, const IcmpKind& kind) {
    constexpr std::uint8_t icmpv6_last = 140; // a node information reply
    return flow.protocol == protocol::icmp
               ? kind.type <= ICMP_ADDRESSREPLY
               : kind.type >= ICMP6_ECHO_REQUEST && kind.type <= icmpv6_last;
}

/// False when the flow has no echo id, or a type that no answer is known to.
bool set_icmp(nf_conntrack* object, const Flow& flow) {
    const auto kind = flow.icmp(Direction::original);
    const auto id = flow.tuple(Direction::original).source.port;
    if (!kind || !id || !is_known(flow, *kind))
        return false;
    nfct_set_attr_u8(object, ATTR_ICMP_TYPE, kind->type); // sets the answer's in the reply, too
    nfct_set_attr_u8(object, ATTR_ICMP_CODE, kind->code);
    nfct_set_attr_u16(object, ATTR_ICMP_ID, htons(*id));
    return true;
}

/// Null when the flow can not be named.
Conntrack conntrack_of(const Flow& flow) {
    Conntrack object(nfct_new());
    if (!object)
        return object;
    set_tuple(object.get(), original_names, flow, Direction::original);
    if (flow.has(Part::reply))
        set_tuple(object.get(), reply_names, flow, Direction::reply);
    if (flow.is_icmp() && !set_icmp(object.get(), flow))
        return nullptr;
    // nf_conntrack_find_get compares it with the zone of the tuple that it finds, this one.
    if (const std::uint16_t zone = flow.zone_of(Direction::original); zone != 0)
        nfct_set_attr_u16(object.get(), ATTR_ZONE, zone);
    return object;
}

bool has_original_tuple(const nlmsghdr* message) {
    const std::span payload(static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload(message)),
                            mnl_nlmsg_get_payload_len(message));
    constexpr AttributeSizes<CTA_TUPLE_ORIG> any_size{};
    Attributes<CTA_TUPLE_ORIG> attributes;
    return attributes.read(payload.subspan(NLMSG_ALIGN(sizeof(nfgenmsg))), any_size) &&
           attributes.has(CTA_TUPLE_ORIG) && !attributes[CTA_TUPLE_ORIG].empty();
}

} // namespace

std::optional<std::vector<std::uint8_t>> make_flow_request(std::uint16_t type, std::uint16_t flags,
                                                           const Flow& flow,
                                                           std::uint32_t sequence) {
    return make_flow_request(type, flags, flow, sequence, nfct_nlmsg_build);
}

std::optional<std::vector<std::uint8_t>> make_flow_request(std::uint16_t type, std::uint16_t flags,
                                                           const Flow& flow, std::uint32_t sequence,
                                                           BuildMessage build) {
    const Conntrack object = conntrack_of(flow);
    if (!object)
        return std::nullopt;
    std::vector<std::uint8_t> bytes(1024); // two tuples of IPv6 take 200
    nlmsghdr* message = mnl_nlmsg_put_header(bytes.data());
    message->nlmsg_type = static_cast<std::uint16_t>(NFNL_SUBSYS_CTNETLINK << 8 | type);
    message->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    message->nlmsg_seq = sequence;
    auto* head = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    head->nfgen_family = flow.family == Family::ipv4 ? AF_INET : AF_INET6;
    head->version = NFNETLINK_V0;
    if (build(message, object.get()) < 0 || !has_original_tuple(message))
        return std::nullopt;
    if (flow.has(Part::id))
        mnl_attr_put_u32(message, CTA_ID, htonl(flow.id));
    bytes.resize(message->nlmsg_len);
    return bytes;
}

} // namespace natstat
