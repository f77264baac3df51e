// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A NAT port is taken for one protocol, NAT address and destination at a time, and so they run out
// destination by destination. Where none is free the kernel drops the packet and makes no entry:
// insert_failed and drop rise, and that is all that there is to see (nf_nat_l4proto_unique_tuple
// and
// __nf_conntrack_confirm).
#include "findings.hpp"

namespace natstat {

namespace {

/// From here on it is worth a warning.
constexpr std::uint64_t nearly = 80;
/// Beyond a range of some hundred ports the kernel does not try them all, and fails before the last
/// one is taken.
constexpr std::uint64_t fails_from = 95;

struct Pool {
    const PoolKey& key;
    const PoolTally& tally;
    PoolRange range;
    std::uint64_t failures; // in the watch

    [[nodiscard]] bool uses(std::uint64_t per_cent) const {
        return 100 * std::uint64_t{tally.used.ports} >= per_cent * range.ports.size();
    }
    [[nodiscard]] bool fails() const { return failures != 0 && uses(fails_from); }
};

std::string_view said_by(RangeBy by) {
    switch (by) {
    case RangeBy::rule:
        return "as a rule says";
    case RangeBy::inferred:
        return "inferred from the ports in use";
    case RangeBy::kernel:
    case RangeBy::user:
        break;
    }
    return "the kernel's own range";
}

std::string time_wait_text(const Surroundings& around) {
    constexpr StateNumber time_wait = 7; // enum tcp_conntrack
    Flow flow;
    flow.protocol = protocol::tcp;
    flow.state = time_wait;
    flow.set(Part::state);
    const auto seconds =
        around.timeouts ? around.timeouts->of(flow) : std::optional<std::chrono::seconds>();
    return seconds ? " (a closed connection keeps its own for another " +
                         std::to_string(seconds->count()) + " s, TIME_WAIT)"
                   : " (a closed connection keeps its own for a while, TIME_WAIT)";
}

std::string seen_text(const Pool& pool, const Address& gateway, const Evidence& evidence) {
    std::string text = "NAT address " + to_text(gateway) + ", " +
                       std::string(protocol_name(pool.key.other.protocol)) + ": " +
                       std::to_string(pool.tally.used.ports) + " of " +
                       std::to_string(pool.range.ports.size()) + " ports in use";
    if (pool.failures != 0)
        text += ", " + counted(pool.failures, "packet", "packets") + " found none in " +
                seconds_text(evidence.length);
    return text;
}

std::string remedy_text(const Pool& pool) {
    return "either a second address or a wider range in the rule of source NAT (now " +
           range_text(pool.range.ports) + ", " + std::string(said_by(pool.range.by)) +
           "), or clients that use a connection again instead of opening the next one";
}

Ailment ailment_of(const Pool& pool, std::uint32_t number, const Evidence& evidence) {
    const Address gateway{pool.key.other.family, pool.key.gateway};
    const std::string other = to_text(pool.key.other);
    const bool full = pool.uses(fails_from);
    Ailment ailment;
    ailment.grade = pool.fails() ? Grade::fail : Grade::warn;
    ailment.weight = pool.failures != 0 ? pool.failures : pool.tally.used.ports;
    ailment.what = "NAT ports for " + other + (full ? " are used up" : " soon will be used up");
    ailment.seen = seen_text(pool, gateway, evidence);
    ailment.parts = &evidence.watch.parts_of_pools();
    ailment.part_of = number;
    const std::string ends =
        pool.key.other.protocol == protocol::tcp ? time_wait_text(evidence.watch.around()) : "";
    ailment.means =
        full ? "nobody can open another connection to it through " + to_text(gateway) +
                   " until a port is free" + ends
             : "when the last one is taken nobody can open another connection to it" + ends;
    ailment.remedy = remedy_text(pool);
    ailment.filter = filter_of(pool.key.other, "dst") + " and nat host " + to_text(gateway);
    const std::string range = pool.range.by == RangeBy::kernel
                                  ? std::string()
                                  : " --port-range " + range_text(pool.range.ports);
    ailment.look = "natstat -nP" + range + " dst host " + to_text(address_of(pool.key.other));
    ailment.numbers = {{"ports", pool.tally.used.ports},
                       {"available", pool.range.ports.size()},
                       {"first_port", pool.range.ports.first},
                       {"last_port", pool.range.ports.last},
                       {"insert_failed", evidence.rise("insert_failed")}};
    return ailment;
}

} // namespace

void find_used_up_ports(const Evidence& evidence, Found& found) {
    const std::uint64_t failures = evidence.rise("insert_failed").value_or(0);
    const auto& pools = evidence.watch.pools();
    for (std::uint32_t number = 0; number < pools.size(); ++number) {
        const auto& [key, tally] = pools.at(number);
        if (!tally.by_nat || (evidence.narrowed && !tally.wanted))
            continue;
        const auto range =
            pool_range(evidence.rules, {key.other.family, key.gateway}, key.other.protocol,
                       endpoint_of(key.other), tally.used, failures != 0);
        const Pool pool{key, tally, range.value_or(PoolRange{{0, 65535}, RangeBy::kernel}),
                        failures};
        if (range && pool.uses(nearly))
            found.push_back(ailment_of(pool, number, evidence));
    }
}

} // namespace natstat
