// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The families. What node_exporter has a name for has it here, with natstat_ in the place of node_:
// its own collector of connection tracking is on by default, and of two samples of one name it
// drops either, with an error at each scrape. Labels have the names of columns. Every family is
// bounded: kinds, states and protocols with a name are few, and of the destinations only the
// fullest are told.
#include "natstat/print/metrics.hpp"

#include "metric_parts.hpp"

#include "natstat/model/protocol.hpp"

#include <map>

namespace natstat {

namespace {

std::string cell(const Row& row, std::string_view name) {
    const Value value = column(name).get(row);
    return is_absent(value) ? std::string() : to_text(value);
}

LabelSet common_labels(const Metrics& metrics) {
    LabelSet labels;
    for_each_common_label(
        metrics, [&](std::string_view name, std::string_view value) { labels.add(name, value); });
    return labels;
}

void put_run(const MetricText& text, const Metrics& metrics) {
    LabelSet version;
    version.add("version", metrics.version);
    text.gauge("natstat_build_info", "The natstat that tells this.").sample(1U, version);
    if (metrics.at != Time{})
        text.gauge("natstat_collected_timestamp_seconds",
                   "When the flows were listed: what is old here is old everywhere.")
            .sample(metric_seconds(metrics.at.time_since_epoch()));
    if (metrics.whole)
        text.gauge("natstat_list_whole",
                   "1, or 0 when flows are missing or counted twice: the table changed while it "
                   "was listed, or a file has no list.")
            .sample(*metrics.whole ? 1U : 0U);
}

/// A protocol without a name is "other": a stranger can send any of them.
void put_flows(const MetricText& text, const Groups& mix) {
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
    MetricFamily counts = text.gauge("natstat_flows", "Flows in the connection tracking table.");
    for (const auto& [labels, number] : flows)
        counts.sample(number, labels);
}

void put_interval(const MetricText& text, const Interval& interval) {
    text.gauge("natstat_interval_seconds", "How long flows were followed before this was written.")
        .sample(metric_seconds(interval.length));
    text.gauge("natstat_interval_whole",
               "1, or 0 when events were lost or lists were not whole, so that flows may have come "
               "and gone unseen in the interval.")
        .sample(interval.whole ? 1U : 0U);
    text.gauge("natstat_interval_flows_created", "Flows that began in the interval.")
        .sample(interval.created);
    MetricFamily ended = text.gauge("natstat_interval_flows_ended",
                                    "Flows that ended in the interval, by how they ended.");
    for (std::size_t i = 0; i < interval.ended.size(); ++i) {
        LabelSet labels;
        labels.add("ending", ending_names()[i]);
        ended.sample(interval.ended[i], labels);
    }
}

void put_problems(const MetricText& text, const std::vector<AilmentCount>& problems) {
    constexpr std::array<std::string_view, 3> grades{"fail", "warn", "note"}; // by Grade
    MetricFamily family = text.gauge(
        "natstat_problem",
        "Findings of this kind and grade, as --diagnose has them; of the kinds that can be told.");
    for (const AilmentCount& each : problems)
        for (std::size_t grade = 0; grade < grades.size(); ++grade) {
            LabelSet labels;
            labels.add("kind", each.kind);
            labels.add("grade", grades[grade]);
            family.sample(each.of_grade[grade], labels);
        }
}

} // namespace

double metric_seconds(std::chrono::nanoseconds time) {
    constexpr double in_a_second =
        1000; // a division is rounded to the decimal number that is meant
    return static_cast<double>(
               std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) /
           in_a_second;
}

void put_listed_metrics(const MetricText& text, const Metrics& metrics, std::size_t limit) {
    if (metrics.mix != nullptr)
        put_flows(text, *metrics.mix);
    if (metrics.ports != nullptr)
        put_port_metrics(text, *metrics.ports, metrics.outside_ports, limit);
    if (metrics.by != nullptr)
        put_by_metrics(text, *metrics.by, *metrics.by_keys, limit);
    if (metrics.problems)
        put_problems(text, *metrics.problems);
}

void put_run_metrics(const MetricText& text, const Metrics& metrics) {
    put_run(text, metrics);
    if (metrics.health)
        put_health_metrics(text, *metrics.health);
}

void put_following_metrics(const MetricText& text, const Metrics& metrics) {
    if (metrics.interval)
        put_interval(text, *metrics.interval);
    if (metrics.counts != nullptr)
        put_count_metrics(text, *metrics.counts);
}

void print_listed_metrics(const Metrics& metrics, std::size_t limit, Output& output) {
    const LabelSet common = common_labels(metrics);
    PrometheusText sink(output, common);
    put_listed_metrics({sink}, metrics, limit);
}

void print_metrics(const Metrics& metrics, std::size_t limit, Output& output) {
    const LabelSet common = common_labels(metrics);
    PrometheusText sink(output, common);
    put_run_metrics({sink}, metrics);
    put_listed_metrics({sink}, metrics, limit);
    output.put(metrics.listed);
    put_following_metrics({sink}, metrics);
    output.put("# EOF\n"); // a comment, by which it shows that nothing is missing
}

} // namespace natstat
