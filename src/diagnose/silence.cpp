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

/// An end from which nothing comes.
struct Silence {
    const EndKey& key;
    const EndTally& end;
    const WaitTally& wait;
    std::uint32_t number; // of its waits

    [[nodiscard]] bool is_forwarded() const { return !(wait.target == key); }
    /// Nearly all of what was tried lately.
    [[nodiscard]] bool is_worth_telling(const Evidence& evidence) const {
        return (evidence.narrowed ? end.wanted : end.waiting >= fewest) &&
               end.waiting >= end.answered && !answers_again();
    }
    /// All that is answered began after all that is not.
    [[nodiscard]] bool answers_again() const {
        return end.answered != 0 && end.oldest_answered < wait.youngest;
    }
};

std::string seen_text(const Silence& silent) {
    const auto& [key, end, wait, number] = silent;
    const std::string state = key.protocol == protocol::tcp ? " in SYN_SENT" : " without an answer";
    std::string text = std::to_string(end.waiting) + " of " +
                       connections(end.waiting + end.answered) + " from " +
                       counted(wait.hosts, "host", "hosts") + state;
    if (!wait.aged)
        return text + ", for how long is not known";
    return text + (wait.exact ? ", the oldest for " : ", for at least ") + span_text(wait.oldest);
}

Ailment ailment_of(const Silence& silent, const Evidence& evidence) {
    const auto& [key, end, wait, number] = silent;
    Ailment ailment;
    const bool opens = protocol_kind(key.protocol).has_states();
    ailment.grade = opens ? Grade::fail : Grade::warn;
    ailment.weight = end.waiting;
    ailment.seen = seen_text(silent);
    ailment.parts = &evidence.watch.parts_of_waits();
    ailment.part_of = number;
    std::optional<std::uint64_t> oldest;
    if (wait.aged)
        oldest = static_cast<std::uint64_t>(wait.oldest.count());
    ailment.numbers = {{"unanswered", end.waiting},
                       {"answered", end.answered},
                       {"answered_earlier", end.earlier},
                       {"hosts", wait.hosts},
                       {"oldest_seconds", oldest}};
    return ailment;
}

void describe_destination(Ailment& ailment, const Silence& silent) {
    const std::string seen_as = to_text(silent.wait.shown);
    ailment.what = end_name(silent.key) +
                   (is_echo(silent.key.protocol) ? " does not answer pings" : " does not answer");
    ailment.means =
        silent.wait.translated
            ? "packets to it leave, from " + seen_as + " after source NAT, and none comes back"
            : "packets to it leave, with the sources as they are (no source NAT), and none comes "
              "back";
    ailment.remedy = silent.wait.translated
                         ? "ask whoever runs it whether it is up, and whether a firewall lets " +
                               seen_as + " in; if both, the way there or back is broken"
                         : "see whether it is up and knows a way back to " + seen_as +
                               "; if its answers need source NAT, the rule does not match";
    ailment.filter = filter_of(silent.key, "dst") + " and unreplied";
    ailment.look = "natstat -na '" + ailment.filter + "'";
}

void describe_forwarding(Ailment& ailment, const Silence& silent, const Evidence& evidence) {
    const EndKey& target = silent.wait.target;
    const Address host = address_of(target);
    const std::string to = to_text(host);
    const bool gone =
        std::find(evidence.silent.begin(), evidence.silent.end(), host) != evidence.silent.end();
    ailment.what = "the forwarding of " + end_name(silent.key) + " leads nowhere";
    ailment.seen += "; it leads to " + to_text(target);
    if (gone)
        ailment.seen += std::string(", which does not answer ") +
                        (host.family == Family::ipv4 ? "ARP" : "neighbour discovery");
    ailment.means = "whoever dials it waits and gives up";
    ailment.remedy = gone ? "start " + to + ", or correct the address in the rule of DNAT"
                          : "see whether " + to +
                                " is up and listens there, whether its firewall lets clients in, "
                                "and whether its way back leads through this box; or correct the "
                                "rule of DNAT";
    ailment.filter = filter_of(target, "dst") + " and dnat and unreplied";
    ailment.look = "natstat -nN '" + ailment.filter + "'";
}

template <typename Describe>
void find(const Evidence& evidence, Found& found, bool forwarded, Describe&& describe) {
    const Watch& watch = evidence.watch;
    const auto past = ways_of_the_past(watch);
    for (std::uint32_t number = 0; number < watch.waits().size(); ++number) {
        const auto& [key, wait] = watch.waits().at(number);
        const Silence silent{key, *watch.ends().find(key), wait, number};
        if (!silent.is_worth_telling(evidence) || silent.is_forwarded() != forwarded ||
            past.find(LedKey{key, wait.target}) != nullptr)
            continue;
        found.push_back(ailment_of(silent, evidence));
        describe(found.back(), silent);
    }
}

} // namespace

void find_silent_destinations(const Evidence& evidence, Found& found) {
    find(evidence, found, false, describe_destination);
}

void find_dead_forwardings(const Evidence& evidence, Found& found) {
    find(evidence, found, true, [&](Ailment& ailment, const Silence& silent) {
        describe_forwarding(ailment, silent, evidence);
    });
}

} // namespace natstat
