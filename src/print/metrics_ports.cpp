// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// NAT ports, in families whose sets of labels hold still, so that an alert that waits can come
// true. By NAT address and protocol there is everything that an alert needs; there are as many of
// them as the box has NAT addresses. Single destinations come and go by the thousand: of them the
// fullest are told, and which these are is decided by bands (over 80 %, over a half, over a
// quarter, ...) and within a band by address, so that they do not change places at every look.
#include "metric_parts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace natstat {

namespace {

/// Shares of the ports, at which destinations are counted.
struct Threshold {
    double share;
    std::string_view shown;
};
constexpr std::array thresholds{Threshold{0.5, "0.5"}, Threshold{0.8, "0.8"},
                                Threshold{0.95, "0.95"}, Threshold{1, "1"}};

/// More NAT addresses than these, each with its protocols and zones, are put together.
constexpr std::size_t most_gateways = 256;

std::string cell(const Row& row, std::string_view name) {
    const Value value = column(name).get(row);
    return is_absent(value) ? std::string() : to_text(value);
}

LabelSet labels_of(const Row& row, std::initializer_list<std::string_view> names) {
    LabelSet labels;
    for (const std::string_view name : names)
        labels.add(name, cell(row, name));
    return labels;
}

/// The use of the NAT ports for one destination.
struct Use {
    std::uint32_t ports = 0;
    std::uint32_t available = 0;

    [[nodiscard]] double share() const {
        return available == 0 ? 0 : static_cast<double>(ports) / available;
    }
};

Use use_of(const Row& row) {
    return {row.group->ports.value_or(0), row.group->pool ? row.group->pool->ports.size() : 0};
}

/// 0 for the fullest.
int band_of(const Use& use) {
    constexpr double top = 0.8;
    if (use.share() >= top)
        return 0;
    return use.ports == 0 ? std::numeric_limits<int>::max()
                          : 1 + static_cast<int>(std::floor(-std::log2(use.share())));
}

/// All destinations of one NAT address and protocol.
struct Gateway {
    std::uint64_t flows = 0;
    std::uint64_t destinations = 0;
    double fullest = 0;
    std::array<std::uint64_t, thresholds.size()> over{};

    void add(const Use& use, std::uint64_t more_flows) {
        flows += more_flows;
        ++destinations;
        fullest = std::max(fullest, use.share());
        for (std::size_t i = 0; i < thresholds.size(); ++i)
            over[i] += use.share() >= thresholds[i].share ? 1U : 0U;
    }
    void add(const Gateway& more) {
        flows += more.flows;
        destinations += more.destinations;
        fullest = std::max(fullest, more.fullest);
        for (std::size_t i = 0; i < over.size(); ++i)
            over[i] += more.over[i];
    }
};
using Gateways = std::map<LabelSet, Gateway>;

Gateways gateways_of(const Groups& ports) {
    Gateways gateways;
    ports.for_each(nullptr, Groups::no_limit, [&](const Row& row) {
        gateways[labels_of(row, {"gate", "proto", "zone_reply"})].add(use_of(row),
                                                                      row.group->flows);
    });
    return gateways;
}

/// The first ones stay; the others become one, named "other".
Gateways bounded(Gateways gateways) {
    if (gateways.size() <= most_gateways)
        return gateways;
    Gateway others;
    const auto first = std::next(gateways.begin(), most_gateways - 1);
    for (auto each = first; each != gateways.end(); ++each)
        others.add(each->second);
    gateways.erase(first, gateways.end());
    LabelSet other;
    other.add("gate", "other");
    gateways[other] = others;
    return gateways;
}

void put_gateways(const MetricText& text, const Gateways& gateways) {
    MetricFamily fullest = text.gauge(
        "natstat_nat_gateway_ports_used_ratio",
        "NAT ports in use of those that there are, from 0 to 1, for the destination of this NAT "
        "address where most are.");
    for (const auto& [labels, gateway] : gateways)
        fullest.sample(gateway.fullest, labels);
    MetricFamily flows = text.gauge("natstat_nat_gateway_flows",
                                    "Flows of source NAT that have a port of this NAT address.");
    for (const auto& [labels, gateway] : gateways)
        flows.sample(gateway.flows, labels);
    MetricFamily all =
        text.gauge("natstat_nat_gateway_destinations", "Destinations of this NAT address.");
    for (const auto& [labels, gateway] : gateways)
        all.sample(gateway.destinations, labels);
    MetricFamily over = text.gauge(
        "natstat_nat_gateway_destinations_over",
        "Destinations for which at least this share of the NAT ports is in use; at 1 new "
        "connections fail.");
    for (const auto& [labels, gateway] : gateways)
        for (std::size_t i = 0; i < thresholds.size(); ++i) {
            LabelSet with_share = labels;
            with_share.add("share", thresholds[i].shown);
            over.sample(gateway.over[i], with_share);
        }
}

struct Destination {
    int band;
    LabelSet labels;
    Use use;

    friend bool operator<(const Destination& a, const Destination& b) {
        return a.band != b.band ? a.band < b.band : a.labels < b.labels;
    }
};

/// `limit` of them, kept in a heap whose top is the one to go first.
std::vector<Destination> fullest_of(const Groups& ports, std::size_t limit) {
    std::vector<Destination> fullest;
    if (limit == 0)
        return fullest;
    ports.for_each(nullptr, Groups::no_limit, [&](const Row& row) {
        const Use use = use_of(row);
        const int band = band_of(use);
        const bool full = fullest.size() == limit;
        if (full && band > fullest.front().band)
            return;
        Destination one{band, labels_of(row, {"gate", "proto", "dst", "dport", "zone_reply"}), use};
        if (full && !(one < fullest.front()))
            return;
        if (full) {
            std::pop_heap(fullest.begin(), fullest.end());
            fullest.pop_back();
        }
        fullest.push_back(std::move(one));
        std::push_heap(fullest.begin(), fullest.end());
    });
    std::sort_heap(fullest.begin(), fullest.end());
    return fullest;
}

void put_destinations(const MetricText& text, const std::vector<Destination>& fullest) {
    MetricFamily in_use = text.gauge("natstat_nat_ports_in_use",
                                     "NAT ports in use for one of the fullest destinations.");
    for (const Destination& each : fullest)
        in_use.sample(each.use.ports, each.labels);
    MetricFamily available =
        text.gauge("natstat_nat_ports_available", "NAT ports that there are for this destination.");
    for (const Destination& each : fullest)
        available.sample(each.use.available, each.labels);
    MetricFamily share = text.gauge("natstat_nat_ports_used_ratio",
                                    "NAT ports in use of those that there are, from 0 to 1.");
    for (const Destination& each : fullest)
        share.sample(each.use.share(), each.labels);
}

} // namespace

void put_port_metrics(const MetricText& text, const Groups& ports, std::uint64_t outside,
                      std::size_t limit) {
    text.gauge("natstat_nat_destinations",
               "Destinations of source NAT, of which the fullest have families of their own.")
        .sample(ports.size());
    text.gauge("natstat_nat_flows_outside",
               "Flows of source NAT with a port that is none of those counted (--port-range).")
        .sample(outside);
    put_gateways(text, bounded(gateways_of(ports)));
    put_destinations(text, fullest_of(ports, limit));
}

} // namespace natstat
