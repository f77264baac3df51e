// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Counters of one observer that never looks away. All of them are there from the start, at 0.
#include "metric_parts.hpp"

#include "natstat/model/protocol.hpp"

namespace natstat {

namespace {

constexpr std::array<std::string_view, Counts::protocols> protocols{"tcp", "udp", "icmp", "icmpv6",
                                                                    "other"};

/// `visit(labels, flows)` for each kind and protocol.
template <typename Visit>
void each(const Counts& counts, Visit&& visit) {
    for (std::size_t kind = 0; kind < Counts::kinds; ++kind)
        for (std::size_t proto = 0; proto < Counts::protocols; ++proto) {
            LabelSet labels;
            labels.add("kind", flow_kind_names()[kind]);
            labels.add("proto", protocols[proto]);
            visit(labels, counts.flows[kind][proto]);
        }
}

void put_flows(const MetricText& text, const Counts& counts) {
    MetricFamily created = text.counter("natstat_flows_created_total", "Flows that began.");
    each(counts, [&](const LabelSet& labels, const Counts::Flows& flows) {
        created.sample(flows.created, labels);
    });
    MetricFamily answered =
        text.counter("natstat_flows_answered_total",
                     "Flows to which something came back; seen in lists and at their end.");
    each(counts, [&](const LabelSet& labels, const Counts::Flows& flows) {
        answered.sample(flows.answered, labels);
    });
    MetricFamily ended =
        text.counter("natstat_flows_ended_total", "Flows that ended, by how they ended.");
    each(counts, [&](const LabelSet& labels, const Counts::Flows& flows) {
        for (std::size_t i = 0; i < flows.ended.size(); ++i) {
            LabelSet with_ending = labels;
            with_ending.add("ending", ending_names()[i]);
            ended.sample(flows.ended[i], with_ending);
        }
    });
}

/// By kind and direction, of all protocols together.
void put_traffic(const MetricText& text, const Counts& counts, std::string_view name,
                 std::string_view help, std::uint64_t Traffic::*number) {
    MetricFamily family = text.counter(name, help);
    for (std::size_t kind = 0; kind < Counts::kinds; ++kind) {
        Traffic up, down;
        for (const Counts::Flows& flows : counts.flows[kind]) {
            up += flows.up;
            down += flows.down;
        }
        for (const auto& [direction, sum] : {std::pair{"original", up}, {"reply", down}}) {
            LabelSet labels;
            labels.add("kind", flow_kind_names()[kind]);
            labels.add("direction", direction);
            family.sample(sum.*number, labels);
        }
    }
}

} // namespace

CountedProtocol counted_protocol(std::uint8_t number) {
    switch (number) {
    case protocol::tcp:
        return CountedProtocol::tcp;
    case protocol::udp:
        return CountedProtocol::udp;
    case protocol::icmp:
        return CountedProtocol::icmp;
    case protocol::icmpv6:
        return CountedProtocol::icmpv6;
    default:
        return CountedProtocol::other;
    }
}

void put_count_metrics(const MetricText& text, const Counts& counts) {
    text.gauge("natstat_start_time_seconds", "When counting began.")
        .sample(metric_seconds(counts.since.time_since_epoch()));
    text.gauge(
            "natstat_events_told",
            "1, or 0 when the kernel tells no events (nf_conntrack_events), so that what came and "
            "went between two lists is not counted.")
        .sample(counts.told ? 1U : 0U);
    text.counter("natstat_events_lost_total",
                 "Events that were lost because there was no room for them: as many flows at most "
                 "are missing in the counters.")
        .sample(counts.lost);
    put_flows(text, counts);
    if (!counts.counts)
        return;
    put_traffic(text, counts, "natstat_bytes_total",
                "Bytes of IP packets, as they came, seen in lists and at the end of flows.",
                &Traffic::bytes);
    put_traffic(text, counts, "natstat_packets_total",
                "Packets, seen in lists and at the end of flows.", &Traffic::packets);
}

} // namespace natstat
