// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which of the configured timeouts a flow lives by.
#include "natstat/model/timeouts.hpp"

#include "natstat/model/protocol.hpp"

namespace natstat {

namespace {

Timeouts::Slot at(const std::array<Timeouts::Slot, 16>& by_state, const Flow& flow) {
    if (!flow.has(Part::state) || flow.state >= by_state.size())
        return std::nullopt;
    return by_state[flow.state];
}

} // namespace

Timeouts::Slot Timeouts::of(const Flow& flow) const {
    // A fixed timeout was set by somebody and is never renewed by packets; an offloaded flow has
    // none.
    constexpr auto set_elsewhere = status::fixed_timeout | status::offload | status::hw_offload;
    if (flow.has(Part::status) && (flow.status & set_elsewhere) != 0)
        return std::nullopt;
    const auto by_assured = [&flow](const Slot& before, const Slot& after) {
        if (!flow.has(Part::status))
            return Slot{};
        return (flow.status & status::assured) != 0 ? after : before;
    };
    switch (flow.protocol) {
    case protocol::tcp:
        return at(tcp, flow);
    case protocol::sctp:
        return at(sctp, flow);
    case protocol::dccp:
        return at(dccp, flow);
    case protocol::udp:
    case protocol::udplite:
        return by_assured(udp, udp_stream);
    case protocol::gre:
        return by_assured(gre, gre_stream);
    case protocol::icmp:
        return icmp;
    case protocol::icmpv6:
        return icmpv6;
    default:
        return generic;
    }
}

} // namespace natstat
