// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The filters of ctnetlink_alloc_filter (net/netfilter/nf_conntrack_netlink.c): status bits since
// Linux 5.15, tuple fields (CTA_FILTER) since 5.8, mark since 3.x, zone since 6.8. An older kernel
// ignores what it does not know.
#include "list_request.hpp"

#include "natstat/model/protocol.hpp"

#include <vector>

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>

namespace natstat {

namespace {

// Newer than the headers of the oldest system that natstat is built on.
constexpr std::uint16_t cta_filter = 25, cta_status_mask = 26;
constexpr std::uint16_t cta_filter_orig_flags = 1, cta_filter_reply_flags = 2;

// CTA_FILTER_F_*, net/netfilter/nf_internals.h
constexpr std::uint32_t check_source = 1U << 0, check_destination = 1U << 1,
                        check_protocol = 1U << 3, check_source_port = 1U << 4,
                        check_destination_port = 1U << 5;

std::uint8_t address_family(const ListCondition& condition) {
    if (!condition.family)
        return AF_UNSPEC;
    return *condition.family == Family::ipv4 ? AF_INET : AF_INET6;
}

/// Which fields of one tuple go to the kernel. A tuple needs the family; a port needs the protocol.
/// IPv6 addresses stay at home: ctnetlink_filter_match_tuple compares them the wrong way round and
/// leaves out just the flows that were asked for (seen on Linux 6.18, there since 5.8).
std::uint32_t checks(const ListCondition& condition, const ListCondition::Side& side) {
    if (!condition.family)
        return 0;
    std::uint32_t flags = 0;
    if (*condition.family == Family::ipv4) {
        flags |= side.source ? check_source : 0;
        flags |= side.destination ? check_destination : 0;
    }
    if (condition.protocol && protocol_kind(*condition.protocol).ports_are_filtered) {
        flags |= side.source_port ? check_source_port : 0;
        flags |= side.destination_port ? check_destination_port : 0;
    }
    return flags;
}

void put_tuple(nlmsghdr* message, std::uint16_t type, const ListCondition& condition,
               const ListCondition::Side& side, std::uint32_t flags) {
    nlattr* tuple = mnl_attr_nest_start(message, type);
    nlattr* ip = mnl_attr_nest_start(message, CTA_TUPLE_IP);
    if ((flags & check_source) != 0)
        mnl_attr_put(message, CTA_IP_V4_SRC, 4, side.source->bytes.data());
    if ((flags & check_destination) != 0)
        mnl_attr_put(message, CTA_IP_V4_DST, 4, side.destination->bytes.data());
    mnl_attr_nest_end(message, ip);
    nlattr* ports = mnl_attr_nest_start(message, CTA_TUPLE_PROTO);
    if ((flags & check_protocol) != 0)
        mnl_attr_put_u8(message, CTA_PROTO_NUM, *condition.protocol);
    if ((flags & check_source_port) != 0)
        mnl_attr_put_u16(message, CTA_PROTO_SRC_PORT, htons(*side.source_port));
    if ((flags & check_destination_port) != 0)
        mnl_attr_put_u16(message, CTA_PROTO_DST_PORT, htons(*side.destination_port));
    mnl_attr_nest_end(message, ports);
    mnl_attr_nest_end(message, tuple);
}

void put_tuples(nlmsghdr* message, const ListCondition& condition) {
    std::uint32_t original = checks(condition, condition.original);
    std::uint32_t reply = checks(condition, condition.reply);
    // The protocol is part of both tuples; it is compared in whichever is compared anyway.
    if (condition.family && condition.protocol) {
        if (reply != 0)
            reply |= check_protocol;
        if (original != 0 || reply == 0)
            original |= check_protocol;
    }
    if (original == 0 && reply == 0)
        return;
    if (original != 0)
        put_tuple(message, CTA_TUPLE_ORIG, condition, condition.original, original);
    if (reply != 0)
        put_tuple(message, CTA_TUPLE_REPLY, condition, condition.reply, reply);
    nlattr* filter = mnl_attr_nest_start(message, cta_filter);
    mnl_attr_put_u32(message, cta_filter_orig_flags, original);
    mnl_attr_put_u32(message, cta_filter_reply_flags, reply);
    mnl_attr_nest_end(message, filter);
}

/// The beginning of a request for a list, in `bytes`, which have room for it.
nlmsghdr* put_head(std::vector<std::uint8_t>& bytes, std::uint16_t type, std::uint8_t family,
                   std::uint32_t sequence) {
    nlmsghdr* message = mnl_nlmsg_put_header(bytes.data());
    message->nlmsg_type = type;
    message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    message->nlmsg_seq = sequence;
    auto* head = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    head->nfgen_family = family;
    head->version = NFNETLINK_V0;
    return message;
}

} // namespace

std::vector<std::uint8_t> make_list_request(const ListCondition& condition,
                                            std::uint32_t sequence) {
    std::vector<std::uint8_t> bytes(512);
    nlmsghdr* message = put_head(bytes, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET,
                                 address_family(condition), sequence);
    if (condition.status_mask != 0) {
        mnl_attr_put_u32(message, CTA_STATUS, htonl(condition.status_value));
        mnl_attr_put_u32(message, cta_status_mask, htonl(condition.status_mask));
    }
    if (condition.mark_mask != 0) {
        mnl_attr_put_u32(message, CTA_MARK, htonl(condition.mark_value));
        mnl_attr_put_u32(message, CTA_MARK_MASK, htonl(condition.mark_mask));
    }
    if (condition.zone)
        mnl_attr_put_u16(message, CTA_ZONE, htons(*condition.zone));
    put_tuples(message, condition);
    bytes.resize(message->nlmsg_len);
    return bytes;
}

std::vector<std::uint8_t> make_expectation_request(const ListCondition& condition,
                                                   std::uint32_t sequence) {
    std::vector<std::uint8_t> bytes(NLMSG_LENGTH(sizeof(nfgenmsg)));
    put_head(bytes, NFNL_SUBSYS_CTNETLINK_EXP << 8 | IPCTNL_MSG_EXP_GET, address_family(condition),
             sequence);
    return bytes;
}

ListCondition without_filters(const ListCondition& condition) {
    ListCondition wider;
    wider.family = condition.family;
    return wider;
}

} // namespace natstat
