// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The timeouts that a conntrack table is configured with: how long a flow of a protocol in a state
// lives without a packet. Where they are read from is intake's business.
#pragma once

#include "natstat/model/flow.hpp"

#include <array>
#include <chrono>
#include <optional>

namespace natstat {

/// Seconds for each protocol and state, net.netfilter.nf_conntrack_*_timeout*. What is not known is
/// absent.
struct Timeouts {
    using Slot = std::optional<std::chrono::seconds>;
    std::array<Slot, 16> tcp{};  // by state
    std::array<Slot, 16> sctp{}; // by state
    std::array<Slot, 16> dccp{}; // by state
    /// TCP flows with unanswered data or a closed window live by one of two shorter timeouts in
    /// place of their state's (nf_conntrack_tcp_packet); this is the longer one.
    Slot tcp_shortened;
    Slot udp, udp_stream, icmp, icmpv6, gre, gre_stream, generic;

    /// The timeout that the kernel gave this flow at its last packet, if it is known. UDP, UDPlite
    /// and GRE flows live by the stream timeout once they are assured (nf_conntrack_proto_udp.c).
    [[nodiscard]] Slot of(const Flow& flow) const;
};

} // namespace natstat
