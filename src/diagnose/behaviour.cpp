// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What flows do that are there: refused, stuck in the middle of opening, seen in one direction; and
// hosts that open more than others.
#include "findings.hpp"

namespace natstat {

namespace {

/// Fewer are chance; one is enough where somebody asks for it.
constexpr std::uint32_t fewest = 3;
constexpr std::uint32_t fewest_half_open = 5;
/// So many half-open flows of one service are a flood.
constexpr std::uint32_t flood = 1000;
/// So many ends that a host waits for are a scan, if hardly any answers.
constexpr std::uint32_t scan = 50;

std::uint64_t answered_at(const Watch& watch, const EndKey& key) {
    const EndTally* const end = watch.ends().find(key);
    return end == nullptr ? 0 : end->answered;
}

Ailment refusal_of(const EndKey& key, const Watch::RefusedTally& tally, const Evidence& evidence) {
    Ailment ailment;
    const bool forwarded = !(tally.target == key);
    ailment.grade = Grade::warn;
    ailment.weight = tally.times;
    ailment.what = forwarded ? "the forwarding of " + end_name(key) + " is refused"
                             : end_name(key) + " refuses connections";
    ailment.seen =
        connections(tally.times) + " answered by a reset in " + seconds_text(evidence.length);
    if (forwarded)
        ailment.seen += "; it leads to " + to_text(tally.target);
    ailment.means = "the packets arrive, and nothing listens there, or a firewall rejects them";
    ailment.remedy = forwarded
                         ? "start what should listen at " + to_text(tally.target) +
                               ", or correct the rule of DNAT"
                         : "ask whoever runs it to start what should listen there, or to have "
                           "its firewall accept it; NAT is not the cause";
    ailment.filter = filter_of(tally.target, "dst");
    ailment.look = "natstat -aE '" + ailment.filter + " and ending=reset'";
    ailment.numbers = {{"refused", tally.times}};
    return ailment;
}

Ailment half_open_of(const EndKey& key, const EndTally& tally) {
    Ailment ailment;
    ailment.grade = Grade::warn;
    ailment.weight = tally.half_open;
    const bool floods = tally.half_open >= flood;
    ailment.what = floods ? end_name(key) + " is flooded with half-open connections"
                          : "connections to " + end_name(key) + " stop in the middle of opening";
    ailment.seen = connections(tally.half_open) + " in SYN_RECV for longer than an answer takes";
    ailment.means =
        floods ? "somebody opens and never goes on, perhaps with false sources; each holds "
                 "an entry for a minute"
               : "the answer to the first packet passed here, and what should come next "
                 "does not: it goes another way, or the answer never arrives";
    ailment.remedy = floods
                         ? "limit new connections to it (nft limit rate, synproxy)"
                         : "see that both directions pass this box (routes, a second gateway), and "
                           "what lies between it and the clients";
    ailment.filter = filter_of(key, "") + " and state=syn_recv";
    ailment.look = "natstat -na '" + ailment.filter + "'";
    ailment.numbers = {{"half_open", tally.half_open}};
    return ailment;
}

/// Hosts with a count, as participants; the sum of all.
template <std::uint32_t HostTally::*count>
std::uint64_t add_hosts_with(Ailment& ailment, const Evidence& evidence) {
    std::vector<Ailment::Host> hosts;
    std::uint64_t all = 0;
    for (const auto& [key, tally] : evidence.watch.hosts()) {
        if (tally.*count == 0 || (evidence.narrowed && !tally.wanted))
            continue;
        all += tally.*count;
        hosts.push_back({address_of(key), tally.*count});
    }
    set_hosts(ailment, std::move(hosts));
    return all;
}

/// How many ends each host waits for, by the host's number.
std::vector<std::uint32_t> ends_of_hosts(const Watch& watch) {
    std::vector<std::uint32_t> ends(watch.hosts().size());
    for (const auto& [part, count] : watch.parts_of_waits())
        ++ends[part.host];
    return ends;
}

} // namespace

void find_refusals(const Evidence& evidence, Found& found) {
    const Watch& watch = evidence.watch;
    if (evidence.rise("early_drop").value_or(0) != 0)
        return; // what is thrown out ends in the same way
    for (std::uint32_t number = 0; number < watch.refusals().size(); ++number) {
        const auto& [key, tally] = watch.refusals().at(number);
        if (evidence.narrowed ? !tally.wanted : tally.times < fewest)
            continue;
        if (tally.times < answered_at(watch, key))
            continue;
        found.push_back(refusal_of(key, tally, evidence));
        found.back().parts = &watch.parts_of_refusals();
        found.back().part_of = number;
    }
}

void find_half_open(const Evidence& evidence, Found& found) {
    for (const auto& [key, tally] : evidence.watch.ends())
        if (tally.half_open != 0 && tally.half_open >= tally.answered &&
            (evidence.narrowed ? tally.wanted : tally.half_open >= fewest_half_open))
            found.push_back(half_open_of(key, tally));
}

void find_one_way(const Evidence& evidence, Found& found) {
    Ailment ailment;
    const std::uint64_t flows = add_hosts_with<&HostTally::one_way>(ailment, evidence);
    if (flows < (evidence.narrowed ? 1 : fewest))
        return;
    ailment.grade = Grade::warn;
    ailment.weight = flows;
    ailment.what = "connections pass in one direction only";
    ailment.seen = connections(flows) +
                   " whose beginning (SYN) did not pass this box; nothing came "
                   "from the other side";
    ailment.means = "the other direction goes another way: its packets are not translated back "
                    "here, so whoever gets them drops them";
    ailment.remedy = "see that both directions pass this box (routes, a second gateway); "
                     "net.netfilter.nf_conntrack_tcp_loose=0 would hide it, not mend it";
    ailment.filter = "proto tcp and state=established and unreplied";
    ailment.look = "natstat -na '" + ailment.filter + "'";
    ailment.numbers = {{"flows", flows}};
    found.push_back(std::move(ailment));
}

void find_scans(const Evidence& evidence, Found& found) {
    const Watch& watch = evidence.watch;
    const auto ends = ends_of_hosts(watch);
    for (std::uint32_t number = 0; number < ends.size(); ++number) {
        const auto& [key, tally] = watch.hosts().at(number);
        if (ends[number] < scan || (evidence.narrowed && !tally.wanted) ||
            4 * (tally.flows - tally.waiting) > tally.waiting)
            continue;
        Ailment ailment;
        ailment.grade = Grade::warn;
        ailment.weight = tally.waiting;
        const std::string host = to_text(address_of(key));
        ailment.what = host + " tries many addresses or ports, and hardly any answers";
        ailment.seen = std::to_string(tally.waiting) + " of its " + connections(tally.flows) +
                       " wait for an answer, from " + counted(ends[number], "end", "ends");
        ailment.hosts = {{address_of(key), tally.waiting}};
        ailment.means =
            "a scan, or a program that looks for peers that are gone; each attempt holds "
            "an entry, and a NAT port, for up to two minutes";
        ailment.remedy = "find out which program of " + host + " does it, and stop it";
        ailment.filter = "src host " + host + " and unreplied";
        ailment.look = "natstat -na -b dst,dport '" + ailment.filter + "' --limit 10";
        ailment.numbers = {{"unanswered", tally.waiting}, {"ends", ends[number]}};
        found.push_back(std::move(ailment));
    }
}

void find_hogs(const Evidence& evidence, Found& found) {
    constexpr double from = 50; // per cent of the table, and of what is in it
    const auto percent = evidence.after ? evidence.after->percent_full() : std::nullopt;
    Found full; // names the hosts
    find_full_table(evidence, full);
    if (!percent || *percent < from || !full.empty())
        return;
    const Watch& watch = evidence.watch;
    for (const auto& [key, tally] : watch.hosts()) {
        if (2 * std::uint64_t{tally.flows} < watch.flows() || (evidence.narrowed && !tally.wanted))
            continue;
        Ailment ailment;
        const std::string host = to_text(address_of(key));
        ailment.grade = Grade::warn;
        ailment.weight = tally.flows;
        ailment.what = host + " fills the connection table";
        ailment.seen = std::to_string(tally.flows) + " of " + std::to_string(watch.flows()) +
                       " flows are its own, " + std::to_string(tally.begun) + " began in " +
                       seconds_text(evidence.length);
        ailment.hosts = {{address_of(key), tally.flows}};
        ailment.means = "when the table is full, new connections of everybody fail";
        ailment.remedy = "find out what " + host + " does; a rule can limit it (nft ct count)";
        ailment.filter = "src host " + host;
        ailment.look = "natstat -na -b dst,dport " + ailment.filter + " --limit 10";
        ailment.numbers = {{"flows", tally.flows}, {"all", watch.flows()}, {"begun", tally.begun}};
        found.push_back(std::move(ailment));
    }
}

namespace {

/// By what is left of the timeout: how old a flow is, which `idle` needs, is not always told.
std::string quiet_filter(const Surroundings& around) {
    constexpr StateNumber established = 3; // enum tcp_conntrack
    Flow flow;
    flow.protocol = protocol::tcp;
    flow.state = established;
    flow.set(Part::state);
    const auto configured = around.timeouts ? around.timeouts->of(flow) : Timeouts::Slot{};
    const std::string head = "proto tcp and state=established";
    return configured
               ? head + " and timeout<=" +
                     std::to_string((*configured - std::chrono::seconds{Watch::quiet}).count())
               : head;
}

} // namespace

void find_dead_weight(const Evidence& evidence, Found& found) {
    constexpr std::uint64_t many = 1000;
    Ailment ailment;
    const std::uint64_t flows = add_hosts_with<&HostTally::idle>(ailment, evidence);
    if (flows < (evidence.narrowed ? 1 : many))
        return;
    ailment.grade = Grade::note;
    ailment.weight = flows;
    ailment.what = "many established connections have been idle for hours";
    ailment.seen = connections(flows) + " without a packet for 6 hours or more, of " +
                   std::to_string(evidence.watch.flows()) + " flows";
    ailment.means = "each holds an entry and its NAT port for up to 5 days, whether its ends are "
                    "still there or not";
    ailment.remedy = "sysctl -w net.netfilter.nf_conntrack_tcp_timeout_established=7440 (RFC 5382 "
                     "asks for 2 h 4 min at least), for what gets a packet from then on";
    ailment.filter = quiet_filter(evidence.watch.around());
    ailment.look = "natstat -na -b src '" + ailment.filter + "' --limit 10";
    ailment.numbers = {{"flows", flows}};
    found.push_back(std::move(ailment));
}

void find_missing_helpers(const Evidence& evidence, Found& found) {
    Ailment ailment;
    const std::uint64_t flows = add_hosts_with<&HostTally::unhelped>(ailment, evidence);
    if (flows == 0)
        return;
    ailment.grade = Grade::note;
    ailment.weight = flows;
    ailment.what = "FTP, PPTP or SIP is translated without a helper";
    ailment.seen = connections(flows) + " to port 21, 1723 or 5060 without the kernel's module "
                                        "that translates what is inside of packets";
    ailment.means =
        "addresses that they name inside of their packets stay as they are: active FTP, "
        "PPTP's tunnels and SIP's calls may not come through (passive FTP does)";
    ailment.remedy = "if they fail: load the module (nf_nat_ftp, nf_nat_pptp, nf_nat_sip) and give "
                     "new connections the helper (nft: ct helper set)";
    ailment.filter = "dst port 21 or dst port 1723 or dst port 5060";
    ailment.look = "natstat -n -C +helper '" + ailment.filter + "'";
    ailment.numbers = {{"flows", flows}};
    found.push_back(std::move(ailment));
}

void find_offloaded(const Evidence& evidence, Found& found) {
    const std::uint64_t flows = evidence.watch.offloaded();
    if (flows == 0 || evidence.narrowed)
        return;
    Ailment ailment;
    ailment.grade = Grade::note;
    ailment.weight = flows;
    ailment.what = "a flowtable forwards connections past connection tracking";
    ailment.seen = connections(flows) + " are offloaded";
    ailment.means = "their timeouts, and without its flag 'counter' their packets and bytes, stand "
                    "still here";
    ailment.remedy =
        "nothing has to be done; the flag 'counter' of the flowtable lets them be counted";
    ailment.filter = "status=offload";
    ailment.look = "natstat -na " + ailment.filter;
    ailment.numbers = {{"flows", flows}};
    found.push_back(std::move(ailment));
}

} // namespace natstat
