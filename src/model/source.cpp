// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a list condition means, and what a source tells unless it knows better.
#include "natstat/model/source.hpp"

#include "natstat/model/protocol.hpp"

namespace natstat {

namespace {

bool fits(const std::optional<Address>& address, const std::optional<std::uint16_t>& port,
          const Endpoint& end) {
    return (!address || *address == end.address) && (!port || port == end.port);
}

bool fits(ListCondition::Side side, bool ports, const Flow& flow, Direction direction) {
    if (!ports)
        side.source_port = side.destination_port = std::nullopt;
    if (side == ListCondition::Side{})
        return true;
    const Tuple tuple = flow.tuple(direction);
    return fits(side.source, side.source_port, tuple.source) &&
           fits(side.destination, side.destination_port, tuple.destination);
}

} // namespace

bool admits(const ListCondition& condition, const Flow& flow) {
    const bool ports = condition.family && condition.protocol;
    return (!condition.family || *condition.family == flow.family) &&
           (!condition.protocol || *condition.protocol == flow.protocol) &&
           (flow.status & condition.status_mask) == condition.status_value &&
           (!condition.zone || *condition.zone == flow.zone) &&
           (flow.mark & condition.mark_mask) == condition.mark_value &&
           fits(condition.original, ports, flow, Direction::original) &&
           fits(condition.reply, ports, flow, Direction::reply);
}

ListQuery without_nat_status(ListQuery query) {
    constexpr std::uint32_t nat = status::src_nat | status::dst_nat;
    for (ListCondition& condition : query) {
        condition.status_mask &= ~nat;
        condition.status_value &= ~nat;
    }
    return query;
}

void Source::request_flows(std::span<const Flow>) {}

const std::optional<std::vector<Address>>& Source::local_addresses() const {
    static const std::optional<std::vector<Address>> unknown;
    return unknown;
}

} // namespace natstat
