// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// CloudWatch's names for NAT gateways, for who has dashboards and alarms on them
// (https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html). What
// natstat can not know is not there: the kernel counts packets as they come, so nothing tells what
// went out (BytesOutToDestination and the like), and one look has no tenths of its interval
// (PeakBytesPerSecond, PeakPacketsPerSecond).
#include "metric_parts.hpp"

#include "natstat/model/protocol.hpp"

namespace natstat {

namespace {

using Number = std::optional<std::uint64_t>;

const GatewayCounts* whole_counts(const Metrics& metrics) {
    const bool known = metrics.interval && metrics.interval->whole && metrics.interval->gateway;
    return known ? &*metrics.interval->gateway : nullptr;
}

template <auto member>
Number counted(const Metrics& metrics) {
    const GatewayCounts* const counts = whole_counts(metrics);
    return counts != nullptr ? Number(counts->*member) : std::nullopt;
}

/// The kernel's own numbers miss nothing.
template <auto member>
Number risen(const Metrics& metrics) {
    const bool known = metrics.interval && metrics.interval->gateway;
    return known ? *metrics.interval->gateway.*member : std::nullopt;
}

template <auto direction, auto member>
Number carried(const Metrics& metrics) {
    const GatewayCounts* const counts = whole_counts(metrics);
    return counts != nullptr && counts->counts ? Number((counts->*direction).*member)
                                               : std::nullopt;
}

/// Of those in the list.
Number active(const Metrics& metrics) {
    if (metrics.mix == nullptr || !metrics.whole.value_or(false))
        return std::nullopt;
    std::uint64_t connections = 0;
    metrics.mix->for_each(nullptr, Groups::no_limit, [&](const Row& row) {
        if (row.flow.protocol == protocol::tcp && has_snat(nat_of(row.flow)) &&
            phase_of(row.flow) == Phase::established)
            connections += row.group->flows;
    });
    return connections;
}

constexpr GatewayMetric table[] = {
    {"ActiveConnectionCount", "TCP connections of source NAT that are established.", active},
    {"ConnectionAttemptCount", "Those that began in the interval, with a SYN that found a port.",
     counted<&GatewayCounts::attempted>},
    {"ConnectionEstablishedCount", "Those that were established in the interval.",
     counted<&GatewayCounts::established>},
    {"IdleTimeoutCount",
     "Those that had been established, and whose time ran out in the interval because nothing came "
     "any more: after the box's own timeouts, which are not AWS's 350 seconds.",
     counted<&GatewayCounts::idled>},
    {"ErrorPortAllocation",
     "By how much insert_failed of the kernel rose: packets of new flows that found no place, "
     "mostly because no port was free; two packets of a new flow that race for its entry count, "
     "too.",
     risen<&GatewayCounts::failed>},
    {"PacketsDropCount",
     "Packets that connection tracking dropped (drop of the kernel); not those that rules drop.",
     risen<&GatewayCounts::dropped>},
    {"BytesInFromSource", "Bytes of flows of source NAT, as they came from who opened them.",
     carried<&GatewayCounts::from_source, &Traffic::bytes>},
    {"BytesInFromDestination", "And from who was dialled.",
     carried<&GatewayCounts::from_destination, &Traffic::bytes>},
    {"PacketsInFromSource", "Packets, likewise.",
     carried<&GatewayCounts::from_source, &Traffic::packets>},
    {"PacketsInFromDestination", "And from who was dialled.",
     carried<&GatewayCounts::from_destination, &Traffic::packets>},
};

} // namespace

std::span<const GatewayMetric> gateway_metrics() {
    return table;
}

void put_gateway_metrics(const MetricText& text, const Metrics& metrics) {
    for (const GatewayMetric& each : table)
        if (const Number number = each.number(metrics))
            text.gauge(each.name, each.help).sample(*number);
}

} // namespace natstat
