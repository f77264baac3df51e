// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A flow of the bench in the words of `conntrack -L -o extended`. What the kernel is expected to
// hold can so be compared line by line with what it does hold.

#include "flows.hpp"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

#include <cstdio>

namespace natstat::bench {
namespace {

bool has_ports(std::uint8_t protocol) {
    return protocol != IPPROTO_ICMP && protocol != IPPROTO_ICMPV6;
}

const char* protocol_name(std::uint8_t protocol) {
    switch (protocol) {
    case IPPROTO_TCP:
        return "tcp";
    case IPPROTO_UDP:
        return "udp";
    case IPPROTO_ICMP:
        return "icmp";
    case IPPROTO_ICMPV6:
        return "icmpv6";
    default:
        return "sctp";
    }
}

const char* state_name(const BenchFlow& flow) {
    static constexpr std::array<const char*, 9> tcp = {"NONE ",        "SYN_SENT ",  "SYN_RECV ",
                                                       "ESTABLISHED ", "FIN_WAIT ",  "CLOSE_WAIT ",
                                                       "LAST_ACK ",    "TIME_WAIT ", "CLOSE "};
    if (flow.protocol == IPPROTO_TCP)
        return tcp[flow.state];
    return flow.protocol == IPPROTO_SCTP ? "ESTABLISHED " : "";
}

std::string tuple_text(const BenchFlow& flow, const End& source, const End& destination,
                       bool reply) {
    std::array<char, INET6_ADDRSTRLEN> from{};
    std::array<char, INET6_ADDRSTRLEN> to{};
    inet_ntop(flow.family, source.address.data(), from.data(), from.size());
    inet_ntop(flow.family, destination.address.data(), to.data(), to.size());
    std::string text = std::string("src=") + from.data() + " dst=" + to.data();
    if (has_ports(flow.protocol))
        return text + " sport=" + std::to_string(source.port) +
               " dport=" + std::to_string(destination.port) + " ";
    const int request = flow.protocol == IPPROTO_ICMP ? 8 : 128;
    const int answer = flow.protocol == IPPROTO_ICMP ? 0 : 129;
    const std::uint16_t id = reply ? destination.port : source.port;
    return text + " type=" + std::to_string(reply ? answer : request) +
           " code=0 id=" + std::to_string(id) + " ";
}

} // namespace

std::string to_line(const BenchFlow& flow) {
    std::array<char, 64> head{};
    std::snprintf(head.data(), head.size(), "%-8s %d %-8s %u %u ",
                  flow.family == AF_INET ? "ipv4" : "ipv6", flow.family,
                  protocol_name(flow.protocol), unsigned{flow.protocol}, flow.timeout_seconds);
    std::string line = head.data();
    line += state_name(flow);
    line += tuple_text(flow, flow.source, flow.destination, false);
    if ((flow.status & IPS_SEEN_REPLY) == 0)
        line += "[UNREPLIED] ";
    line += tuple_text(flow, flow.dnat.value_or(flow.destination), flow.snat.value_or(flow.source),
                       true);
    if ((flow.status & IPS_ASSURED) != 0)
        line += "[ASSURED] ";
    line += "mark=" + std::to_string(flow.mark);
    if (flow.zone != 0)
        line += " zone=" + std::to_string(flow.zone);
    return line + " use=1";
}

} // namespace natstat::bench
