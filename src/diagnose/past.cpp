// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Translations that outlive what they came from. Rules of NAT are asked for the first packet of a
// flow alone (nf_nat_inet_fn), and a flow lives on as long as packets come, whatever became of the
// rule, the target or the address. UDP that is sent again and again never ends by itself. The
// kernel cleans up after MASQUERADE when an address goes, and after nothing else
// (nf_nat_masquerade.c).
#include "findings.hpp"

#include <algorithm>

namespace natstat {

namespace {

using std::chrono::nanoseconds;

/// Both led from the same end: nothing comes from the one, and flows that began later are answered
/// by the other.
bool is_past(const LedTally& old, const LedTally& now) {
    return old.unanswered != 0 && old.answered == 0 && old.aged && now.answered != 0 &&
           now.youngest_answered < old.youngest_unanswered;
}

std::string target_text(const LedKey& key) {
    return key.target == key.dialled ? "as it was dialled, untranslated" : to_text(key.target);
}

std::string delete_command(const LedKey& key) {
    const std::string_view protocol = protocol_name(key.dialled.protocol);
    std::string text = "conntrack -D";
    if (key.dialled.family == Family::ipv6)
        text += " -f ipv6";
    text += " -p " +
            (protocol.empty() ? std::to_string(key.dialled.protocol) : std::string(protocol)) +
            " -d " + to_text(address_of(key.dialled));
    if (key.dialled.port != 0)
        text += " --dport " + std::to_string(key.dialled.port);
    return text + " -r " + to_text(address_of(key.target));
}

Ailment ailment_of(const LedKey& old, const LedTally& tally, const LedKey& now) {
    Ailment ailment;
    ailment.weight = tally.unanswered;
    ailment.what = "flows to " + end_name(old.dialled) + " are older than the rule";
    ailment.seen = connections(tally.unanswered) + " go " +
                   (old.target == old.dialled ? "" : "to ") + target_text(old) +
                   " and get no answer; newer ones go to " + to_text(now.target) + " and do";
    ailment.means = "a flow keeps the translation that it began with as long as packets come, so "
                    "whoever sends on never reaches " +
                    to_text(now.target);
    ailment.remedy =
        delete_command(old) + " (the next packet begins anew, by the rules as they are)";
    ailment.filter = filter_of(old.target, "dst") + " and unreplied";
    ailment.look = "natstat -na '" + ailment.filter + "'";
    ailment.numbers = {{"flows", tally.unanswered}};
    return ailment;
}

using LedTallies = Tally<LedKey, LedTally>;

/// By the end that is dialled; few ends have more than one.
template <typename Visit>
void for_each_past(const LedTallies& led, Visit&& visit) {
    Tally<EndKey, std::uint32_t> newest; // number + 1 of the one with the youngest answered flow
    for (std::uint32_t number = 0; number < led.size(); ++number) {
        const auto& [key, tally] = led.at(number);
        std::uint32_t& best = newest[key.dialled];
        if (best == 0 || tally.youngest_answered < led.at(best - 1).value.youngest_answered)
            best = number + 1;
    }
    for (const auto& [key, tally] : led) {
        const std::uint32_t* const best = newest.find(key.dialled);
        if (best != nullptr && is_past(tally, led.at(*best - 1).value))
            visit(key, tally, led.at(*best - 1).key);
    }
}

struct Gate {
    const EndKey* key;
    const GateTally* tally;
};

/// The address of this host that flows began with last.
std::optional<Gate> newest_own(const Watch& watch, Family family) {
    std::optional<Gate> best;
    for (const auto& [key, tally] : watch.gates())
        if (key.family == family && tally.exact &&
            watch.around().local_addresses->contains(address_of(key)) &&
            (!best || tally.youngest < best->tally->youngest))
            best = Gate{&key, &tally};
    return best;
}

/// Routers send whole networks to a NAT box for addresses that it does not have itself; a rule then
/// says so.
bool is_given_by_rule(const NatRules& rules, const Address& address) {
    return std::any_of(rules.rules.begin(), rules.rules.end(), [&](const NatRule& rule) {
        return std::any_of(rule.gives.begin(), rule.gives.end(),
                           [&](const AddressSpan& range) { return range.contains(address); });
    });
}

Ailment ailment_of(const Gate& gate, const Gate& now) {
    const std::string old = to_text(address_of(*gate.key));
    const std::string own = to_text(address_of(*now.key));
    Ailment ailment;
    ailment.weight = gate.tally->flows;
    ailment.what = "flows leave as " + old + ", which this host does not have";
    ailment.seen = connections(gate.tally->flows) +
                   " with that source, none of them new; new ones " + "leave as " + own;
    ailment.means = "their answers go to " + old + " and do not come back here";
    ailment.remedy = std::string("conntrack -D") +
                     (gate.key->family == Family::ipv6 ? " -f ipv6" : "") + " -q " + old +
                     " (the next packet of each begins anew, as " + own + ")";
    ailment.filter = "nat host " + old;
    ailment.look = "natstat -nN " + ailment.filter;
    ailment.numbers = {{"flows", gate.tally->flows}};
    return ailment;
}

} // namespace

Tally<LedKey, bool> ways_of_the_past(const Watch& watch) {
    Tally<LedKey, bool> ways;
    for_each_past(watch.led(),
                  [&](const LedKey& old, const LedTally&, const LedKey&) { ways[old] = true; });
    return ways;
}

void find_old_translations(const Evidence& evidence, Found& found) {
    for_each_past(evidence.watch.led(),
                  [&](const LedKey& old, const LedTally& tally, const LedKey& now) {
                      if (!evidence.narrowed || tally.wanted)
                          found.push_back(ailment_of(old, tally, now));
                  });
}

void find_lost_addresses(const Evidence& evidence, Found& found) {
    const Watch& watch = evidence.watch;
    if (!watch.around().local_addresses || !evidence.rules.known || evidence.rules.has_untold)
        return;
    for (const auto& [key, tally] : watch.gates()) {
        if ((evidence.narrowed && !tally.wanted) ||
            watch.around().local_addresses->contains(address_of(key)) ||
            is_given_by_rule(evidence.rules, address_of(key)))
            continue;
        const auto own = newest_own(watch, key.family);
        if (own && own->tally->youngest < tally.youngest)
            found.push_back(ailment_of(Gate{&key, &tally}, *own));
    }
}

} // namespace natstat
