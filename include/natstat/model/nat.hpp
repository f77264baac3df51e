// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the two tuples of a flow mean: whether and how it is translated, and who its inside host,
// its NAT side and its destination are. These rules are written here once; every view asks here.
#pragma once

#include "natstat/model/flow.hpp"

namespace natstat {

enum class Nat : std::uint8_t { none, snat, dnat, both };

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

/// Whether SNAT or DNAT is part of it.
[[nodiscard]] constexpr bool has_snat(Nat nat) {
    return nat == Nat::snat || nat == Nat::both;
}
[[nodiscard]] constexpr bool has_dnat(Nat nat) {
    return nat == Nat::dnat || nat == Nat::both;
}

} // namespace natstat
