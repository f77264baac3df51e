// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What of the facts an operator should look at.
#include "natstat/model/health.hpp"

namespace natstat {

namespace {

constexpr double nearly = 0.8;

bool nearly_full(std::optional<std::uint64_t> count, std::optional<std::uint64_t> limit) {
    return count && limit.value_or(0) != 0 &&
           static_cast<double>(*count) >= nearly * static_cast<double>(*limit);
}

std::string of_limit(std::uint64_t count, std::uint64_t limit) {
    return std::to_string(count) + " of " + std::to_string(limit);
}

void add_table(std::vector<Finding>& list, const Health& health) {
    if (!nearly_full(health.entries, health.limit))
        return;
    const bool full = *health.entries >= *health.limit;
    list.push_back({"table", "",
                    std::string(full ? "full: " : "nearly full: ") +
                        of_limit(*health.entries, *health.limit) +
                        " entries. New connections are dropped when it is full; "
                        "net.netfilter.nf_conntrack_max is its limit."});
}

void add_counters(std::vector<Finding>& list, const Statistics& statistics) {
    for (const std::string_view name :
         {"drop", "insert_failed", "chaintoolong", "chainlength", "early_drop"})
        if (const auto value = statistics.of(name); value.value_or(0) != 0)
            list.push_back(
                {std::string(name), "",
                 std::to_string(*value) + " " + std::string(statistic_meaning(name)) + "."});
}

void add_allowances(std::vector<Finding>& list, const Allowances& allowances) {
    for (std::size_t i = 0; i < allowance_names.size(); ++i) {
        const bool exceeded = allowance_names[i].ends_with("_exceeded");
        if (exceeded && allowances.values[i].value_or(0) != 0)
            list.push_back({std::string(allowance_names[i]), allowances.interface,
                            std::to_string(*allowances.values[i]) +
                                " packets that AWS dropped or held back, as the instance was above "
                                "its allowance."});
    }
}

} // namespace

std::optional<double> Health::percent_full() const {
    if (!entries || limit.value_or(0) == 0)
        return std::nullopt;
    return 100.0 * static_cast<double>(*entries) / static_cast<double>(*limit);
}

std::optional<double> Health::entries_per_bucket() const {
    if (!entries || buckets.value_or(0) == 0)
        return std::nullopt;
    return static_cast<double>(*entries) / static_cast<double>(*buckets);
}

std::vector<Finding> findings(const Health& health) {
    std::vector<Finding> list;
    add_table(list, health);
    if (health.statistics)
        add_counters(list, *health.statistics);
    for (const Allowances& each : health.allowances)
        add_allowances(list, each);
    if (nearly_full(health.expectations, health.expectation_limit))
        list.push_back({"expectations", "",
                        of_limit(*health.expectations, *health.expectation_limit) +
                            ": helpers soon can not announce flows, such as FTP's "
                            "data connections."});
    return list;
}

} // namespace natstat
