// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Connections are counted by the tracker's steps, what is carried by the ledger, which tells it
// once.
#include "natstat/model/gateway_tally.hpp"

#include "natstat/model/nat.hpp"
#include "natstat/model/protocol.hpp"

namespace natstat {

namespace {

/// The kinds of the ledger.
constexpr std::uint16_t translated = 1, other = 0;

bool is_translated(const Flow& flow) {
    return has_snat(nat_of(flow));
}

bool is_connection(const Flow& flow) {
    return flow.protocol == protocol::tcp && is_translated(flow);
}

Phase phase(std::optional<StateNumber> state) {
    return state ? phase_of(protocol::tcp, *state) : Phase::none;
}

} // namespace

GatewayTally::GatewayTally()
    : ledger_([](const Flow& flow) { return is_translated(flow) ? translated : other; }) {}

void GatewayTally::take(const Event& event) {
    ledger_.apply(event, count_);
    const bool tells_counters =
        event.kind == EventKind::listed || event.kind == EventKind::destroyed;
    if (tells_counters && is_translated(event.flow))
        counts_.counts = counts_.counts && event.flow.has(Part::counters_up) &&
                         event.flow.has(Part::counters_down);
}

void GatewayTally::take(const Transition& step) {
    if (!is_of_flow(step.kind) || !is_connection(step.flow))
        return;
    if (step.kind == TransitionKind::created)
        counts_.attempted += phase(step.to) == Phase::opening ? 1U : 0U;
    if (step.kind == TransitionKind::changed && step.from && // otherwise it may have been before
        phase(step.from) != Phase::established && phase(step.to) == Phase::established)
        ++counts_.established;
    const bool was_seen = step.life.seen != Time{};
    if (step.kind == TransitionKind::ended && was_seen)
        counts_.idled +=
            step.ending == Ending::expired && phase(step.from) != Phase::opening ? 1U : 0U;
}

/// One that is known by its end alone was there before, because nothing was lost, and no list named
/// it: its time was up already.
void GatewayTally::count(const Entry& entry) {
    if (entry.kind != translated || (entry.created && entry.ending))
        return;
    counts_.from_source += entry.up;
    counts_.from_destination += entry.down;
}

} // namespace natstat
