// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Ends that are dialled and from which nothing comes: destinations, and forwardings (DNAT) to an
// inside host. A flow counts as unanswered when nothing came back for as long as an answer may take
// (Watch::patience).
#include "findings.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// Fewer are told of when somebody asks for them: a lone host that tries in vain is nothing that
/// a network has to be looked at for.
constexpr std::uint32_t fewest = 3;

bool is_echo(std::uint8_t protocol) {
    return protocol == protocol::icmp || protocol == protocol::icmpv6;
}

bool is_forwarded(const EndKey& key, const EndTally& tally) {
    return !(tally.target == key);
}

/// Nearly everything that was tried: of what was answered, most may be much older.
bool is_silent(const EndTally& tally, const Evidence& evidence) {
    if (evidence.narrowed ? !tally.wanted : tally.waiting < fewest)
        return false;
    return tally.waiting != 0 && tally.waiting >= tally.answered;
}

std::string seen_text(const EndKey& key, const EndTally& tally) {
    const std::string state = key.protocol == protocol::tcp ? " in SYN_SENT" : " without an answer";
    std::string text = std::to_string(tally.waiting) + " of " +
                       connections(tally.waiting + tally.answered) + " from " +
                       counted(tally.hosts, "host", "hosts") + state;
    if (!tally.aged)
        return text + ", for how long is not known";
    return text + (tally.exact ? ", the oldest for " : ", for at least ") + span_text(tally.oldest);
}

Ailment ailment_of(const EndKey& key, const EndTally& tally, std::uint32_t number,
                   const Evidence& evidence) {
    Ailment ailment;
    const bool opens = protocol_kind(key.protocol).has_states();
    ailment.grade = opens ? Grade::fail : Grade::warn;
    ailment.weight = tally.waiting;
    ailment.seen = seen_text(key, tally);
    ailment.parts = &evidence.watch.waiting_of_ends();
    ailment.part_of = number;
    ailment.numbers = {{"unanswered", tally.waiting},
                       {"answered", tally.answered},
                       {"answered_earlier", tally.earlier},
                       {"hosts", tally.hosts},
                       {"oldest_seconds", tally.aged
                                              ? std::optional<std::uint64_t>(tally.oldest.count())
                                              : std::nullopt}};
    return ailment;
}

std::string name_of(const EndKey& key) {
    return to_text(key) + " (" + std::string(protocol_name(key.protocol)) + ")";
}

void describe_destination(Ailment& ailment, const EndKey& key, const EndTally& tally) {
    const std::string seen_as = to_text(tally.shown);
    ailment.what =
        name_of(key) + (is_echo(key.protocol) ? " does not answer pings" : " does not answer");
    ailment.means =
        tally.translated
            ? "packets to it leave, with the source " + seen_as + ", and none comes back"
            : "packets to it leave, with the sources as they are (no source NAT), and "
              "none comes back";
    ailment.remedy =
        tally.translated
            ? "ask whoever runs it whether it is up, and whether a firewall lets " + seen_as + " in"
            : "see whether it is up and knows a way back to " + seen_as +
                  "; if its answers need source NAT, the rule does not match";
    ailment.filter = filter_of(key, "dst") + " and unreplied";
    ailment.look = "natstat -na '" + ailment.filter + "'";
}

void describe_forwarding(Ailment& ailment, const EndKey& key, const EndTally& tally,
                         const Evidence& evidence) {
    const Address host = address_of(tally.target);
    const std::string to = to_text(host);
    const bool gone =
        std::find(evidence.silent.begin(), evidence.silent.end(), host) != evidence.silent.end();
    ailment.what = "the forwarding of " + name_of(key) + " leads nowhere";
    ailment.seen += "; it leads to " + to_text(tally.target);
    if (gone)
        ailment.seen += std::string(", which does not answer ") +
                        (host.family == Family::ipv4 ? "ARP" : "neighbour discovery");
    ailment.means = "whoever dials it waits and gives up";
    ailment.remedy = gone ? "start " + to + ", or correct the address in the rule of DNAT"
                          : "see whether " + to +
                                " is up and listens there, whether its firewall lets clients in, "
                                "and whether its way back leads through this box; or correct the "
                                "rule of DNAT";
    ailment.filter = filter_of(tally.target, "dst") + " and dnat and unreplied";
    ailment.look = "natstat -nN '" + ailment.filter + "'";
}

template <typename Describe>
void find(const Evidence& evidence, Found& found, bool forwarded, Describe&& describe) {
    const auto& ends = evidence.watch.ends();
    for (std::uint32_t number = 0; number < ends.size(); ++number) {
        const auto& [key, tally] = ends.at(number);
        if (!is_silent(tally, evidence) || is_forwarded(key, tally) != forwarded)
            continue;
        found.push_back(ailment_of(key, tally, number, evidence));
        describe(found.back(), key, tally);
    }
}

} // namespace

void find_silent_destinations(const Evidence& evidence, Found& found) {
    find(evidence, found, false, describe_destination);
}

void find_dead_forwardings(const Evidence& evidence, Found& found) {
    find(evidence, found, true, [&](Ailment& ailment, const EndKey& key, const EndTally& tally) {
        describe_forwarding(ailment, key, tally, evidence);
    });
}

} // namespace natstat
