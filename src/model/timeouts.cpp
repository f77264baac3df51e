// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which of the configured timeouts a flow lives by.
#include "natstat/model/timeouts.hpp"

#include "natstat/model/protocol.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// The place of the protocol's row, the last one for those without.
std::size_t row_of(std::uint8_t protocol) {
    const auto all = protocols();
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const ProtocolKind& kind) { return kind.number == protocol; });
    return static_cast<std::size_t>(found - all.begin());
}

} // namespace

void Timeouts::set(std::uint8_t protocol, StateNumber state, Slot seconds) {
    protocols_.at(row_of(protocol)).by_state.at(state) = seconds;
}

void Timeouts::set_shortened(std::uint8_t protocol, Slot seconds) {
    protocols_.at(row_of(protocol)).shortened = seconds;
}

Timeouts::Slot Timeouts::shortened(std::uint8_t protocol) const {
    return protocols_.at(row_of(protocol)).shortened;
}

Timeouts::Slot Timeouts::of(const Flow& flow) const {
    // A fixed timeout was set by somebody and is never renewed by packets; an offloaded flow has
    // none.
    constexpr auto set_elsewhere = status::fixed_timeout | status::offload | status::hw_offload;
    if (flow.has(Part::status) && (flow.status & set_elsewhere) != 0)
        return std::nullopt;
    const auto& by_state = protocols_.at(row_of(flow.protocol)).by_state;
    if (has_states(flow.protocol))
        return flow.has(Part::state) && flow.state < by_state.size() ? by_state[flow.state]
                                                                     : std::nullopt;
    const Slot before = by_state[stateless::unreplied];
    const Slot assured = by_state[stateless::assured];
    if (!flow.has(Part::status)) // it is either
        return before == assured ? before : std::nullopt;
    return (flow.status & status::assured) != 0 ? assured : before;
}

} // namespace natstat
