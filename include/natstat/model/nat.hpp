// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the two tuples of a flow mean: whether and how it is translated, and who its inside host,
// its NAT side and its destination are. These rules are written here once; every view asks here.
#pragma once

#include "natstat/model/flow.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace natstat {

enum class Nat : std::uint8_t { none, snat, dnat, both };

/// What a flow is to its host.
enum class FlowKind : std::uint8_t { snat, dnat, both, local, routed };

/// "snat", "dnat", "both", "local", "routed".
[[nodiscard]] std::string_view flow_kind_name(FlowKind kind);
[[nodiscard]] std::span<const std::string_view> flow_kind_names();
[[nodiscard]] std::optional<FlowKind> parse_flow_kind(std::string_view name);

/// A flow is translated when its reply tuple is not the mirror of its original, addresses or ports:
/// reply.source differs from original.destination for DNAT, reply.destination from original.source
/// for SNAT (nf_nat_setup_info in net/netfilter/nf_nat_core.c). A flow without a reply tuple is
/// none.
[[nodiscard]] Nat nat_of(const Flow& flow);

/// The end that opened the flow.
inline constexpr End source_end = End::original_source;

/// Where the other side sees or dials the flow: reply destination for SNAT and both, original
/// destination for DNAT. Meaningless, and not to be asked, for Nat::none.
[[nodiscard]] constexpr End gateway_end(Nat nat) {
    return nat == Nat::dnat ? End::original_destination : End::reply_destination;
}

/// The end that answers: the real server behind DNAT and both, what was dialled otherwise.
[[nodiscard]] constexpr End destination_end(Nat nat) {
    return nat == Nat::dnat || nat == Nat::both ? End::reply_source : End::original_destination;
}

/// NAT ports from `first` to `last`.
struct NatPorts {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    [[nodiscard]] constexpr bool contains(std::uint16_t port) const {
        return port >= first && port <= last;
    }
    [[nodiscard]] constexpr std::uint32_t size() const { return last - first + 1U; }
};

/// Where the kernel takes a NAT port from for a source port that is taken: 1024 to 65535 for one of
/// these, whatever ip_local_port_range says, and any echo id for ICMP. Ports below 1024 have small
/// ranges of their own. Absent for a protocol without ports. nf_nat_l4proto_unique_tuple in
/// net/netfilter/nf_nat_core.c
[[nodiscard]] std::optional<NatPorts> nat_ports(std::uint8_t protocol);

/// Whether SNAT or DNAT is part of it.
[[nodiscard]] constexpr bool has_snat(Nat nat) {
    return nat == Nat::snat || nat == Nat::both;
}
[[nodiscard]] constexpr bool has_dnat(Nat nat) {
    return nat == Nat::dnat || nat == Nat::both;
}

} // namespace natstat
