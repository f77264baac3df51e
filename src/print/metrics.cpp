// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The families. What node_exporter has a name for has it here, with natstat_ in the place of node_:
// its own collector of connection tracking is on by default, and of two samples of one name it
// drops either, with an error at each scrape. Labels have the names of columns. Every family is
// bounded: kinds, states and protocols with a name are few, and of the destinations only the
// fullest are told.
#include "natstat/print/metrics.hpp"

#include "metric_family.hpp"

#include "natstat/model/protocol.hpp"

#include <map>

namespace natstat {

namespace {

using Type = MetricFamily::Type;
using Number = std::optional<std::uint64_t>;

std::string cell(const Row& row, std::string_view name) {
    const Value value = column(name).get(row);
    return is_absent(value) ? std::string() : to_text(value);
}

double seconds(std::chrono::nanoseconds time) {
    constexpr double in_a_second =
        1000; // a division is rounded to the decimal number that is meant
    return static_cast<double>(
               std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) /
           in_a_second;
}

class Writer {
  public:
    Writer(const Metrics& metrics, Output& output) : metrics_(metrics), output_(output) {
        common_.add("netns", metrics.netns);
    }

    void put(std::size_t limit) {
        put_run();
        if (metrics_.health)
            put_health(*metrics_.health);
        if (metrics_.mix != nullptr)
            put_flows(*metrics_.mix);
        if (metrics_.ports != nullptr)
            put_ports(*metrics_.ports, limit);
        if (metrics_.interval)
            put_interval(*metrics_.interval);
        output_.put("# EOF\n");
    }

  private:
    [[nodiscard]] MetricFamily family(std::string_view name, std::string_view help,
                                      Type type = Type::gauge, std::string_view unit = {}) const {
        return {output_, common_, name, help, type, unit};
    }
    void put_number(std::string_view name, std::string_view help, const Number& number) const {
        if (number)
            family(name, help).sample(*number);
    }

    void put_run() const {
        LabelSet version;
        version.add("version", metrics_.version);
        family("natstat_build_info", "The natstat that tells this.").sample(1U, version);
        if (metrics_.at != Time{})
            family("natstat_collected_timestamp_seconds",
                   "When the flows were listed: what is old here is old everywhere.", Type::gauge,
                   "seconds")
                .sample(seconds(metrics_.at.time_since_epoch()));
        if (metrics_.whole)
            family(
                "natstat_list_whole",
                "1, or 0 when flows are missing or counted twice: the table changed while it was "
                "listed, or a file has no list.")
                .sample(*metrics_.whole ? 1U : 0U);
    }

    void put_health(const Health& health) const {
        put_number("natstat_nf_conntrack_entries", "Entries in the connection tracking table.",
                   health.entries);
        // 0 is no limit at all, and nothing to divide by.
        put_number("natstat_nf_conntrack_entries_limit",
                   "Entries that the connection tracking table may have.",
                   health.limit.value_or(0) == 0 ? Number() : health.limit);
        put_number("natstat_nf_conntrack_buckets",
                   "Buckets of the hash table that all network namespaces share.", health.buckets);
        put_number("natstat_nf_conntrack_expectations", "Flows that helpers have announced.",
                   health.expectations);
        put_number("natstat_nf_conntrack_expectations_limit", "Announced flows that there may be.",
                   health.expectation_limit);
        if (health.statistics)
            put_statistics(*health.statistics);
        for (std::size_t i = 0; i < allowance_names.size(); ++i)
            put_allowance(health.allowances, i);
    }

    /// CPU by CPU, because the kernel's numbers have 32 bits: one that wraps is a counter begun
    /// anew, as Prometheus understands it, and a sum of them that falls would be taken for that.
    void put_statistics(const Statistics& statistics) const {
        for (std::size_t i = 0; i < statistics.of_cpus.size(); ++i) {
            const auto& [name, sum] = statistics.counters[i];
            if (sum == 0 && is_given_up(name))
                continue; // not counted any more, which is not 0
            const std::string whole_name = "natstat_nf_conntrack_stat_" + name;
            const std::string_view meaning = statistic_meaning(name);
            const std::string help =
                (meaning.empty() ? "The kernel's counter of this name" : "Counter: ") +
                std::string(meaning) + ".";
            MetricFamily counter = family(whole_name, help, Type::counter);
            for (std::size_t cpu = 0; cpu < statistics.of_cpus[i].size(); ++cpu) {
                LabelSet labels;
                labels.add("cpu", std::to_string(cpu));
                counter.sample(statistics.of_cpus[i][cpu], labels);
            }
        }
    }

    void put_allowance(const std::vector<Allowances>& allowances, std::size_t index) const {
        const std::string_view allowance = allowance_names[index];
        const std::string name = "natstat_ethtool_" + std::string(allowance);
        MetricFamily one = family(
            name,
            allowance.starts_with("conntrack_")
                ? "What AWS's own connection tracking, for security groups, allows an instance; "
                  "netfilter's is another."
                : "What AWS allows an instance, as its driver tells it.",
            allowance.ends_with("_exceeded") ? Type::counter : Type::gauge);
        for (const Allowances& each : allowances) {
            LabelSet labels;
            labels.add("device", each.interface);
            if (each.values[index])
                one.sample(*each.values[index], labels);
        }
    }

    /// A protocol without a name is "other": a stranger can send any of them.
    void put_flows(const Groups& mix) const {
        std::map<LabelSet, std::uint64_t> flows;
        mix.for_each(nullptr, Groups::no_limit, [&](const Row& row) {
            const auto proto = protocol_name(row.flow.protocol);
            const auto state = state_of(row.flow);
            LabelSet labels;
            labels.add("kind", cell(row, "kind"));
            labels.add("proto", proto.empty() ? "other" : proto);
            labels.add("state", state ? state_label(row.flow.protocol, *state) : "");
            flows[labels] += row.group->flows;
        });
        MetricFamily counts = family("natstat_flows", "Flows in the connection tracking table.");
        for (const auto& [labels, number] : flows)
            counts.sample(number, labels);
    }

    struct Destination {
        LabelSet labels;
        std::uint32_t ports;
        std::uint32_t available;
    };

    static Destination destination_of(const Row& row) {
        LabelSet labels;
        for (const std::string_view name : {"gate", "proto", "dst", "dport", "zone_reply"})
            labels.add(name, cell(row, name));
        return {std::move(labels), row.group->ports.value_or(0), row.group->available.value_or(0)};
    }

    void put_ports(const Groups& ports, std::size_t limit) const {
        const auto order = std::get<Order>(Order::parse(fullest_first));
        std::vector<Destination> fullest;
        ports.for_each(&order, limit,
                       [&](const Row& row) { fullest.push_back(destination_of(row)); });
        family("natstat_nat_destinations",
               "Destinations of source NAT, of which the fullest have families of their own.")
            .sample(ports.size());
        family("natstat_nat_flows_outside",
               "Flows of source NAT with a port that is none of those counted (--port-range).")
            .sample(metrics_.outside_ports);
        MetricFamily in_use = family("natstat_nat_ports_in_use",
                                     "NAT ports in use for one of the fullest destinations.");
        for (const Destination& each : fullest)
            in_use.sample(each.ports, each.labels);
        MetricFamily available =
            family("natstat_nat_ports_available", "NAT ports that there are for this destination.");
        for (const Destination& each : fullest)
            available.sample(each.available, each.labels);
        MetricFamily share =
            family("natstat_nat_ports_used_ratio",
                   "NAT ports in use of those that there are, from 0 to 1.", Type::gauge, "ratio");
        for (const Destination& each : fullest)
            share.sample(static_cast<double>(each.ports) / each.available, each.labels);
    }

    void put_interval(const Interval& interval) const {
        family("natstat_interval_seconds", "How long flows were followed before this was written.",
               Type::gauge, "seconds")
            .sample(seconds(interval.length));
        family("natstat_interval_whole",
               "1, or 0 when events were lost or lists were not whole, so that flows may have come "
               "and gone unseen in the interval.")
            .sample(interval.whole ? 1U : 0U);
        family("natstat_interval_flows_created", "Flows that began in the interval.")
            .sample(interval.created);
        MetricFamily ended = family("natstat_interval_flows_ended",
                                    "Flows that ended in the interval, by how they ended.");
        for (std::size_t i = 0; i < interval.ended.size(); ++i) {
            LabelSet labels;
            labels.add("ending", ending_names()[i]);
            ended.sample(interval.ended[i], labels);
        }
    }

    const Metrics& metrics_;
    Output& output_;
    LabelSet common_;
};

} // namespace

void print_metrics(const Metrics& metrics, std::size_t limit, Output& output) {
    Writer(metrics, output).put(limit);
}

} // namespace natstat
