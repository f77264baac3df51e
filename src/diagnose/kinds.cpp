// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The table of findings.
#include "findings.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace natstat {

namespace {

using Needs = AilmentKind::Needs;

constexpr Noun in_connections{"connection", "connections"}, in_flows{"flow", "flows"},
    in_ports{"port", "ports"}, in_entries{"entry", "entries"}, no_hosts;

constexpr AilmentKind kinds[] = {
    {"table_full", "a connection table that is full, or soon will be", "", find_full_table,
     in_entries, Needs::kernel},
    {"nat_ports", "destinations for which the NAT ports are used up, or soon will be",
     "more destinations whose NAT ports are used up, or soon will be", find_used_up_ports,
     in_ports},
    {"forwarding", "forwardings (DNAT) that lead to where nobody answers",
     "more forwardings that lead nowhere", find_dead_forwardings, in_connections, Needs::watch},
    {"old_translation", "flows that are older than the rule that should translate them",
     "more ends with flows that are older than the rule", find_old_translations},
    {"lost_address", "flows that leave as an address that this host no longer has",
     "more addresses that this host does not have", find_lost_addresses},
    {"no_answer", "destinations that do not answer", "more destinations that do not answer",
     find_silent_destinations, in_connections, Needs::watch},
    {"refused", "destinations that refuse connections", "more destinations that refuse",
     find_refusals, in_connections, Needs::watch},
    {"half_open", "connections that stop in the middle of opening; floods",
     "more ends with half-open connections", find_half_open, no_hosts, Needs::watch},
    {"one_way", "connections of which one direction passes here", "", find_one_way, in_connections},
    {"scan", "hosts that try many ends, of which hardly any answers", "more hosts that scan",
     find_scans, in_connections, Needs::watch},
    {"hog", "hosts that fill the table", "more hosts that fill the table", find_hogs, in_flows},
    {"counters", "counters of the kernel and of AWS that rise", "more counters", find_counters,
     no_hosts, Needs::watch},
    {"dead_weight", "established connections that have been idle for hours", "", find_dead_weight,
     in_connections},
    {"no_helper", "protocols that need a helper and have none", "", find_missing_helpers,
     in_connections},
    {"offloaded", "connections that a flowtable forwards", "", find_offloaded},
};

void add_untold_of_file(const Evidence& evidence, std::vector<Untold>& list) {
    list.push_back({"failures",
                    "a file tells neither the limit of the table nor insert_failed, drop and "
                    "early_drop: whether connections were dropped is not known",
                    ""});
    if (!evidence.watch.around().local_addresses)
        list.push_back({"addresses", "it does not tell the addresses of its host", ""});
}

void add_untold_ports(const Evidence& evidence, std::vector<Untold>& list) {
    constexpr std::string_view then = "how many NAT ports there are is the kernel's own range, or "
                                      "inferred";
    if (!evidence.rules.known)
        list.push_back({"rules",
                        "the rules of NAT could not be read (" + evidence.rules.why_not +
                            "): " + std::string(then),
                        ""});
    else if (evidence.rules.has_untold)
        list.push_back({"rules",
                        "the ports of some rules, as those of iptables, could not be told: " +
                            std::string(then),
                        ""});
}

bool is_off(const Evidence& evidence, std::string_view name) {
    const auto found = std::find(setting_names.begin(), setting_names.end(), name);
    return evidence.after && evidence.after->settings.at(
                                 static_cast<std::size_t>(found - setting_names.begin())) == 0;
}

void add_switched_off(const Evidence& evidence, std::vector<Untold>& list) {
    if (is_off(evidence, "events"))
        list.push_back({"events",
                        "the kernel tells no events, so what began in the watch, and what was "
                        "refused, is not known",
                        "sysctl -w net.netfilter.nf_conntrack_events=2"});
    if (is_off(evidence, "acct"))
        list.push_back({"accounting",
                        "the kernel does not count packets, so a direction in which none comes is "
                        "not seen",
                        "sysctl -w net.netfilter.nf_conntrack_acct=1"});
}

/// The hosts of all that say whose they are, in one walk over the parts.
void fill_hosts(const Watch& watch, const Parts& parts, std::vector<Ailment>& all) {
    std::map<std::uint32_t, std::vector<Ailment::Host>> hosts;
    for (const Ailment& each : all)
        if (each.parts == &parts)
            hosts[each.part_of];
    if (hosts.empty())
        return;
    for (const auto& [part, count] : parts)
        if (const auto found = hosts.find(part.of); found != hosts.end())
            found->second.push_back({address_of(watch.hosts().at(part.host).key), count});
    for (Ailment& each : all)
        if (each.parts == &parts)
            set_hosts(each, hosts[each.part_of]);
}

} // namespace

std::optional<std::uint64_t> Evidence::rise(std::string_view counter) const {
    return before && after ? natstat::rise(before->statistics, after->statistics, counter)
                           : std::nullopt;
}

void name_hosts(std::vector<Ailment>& ailments, const Who& who) {
    for (Ailment& each : ailments)
        for (Ailment::Host& host : each.hosts)
            host.workload = who.workload(host.address, std::nullopt);
}

std::string_view grade_name(Grade grade) {
    constexpr std::string_view names[] = {"FAIL", "WARN", "note"};
    return names[static_cast<std::size_t>(grade)];
}

std::span<const AilmentKind> ailment_kinds() {
    return kinds;
}

std::vector<Ailment> diagnose(const Evidence& evidence) {
    std::vector<Ailment> all;
    for (const AilmentKind& kind : kinds) {
        const std::size_t before = all.size();
        kind.find(evidence, all);
        for (std::size_t i = before; i < all.size(); ++i)
            all[i].kind = &kind;
    }
    const Watch& watch = evidence.watch;
    for (const Parts* const parts :
         {&watch.parts_of_waits(), &watch.parts_of_pools(), &watch.parts_of_refusals()})
        fill_hosts(watch, *parts, all);
    std::stable_sort(all.begin(), all.end(), [](const Ailment& a, const Ailment& b) {
        if (a.grade != b.grade)
            return a.grade < b.grade;
        return a.kind != b.kind ? a.kind < b.kind : a.weight > b.weight;
    });
    return all;
}

bool can_tell(const AilmentKind& kind, const Evidence& evidence) {
    switch (kind.needs) {
    case Needs::list:
        break;
    case Needs::kernel:
        return evidence.after && evidence.after->percent_full();
    case Needs::watch:
        // Without events what began lately is not known, and looks older than it is.
        return evidence.length.count() > 0 && !evidence.watch.has_lost() &&
               !(evidence.after && evidence.after->settings[2] == 0);
    }
    return true;
}

std::vector<AilmentCount> count_ailments(const Evidence& evidence) {
    const std::vector<Ailment> found = diagnose(evidence);
    std::vector<AilmentCount> counts;
    for (const AilmentKind& kind : kinds) {
        if (!can_tell(kind, evidence))
            continue;
        AilmentCount& count = counts.emplace_back();
        count.kind = kind.name;
        for (const Ailment& each : found)
            if (each.kind == &kind)
                ++count.of_grade[static_cast<std::size_t>(each.grade)];
    }
    return counts;
}

std::vector<Untold> can_not_tell(const Evidence& evidence) {
    std::vector<Untold> list;
    if (!evidence.of_kernel)
        add_untold_of_file(evidence, list);
    else if (!evidence.rise("insert_failed"))
        list.push_back({"failures",
                        "the kernel does not tell its failure counters "
                        "(/proc/net/stat/nf_conntrack)",
                        ""});
    if (evidence.watch.has_lost())
        list.push_back({"lost_events",
                        "events were lost while it watched, so what began in that time can look "
                        "older than it is",
                        "--receive-buffer gives them more room"});
    add_switched_off(evidence, list);
    if (evidence.of_kernel)
        add_untold_ports(evidence, list);
    return list;
}

std::string general_state(const Evidence& evidence) {
    if (!evidence.after)
        return {};
    std::string text = "table ";
    const auto percent = evidence.after->percent_full();
    text += percent ? percent_text(*percent) + " full"
                    : counted(evidence.after->entries.value_or(0), "entry", "entries");
    if (evidence.before && evidence.length.count() > 0 && evidence.after->entries &&
        evidence.before->entries) {
        const auto grown = static_cast<std::int64_t>(*evidence.after->entries) -
                           static_cast<std::int64_t>(*evidence.before->entries);
        const double rate = static_cast<double>(grown) / evidence.length.count();
        text += (rate < 0 ? ", " : ", +") + std::to_string(std::lround(rate)) + " entries/s";
    }
    const auto dropped = evidence.rise("drop"), early = evidence.rise("early_drop");
    if (!dropped || !early)
        return text;
    text += *dropped == 0 ? "; nothing dropped" : "; " + std::to_string(*dropped) + " dropped";
    text += *early == 0 ? ", nothing thrown out to make room"
                        : ", " + std::to_string(*early) + " thrown out to make room";
    return text;
}

} // namespace natstat
