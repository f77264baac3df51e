// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The sizes are those of include/uapi/linux/netfilter/nfnetlink_conntrack.h and of the functions in
// net/netfilter/nf_conntrack_netlink.c and nf_conntrack_proto_*.c that put the attributes. Which of
// them the library reads is what version 1.0.8 reads.
#include "rules.hpp"

#include <array>
#include <limits>

#include <linux/netfilter/nfnetlink_conntrack.h>

namespace natstat::oracle {

namespace {

constexpr std::size_t any = std::numeric_limits<std::size_t>::max();

constexpr Rule value(int type, std::string_view name, std::size_t size) {
    return {type, name, Use::read, size, size};
}
constexpr Rule passed(int type, std::string_view name, std::size_t size) {
    return {type, name, Use::passed, size, size};
}
constexpr Rule words(int type, std::string_view name) {
    return {type, name, Use::read, 0, any, true};
}
constexpr Rule within(int type, std::string_view name, const Level& level, Use use = Use::read) {
    return {type, name, use, 0, any, false, &level};
}

} // namespace

constexpr std::array ip_rules{
    value(CTA_IP_V4_SRC, "CTA_IP_V4_SRC", 4), value(CTA_IP_V4_DST, "CTA_IP_V4_DST", 4),
    value(CTA_IP_V6_SRC, "CTA_IP_V6_SRC", 16), value(CTA_IP_V6_DST, "CTA_IP_V6_DST", 16)};
constexpr Level ip_level{ip_rules};

constexpr std::array protocol_rules{value(CTA_PROTO_NUM, "CTA_PROTO_NUM", 1),
                                    value(CTA_PROTO_SRC_PORT, "CTA_PROTO_SRC_PORT", 2),
                                    value(CTA_PROTO_DST_PORT, "CTA_PROTO_DST_PORT", 2),
                                    value(CTA_PROTO_ICMP_ID, "CTA_PROTO_ICMP_ID", 2),
                                    value(CTA_PROTO_ICMP_TYPE, "CTA_PROTO_ICMP_TYPE", 1),
                                    value(CTA_PROTO_ICMP_CODE, "CTA_PROTO_ICMP_CODE", 1),
                                    value(CTA_PROTO_ICMPV6_ID, "CTA_PROTO_ICMPV6_ID", 2),
                                    value(CTA_PROTO_ICMPV6_TYPE, "CTA_PROTO_ICMPV6_TYPE", 1),
                                    value(CTA_PROTO_ICMPV6_CODE, "CTA_PROTO_ICMPV6_CODE", 1)};
constexpr Level protocol_level{protocol_rules};

constexpr std::array tuple_rules{within(CTA_TUPLE_IP, "CTA_TUPLE_IP", ip_level),
                                 within(CTA_TUPLE_PROTO, "CTA_TUPLE_PROTO", protocol_level),
                                 value(CTA_TUPLE_ZONE, "CTA_TUPLE_ZONE", 2)};
constexpr Level tuple_level{tuple_rules};

constexpr std::array tcp_rules{
    value(CTA_PROTOINFO_TCP_STATE, "CTA_PROTOINFO_TCP_STATE", 1),
    passed(CTA_PROTOINFO_TCP_WSCALE_ORIGINAL, "CTA_PROTOINFO_TCP_WSCALE_ORIGINAL", 1),
    passed(CTA_PROTOINFO_TCP_WSCALE_REPLY, "CTA_PROTOINFO_TCP_WSCALE_REPLY", 1),
    passed(CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, "CTA_PROTOINFO_TCP_FLAGS_ORIGINAL", 2),
    passed(CTA_PROTOINFO_TCP_FLAGS_REPLY, "CTA_PROTOINFO_TCP_FLAGS_REPLY", 2)};
constexpr Level tcp_level{tcp_rules};

constexpr std::array dccp_rules{
    value(CTA_PROTOINFO_DCCP_STATE, "CTA_PROTOINFO_DCCP_STATE", 1),
    passed(CTA_PROTOINFO_DCCP_ROLE, "CTA_PROTOINFO_DCCP_ROLE", 1),
    passed(CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ, "CTA_PROTOINFO_DCCP_HANDSHAKE_SEQ", 8)};
constexpr Level dccp_level{dccp_rules};

constexpr std::array sctp_rules{
    value(CTA_PROTOINFO_SCTP_STATE, "CTA_PROTOINFO_SCTP_STATE", 1),
    passed(CTA_PROTOINFO_SCTP_VTAG_ORIGINAL, "CTA_PROTOINFO_SCTP_VTAG_ORIGINAL", 4),
    passed(CTA_PROTOINFO_SCTP_VTAG_REPLY, "CTA_PROTOINFO_SCTP_VTAG_REPLY", 4)};
constexpr Level sctp_level{sctp_rules};

constexpr std::array state_rules{within(CTA_PROTOINFO_TCP, "CTA_PROTOINFO_TCP", tcp_level),
                                 within(CTA_PROTOINFO_DCCP, "CTA_PROTOINFO_DCCP", dccp_level),
                                 within(CTA_PROTOINFO_SCTP, "CTA_PROTOINFO_SCTP", sctp_level)};
constexpr Level state_level{state_rules};

constexpr std::array counter_rules{
    value(CTA_COUNTERS_PACKETS, "CTA_COUNTERS_PACKETS", 8),
    value(CTA_COUNTERS_BYTES, "CTA_COUNTERS_BYTES", 8),
    Rule{CTA_COUNTERS32_PACKETS, "CTA_COUNTERS32_PACKETS", Use::hidden, 0, any},
    Rule{CTA_COUNTERS32_BYTES, "CTA_COUNTERS32_BYTES", Use::hidden, 0, any}};
constexpr Level counter_level{counter_rules};

constexpr std::array time_rules{value(CTA_TIMESTAMP_START, "CTA_TIMESTAMP_START", 8),
                                passed(CTA_TIMESTAMP_STOP, "CTA_TIMESTAMP_STOP", 8)};
constexpr Level time_level{time_rules};

constexpr std::array helper_rules{words(CTA_HELP_NAME, "CTA_HELP_NAME")};
constexpr Level helper_level{helper_rules};

constexpr std::array secctx_rules{words(CTA_SECCTX_NAME, "CTA_SECCTX_NAME")};
constexpr Level secctx_level{secctx_rules};

constexpr std::array shift_rules{passed(CTA_SEQADJ_CORRECTION_POS, "CTA_SEQADJ_CORRECTION_POS", 4),
                                 passed(CTA_SEQADJ_OFFSET_BEFORE, "CTA_SEQADJ_OFFSET_BEFORE", 4),
                                 passed(CTA_SEQADJ_OFFSET_AFTER, "CTA_SEQADJ_OFFSET_AFTER", 4)};
constexpr Level shift_level{shift_rules};

constexpr std::array synproxy_rules{passed(CTA_SYNPROXY_ISN, "CTA_SYNPROXY_ISN", 4),
                                    passed(CTA_SYNPROXY_ITS, "CTA_SYNPROXY_ITS", 4),
                                    passed(CTA_SYNPROXY_TSOFF, "CTA_SYNPROXY_TSOFF", 4)};
constexpr Level synproxy_level{synproxy_rules};

constexpr std::array flow_rules{
    within(CTA_TUPLE_ORIG, "CTA_TUPLE_ORIG", tuple_level),
    within(CTA_TUPLE_REPLY, "CTA_TUPLE_REPLY", tuple_level),
    value(CTA_STATUS, "CTA_STATUS", 4),
    within(CTA_PROTOINFO, "CTA_PROTOINFO", state_level),
    within(CTA_HELP, "CTA_HELP", helper_level),
    value(CTA_TIMEOUT, "CTA_TIMEOUT", 4),
    value(CTA_MARK, "CTA_MARK", 4),
    within(CTA_COUNTERS_ORIG, "CTA_COUNTERS_ORIG", counter_level),
    within(CTA_COUNTERS_REPLY, "CTA_COUNTERS_REPLY", counter_level),
    passed(CTA_USE, "CTA_USE", 4),
    value(CTA_ID, "CTA_ID", 4),
    within(CTA_TUPLE_MASTER, "CTA_TUPLE_MASTER", tuple_level, Use::passed),
    within(CTA_SEQ_ADJ_ORIG, "CTA_SEQ_ADJ_ORIG", shift_level, Use::passed),
    within(CTA_SEQ_ADJ_REPLY, "CTA_SEQ_ADJ_REPLY", shift_level, Use::passed),
    passed(CTA_SECMARK, "CTA_SECMARK", 4),
    value(CTA_ZONE, "CTA_ZONE", 2),
    within(CTA_SECCTX, "CTA_SECCTX", secctx_level),
    within(CTA_TIMESTAMP, "CTA_TIMESTAMP", time_level),
    Rule{CTA_LABELS, "CTA_LABELS", Use::read, 0, 16},
    within(CTA_SYNPROXY, "CTA_SYNPROXY", synproxy_level, Use::passed)};
constexpr Level flow_level{flow_rules};

} // namespace natstat::oracle
