// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the kernel and the drivers count. The kernel counts in 32 bits for each CPU. The sum of all
// CPUs, taken modulo 2^32, is what one number of 32 bits for all of them would be: it goes round as
// that would, which Prometheus understands as a counter that begins anew. A sum of 64 bits would
// fall by 2^32 instead, and Prometheus would take all that is left of it for new.
#include "metric_parts.hpp"

namespace natstat {

namespace {

using Number = std::optional<std::uint64_t>;

void put_number(const MetricText& text, std::string_view name, std::string_view help,
                const Number& number) {
    if (number)
        text.gauge(name, help).sample(*number);
}

void put_statistics(const MetricText& text, const Statistics& statistics) {
    for (const auto& [name, sum] : statistics.counters) {
        if (sum == 0 && is_given_up(name))
            continue; // not counted any more, which is not 0
        const std::string_view meaning = statistic_meaning(name);
        const std::string help = meaning.empty() ? std::string("The kernel's counter of this name.")
                                                 : "Counter: " + std::string(meaning) + ".";
        text.counter("natstat_nf_conntrack_stat_" + name + "_total", help)
            .sample(static_cast<std::uint32_t>(sum));
    }
}

void put_allowance(const MetricText& text, const std::vector<Allowances>& allowances,
                   std::size_t index) {
    const std::string_view allowance = allowance_names[index];
    const bool counts = allowance.ends_with("_exceeded");
    const std::string name = "natstat_ethtool_" + std::string(allowance) + (counts ? "_total" : "");
    const std::string_view help =
        allowance.starts_with("conntrack_")
            ? "What AWS's own connection tracking, for security groups, allows an instance; "
              "netfilter's is another."
            : "What AWS allows an instance, as its driver tells it.";
    MetricFamily one = counts ? text.counter(name, help) : text.gauge(name, help);
    for (const Allowances& each : allowances) {
        LabelSet labels;
        labels.add("device", each.interface);
        if (each.values[index])
            one.sample(*each.values[index], labels);
    }
}

} // namespace

void put_health_metrics(const MetricText& text, const Health& health) {
    put_number(text, "natstat_nf_conntrack_entries", "Entries in the connection tracking table.",
               health.entries);
    // 0 is no limit at all, and nothing to divide by.
    put_number(text, "natstat_nf_conntrack_entries_limit",
               "Entries that the connection tracking table may have.",
               health.limit.value_or(0) == 0 ? Number() : health.limit);
    put_number(text, "natstat_nf_conntrack_buckets",
               "Buckets of the hash table that all network namespaces share.", health.buckets);
    put_number(text, "natstat_nf_conntrack_expectations", "Flows that helpers have announced.",
               health.expectations);
    put_number(text, "natstat_nf_conntrack_expectations_limit",
               "Announced flows that there may be.", health.expectation_limit);
    if (health.statistics)
        put_statistics(text, *health.statistics);
    for (std::size_t i = 0; i < allowance_names.size(); ++i)
        put_allowance(text, health.allowances, i);
}

} // namespace natstat
