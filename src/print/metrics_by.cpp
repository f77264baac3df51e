// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Flows and their bytes by a column of the user's. A column can have a value for each flow, so only
// the largest are told, and the rest as one, "other". Which these are is decided by bands, each of
// twice as many flows as the one below, and within a band by the values themselves, so that those
// around the bound do not change places at every look.
#include "metric_parts.hpp"

#include <algorithm>
#include <bit>
#include <map>

namespace natstat {

namespace {

struct Sums {
    std::uint64_t flows = 0;
    Group::Sum<std::uint64_t> up{};
    Group::Sum<std::uint64_t> down{};

    void add(const Sums& more) {
        flows += more.flows;
        for (const auto& [sum, part] : {std::pair(&up, &more.up), std::pair(&down, &more.down)})
            if (part->told)
                sum->add(part->value);
    }
};
/// Of two zones the same values are one.
using ByLabels = std::map<LabelSet, Sums>;

/// What is absent has no label.
LabelSet labels_of(const Row& row, const GroupKeys& keys) {
    LabelSet labels;
    for (const GroupKey& key : keys) {
        const Value value = key.column->get(row);
        labels.add(key.column->name, is_absent(value) ? std::string() : to_text(value));
    }
    return labels;
}

ByLabels sums_of(const Groups& groups, const GroupKeys& keys) {
    ByLabels all;
    groups.for_each(nullptr, Groups::no_limit, [&](const Row& row) {
        const Group& group = *row.group;
        all[labels_of(row, keys)].add({group.flows, group.bytes_up, group.bytes_down});
    });
    return all;
}

ByLabels bounded(const ByLabels& all, const GroupKeys& keys, std::size_t limit) {
    std::vector<const ByLabels::value_type*> ranked;
    for (const auto& each : all)
        ranked.push_back(&each);
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto* a, const auto* b) {
        return std::bit_width(a->second.flows) > std::bit_width(b->second.flows);
    });
    LabelSet others;
    for (const GroupKey& key : keys)
        others.add(key.column->name, "other");
    ByLabels told;
    for (std::size_t rank = 0; rank < ranked.size(); ++rank)
        told[rank < limit ? ranked[rank]->first : others].add(ranked[rank]->second);
    return told;
}

} // namespace

void put_by_metrics(const MetricText& text, const Groups& groups, const GroupKeys& keys,
                    std::size_t limit) {
    const ByLabels all = sums_of(groups, keys);
    text.gauge("natstat_by_values", "Different values of what --metrics-by names, \"other\" being "
                                    "all but the largest of them.")
        .sample(all.size());
    const ByLabels told = bounded(all, keys, limit);
    MetricFamily flows =
        text.gauge("natstat_by_flows", "Flows with this value of what --metrics-by names.");
    for (const auto& [labels, sums] : told)
        flows.sample(sums.flows, labels);
    MetricFamily bytes =
        text.gauge("natstat_by_bytes",
                   "What these flows have carried so far; it falls when one of them ends.");
    for (const auto& [labels, sums] : told)
        for (const auto& [direction, sum] :
             {std::pair("original", sums.up), std::pair("reply", sums.down)}) {
            LabelSet with_direction = labels;
            with_direction.add("direction", direction);
            if (sum.told)
                bytes.sample(sum.value, with_direction);
        }
}

} // namespace natstat
