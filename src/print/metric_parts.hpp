// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The parts of the metrics, a file each.
#pragma once

#include "metric_family.hpp"

#include "natstat/print/metrics.hpp"

namespace natstat {

/// metrics_health.cpp: the table's size, the kernel's counters, AWS's allowances.
void put_health_metrics(const MetricText& text, const Health& health);

/// metrics_ports.cpp: NAT ports by NAT address, and of the fullest `limit` destinations.
/// `outside`: flows of source NAT with another port than those counted.
void put_port_metrics(const MetricText& text, const Groups& ports, std::uint64_t outside,
                      std::size_t limit);

/// metrics_by.cpp: flows by the columns of `keys`, by which `groups` are made: of the largest
/// `limit` values, and of the others together.
void put_by_metrics(const MetricText& text, const Groups& groups, const GroupKeys& keys,
                    std::size_t limit);

/// metrics_counts.cpp: what has come and gone since a start.
void put_count_metrics(const MetricText& text, const Counts& counts);

/// metrics_gateway.cpp: under AWS's names what CloudWatch tells of its own NAT gateways.
void put_gateway_metrics(const MetricText& text, const Metrics& metrics);

// metrics.cpp, in this order: who tells it and the kernel's own numbers, what comes out of a list,
// what came and went.
void put_run_metrics(const MetricText& text, const Metrics& metrics);
void put_listed_metrics(const MetricText& text, const Metrics& metrics, std::size_t limit);
void put_following_metrics(const MetricText& text, const Metrics& metrics);

/// `visit(name, value)` for each label of every sample.
template <typename Visit>
void for_each_common_label(const Metrics& metrics, Visit&& visit) {
    if (!metrics.netns.empty())
        visit(std::string_view("netns"), metrics.netns);
    for (const auto& [name, value] : metrics.labels)
        visit(std::string_view(name), std::string_view(value));
}

/// A moment or a length in seconds, to the millisecond.
[[nodiscard]] double metric_seconds(std::chrono::nanoseconds time);

} // namespace natstat
