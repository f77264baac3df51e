// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A table at its limit: __nf_conntrack_alloc throws out a flow that is not assured (early_drop),
// and where it finds none it drops the packet (drop). Packets without a NAT port count in drop as
// well, and in insert_failed. A filter does not narrow this: a full table hits everybody.
#include "findings.hpp"

#include <algorithm>

namespace natstat {

namespace {

constexpr double nearly = 80;       // per cent
constexpr double worth_a_look = 50; // from here on it matters how fast it grows
constexpr double soon = 30 * 60;    // seconds

struct Table {
    std::uint64_t entries = 0;
    std::uint64_t limit = 0;
    double percent = 0;
    std::uint64_t dropped = 0; // for want of room
    std::uint64_t thrown_out = 0;
    double growth = 0; // entries a second

    [[nodiscard]] bool loses() const { return thrown_out != 0 || dropped != 0; }
    [[nodiscard]] bool is_full() const { return entries >= limit || loses(); }
    /// Seconds until it is full, as it grows now; absent where it does not.
    [[nodiscard]] std::optional<double> left() const {
        return growth > 0 ? std::optional(static_cast<double>(limit - entries) / growth)
                          : std::nullopt;
    }
    [[nodiscard]] bool is_full_soon() const {
        return percent >= worth_a_look && left() && *left() < soon;
    }
};

std::optional<Table> table_of(const Evidence& evidence) {
    if (!evidence.after || !evidence.after->percent_full())
        return std::nullopt;
    Table table;
    table.entries = *evidence.after->entries;
    table.limit = *evidence.after->limit;
    table.percent = *evidence.after->percent_full();
    const std::uint64_t dropped = evidence.rise("drop").value_or(0);
    if (table.percent >= nearly) // where there is room, they were dropped for something else
        table.dropped = dropped - std::min(dropped, evidence.rise("insert_failed").value_or(0));
    table.thrown_out = evidence.rise("early_drop").value_or(0);
    if (evidence.before && evidence.before->entries && evidence.length.count() > 0)
        table.growth =
            (static_cast<double>(table.entries) - static_cast<double>(*evidence.before->entries)) /
            evidence.length.count();
    return table;
}

std::string seen_text(const Table& table, const Evidence& evidence) {
    std::string text = std::to_string(table.entries) + " of " + std::to_string(table.limit) +
                       " entries (" + percent_text(table.percent) + ")";
    const std::string in = " in " + seconds_text(evidence.length);
    if (table.dropped != 0)
        text += ", " + counted(table.dropped, "packet", "packets") + " dropped" + in;
    if (table.thrown_out != 0)
        text += ", " + counted(table.thrown_out, "flow", "flows") + " thrown out to make room" + in;
    if (const auto left = table.left(); left && !table.is_full())
        text += ", full in " + span_text(std::chrono::seconds(static_cast<long>(*left))) +
                " as it grows now";
    return text;
}

std::string remedy_text(const Evidence& evidence, const Ailment& ailment) {
    const bool here =
        evidence.after->limit_scope.value_or(LimitScope::initial) != LimitScope::shared;
    std::string text =
        "sysctl -w net.netfilter.nf_conntrack_max=" + std::to_string(2 * *evidence.after->limit) +
        (here ? "" : " in the initial network namespace") +
        " (about 320 bytes of memory for each entry)";
    if (!ailment.hosts.empty())
        text += "; see what " + to_text(ailment.hosts.front().address) + " does";
    return text;
}

/// Who grows it, or has most of it where nobody was seen to.
void add_causes(Ailment& ailment, const Watch& watch) {
    std::vector<Ailment::Host> hosts;
    for (const auto& [key, tally] : watch.hosts())
        if (tally.flows != 0)
            hosts.push_back({address_of(key), tally.flows});
    set_hosts(ailment, std::move(hosts));
}

} // namespace

void find_full_table(const Evidence& evidence, Found& found) {
    const auto table = table_of(evidence);
    if (!table || (table->percent < nearly && !table->is_full() && !table->is_full_soon()))
        return;
    Ailment ailment;
    ailment.grade = table->is_full() ? Grade::fail : Grade::warn;
    ailment.weight = table->entries;
    ailment.what = table->is_full() ? "the connection table is full"
                                    : "the connection table soon will be full";
    ailment.seen = seen_text(*table, evidence);
    add_causes(ailment, evidence.watch);
    ailment.means = table->is_full() ? "new connections of everybody fail, whoever filled it"
                                     : "when it is full, new connections of everybody fail";
    ailment.remedy = remedy_text(evidence, ailment);
    ailment.look = "natstat -nab src --limit 10";
    ailment.numbers = {{"entries", table->entries},
                       {"limit", table->limit},
                       {"drop", table->dropped},
                       {"early_drop", table->thrown_out}};
    if (const auto left = table->left())
        ailment.numbers.push_back({"seconds_left", static_cast<std::uint64_t>(*left)});
    found.push_back(std::move(ailment));
}

} // namespace natstat
