// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The kernel's own timeouts, out of net/netfilter/nf_conntrack_proto_*.c of Linux 6.18, and those
// of older kernels where they were others.
#include "natstat/model/health.hpp"

namespace natstat {

const std::vector<TimeoutDefault>& timeout_defaults() {
    static const std::vector<TimeoutDefault> table = [] {
        constexpr std::uint64_t minute = 60;
        constexpr std::uint64_t hour = 60 * minute;
        constexpr std::uint64_t day = 24 * hour;
        std::vector<TimeoutDefault> list;
        const auto changed = [&list](std::string_view name, std::uint64_t now, std::uint64_t old) {
            list.push_back({name, now, old});
        };
        const auto always = [&changed](std::string_view name, std::uint64_t seconds) {
            changed(name, seconds, seconds);
        };
        // nf_conntrack_proto_tcp.c, tcp_timeouts
        always("tcp_timeout_syn_sent", 2 * minute);
        always("tcp_timeout_syn_recv", minute);
        always("tcp_timeout_established", 5 * day);
        always("tcp_timeout_fin_wait", 2 * minute);
        always("tcp_timeout_close_wait", minute);
        always("tcp_timeout_last_ack", 30);
        always("tcp_timeout_time_wait", 2 * minute);
        always("tcp_timeout_close", 10);
        always("tcp_timeout_max_retrans", 5 * minute);
        always("tcp_timeout_unacknowledged", 5 * minute);
        // nf_conntrack_proto_udp.c, udp_timeouts
        always("udp_timeout", 30);
        changed("udp_timeout_stream", 2 * minute, 3 * minute);
        // nf_conntrack_proto_icmp.c, _icmpv6.c, _gre.c, _generic.c
        always("icmp_timeout", 30);
        always("icmpv6_timeout", 30);
        always("gre_timeout", 30);
        always("gre_timeout_stream", 3 * minute);
        always("generic_timeout", 10 * minute);
        // nf_conntrack_proto_sctp.c, sctp_timeouts. The 0.3 seconds of older kernels read as 0.
        always("sctp_timeout_closed", 10);
        always("sctp_timeout_cookie_wait", 3);
        always("sctp_timeout_cookie_echoed", 3);
        changed("sctp_timeout_established", 210, 5 * day);
        changed("sctp_timeout_shutdown_sent", 3, 0);
        changed("sctp_timeout_shutdown_recd", 3, 0);
        always("sctp_timeout_shutdown_ack_sent", 3);
        always("sctp_timeout_heartbeat_sent", 30);
        always("sctp_timeout_heartbeat_acked", 210);
        // nf_conntrack_proto_dccp.c, until Linux 6.15: twice and four times 2 minutes
        always("dccp_timeout_request", 4 * minute);
        always("dccp_timeout_respond", 8 * minute);
        always("dccp_timeout_partopen", 8 * minute);
        always("dccp_timeout_open", 12 * hour);
        always("dccp_timeout_closereq", 64);
        always("dccp_timeout_closing", 64);
        always("dccp_timeout_timewait", 4 * minute);
        return list;
    }();
    return table;
}

} // namespace natstat
