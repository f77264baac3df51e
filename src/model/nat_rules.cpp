// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// nf_nat_l4proto_unique_tuple (net/netfilter/nf_nat_core.c) takes a port inside of a rule's range
// and nowhere else, so a range that a port in use lies outside of is not that of its rule.
#include "natstat/model/nat_rules.hpp"

#include <algorithm>

namespace natstat {

namespace {

bool holds(const NatPorts& range, const PortsInUse& used) {
    return used.ports == 0 || (range.contains(used.least) && range.contains(used.greatest));
}

/// Fewer say nothing: two neighbours among many can be chance, and sources that change nothing go
/// through their own ports one after the other.
bool is_dense(const PortsInUse& used) {
    constexpr std::uint32_t fewest = 2;
    return used.ports >= fewest && used.ports == used.greatest - used.least + 1U &&
           2 * used.changed >= used.ports;
}

/// Whether one of them contains it, or there are none, which means all.
template <typename Ranges, typename Value>
bool admit(const Ranges& ranges, const Value& value) {
    return ranges.empty() || std::any_of(ranges.begin(), ranges.end(),
                                         [&](const auto& each) { return each.contains(value); });
}

} // namespace

std::string_view range_by_name(RangeBy by) {
    constexpr std::string_view names[] = {"kernel", "rule", "inferred", "user"};
    return names[static_cast<std::size_t>(by)];
}

bool NatRule::can_give(const Address& address, std::uint8_t of_protocol,
                       const Endpoint& other) const {
    return (family == Family::none || family == address.family) &&
           (!protocol || *protocol == of_protocol) && admit(gives, address) &&
           admit(to, other.address) && (!other.port || admit(to_ports, *other.port));
}

std::optional<PoolRange> pool_range(const NatRules& rules, const Address& address,
                                    std::uint8_t protocol, const Endpoint& other,
                                    const PortsInUse& used, bool failures) {
    const auto all = nat_ports(protocol);
    if (!all)
        return std::nullopt;
    std::optional<NatPorts> best;
    for (const NatRule& rule : rules.rules)
        if (rule.ports && holds(*rule.ports, used) && rule.can_give(address, protocol, other) &&
            (!best || rule.ports->size() < best->size()))
            best = rule.ports;
    if (best)
        return PoolRange{*best, RangeBy::rule};
    if (failures && is_dense(used) && used.ports < all->size())
        return PoolRange{{used.least, used.greatest}, RangeBy::inferred};
    return PoolRange{*all, RangeBy::kernel};
}

} // namespace natstat
