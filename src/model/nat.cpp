// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Classification by the tuples alone: they are there in every dump, event and text.
#include "natstat/model/nat.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace natstat {

namespace {

constexpr std::string_view kinds[] = {"snat", "dnat", "both", "local", "routed"};

/// Two words instead of a call: this runs several times for every row.
bool same_bytes(const std::array<std::uint8_t, 16>& a, const std::array<std::uint8_t, 16>& b) {
    std::uint64_t x[2];
    std::uint64_t y[2];
    std::memcpy(x, a.data(), sizeof x);
    std::memcpy(y, b.data(), sizeof y);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1])) == 0;
}

/// Whether two ends are the same place. ICMP's type and code are not part of a place; its id is.
bool same_end(const Flow& flow, End a, End b, bool ports) {
    const auto i = static_cast<std::size_t>(a);
    const auto j = static_cast<std::size_t>(b);
    return same_bytes(flow.address[i], flow.address[j]) && (!ports || flow.port[i] == flow.port[j]);
}

} // namespace

std::span<const std::string_view> flow_kind_names() {
    return kinds;
}

std::string_view flow_kind_name(FlowKind kind) {
    return kinds[static_cast<std::size_t>(kind)];
}

std::optional<FlowKind> parse_flow_kind(std::string_view name) {
    const auto* const found = std::find(std::begin(kinds), std::end(kinds), name);
    return found == std::end(kinds) ? std::nullopt
                                    : std::optional(static_cast<FlowKind>(found - kinds));
}

std::optional<NatPorts> nat_ports(std::uint8_t protocol) {
    switch (protocol_kind(protocol).carries) {
    case Carries::echo_id:
        return NatPorts{0, 65535};
    case Carries::ports:
        return NatPorts{1024, 65535};
    case Carries::keys:
    case Carries::nothing:
        break;
    }
    return std::nullopt;
}

Nat nat_of(const Flow& flow) {
    if (!flow.has(Part::original) || !flow.has(Part::reply))
        return Nat::none;
    const bool ports = flow.has(Part::original_ports) && flow.has(Part::reply_ports);
    const bool snat = !same_end(flow, End::original_source, End::reply_destination, ports);
    const bool dnat =
        !same_end(flow, End::original_destination, End::reply_source, ports && !flow.is_icmp());
    return snat ? (dnat ? Nat::both : Nat::snat) : (dnat ? Nat::dnat : Nat::none);
}

} // namespace natstat
