// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The timeouts that a conntrack table is configured with: how long a flow of a protocol in a state
// lives without a packet. Where they are read from is intake's business.
#pragma once

#include "natstat/model/state.hpp"

#include <array>
#include <chrono>
#include <optional>

namespace natstat {

/// Seconds for each protocol and state, net.netfilter.nf_conntrack_*_timeout*. What is not known is
/// absent.
class Timeouts {
  public:
    using Slot = std::optional<std::chrono::seconds>;

    /// What flows of this protocol live by in this state. Protocols without a row of their own have
    /// one in common.
    void set(std::uint8_t protocol, StateNumber state, Slot seconds);
    /// The longest of the shorter timeouts that its flows may live by in place of their state's.
    void set_shortened(std::uint8_t protocol, Slot seconds);

    /// The timeout that the kernel gave this flow at its last packet, if it is known. UDP, UDPlite
    /// and GRE flows live by the stream timeout once they are assured (nf_conntrack_proto_udp.c).
    [[nodiscard]] Slot of(const Flow& flow) const;
    [[nodiscard]] Slot shortened(std::uint8_t protocol) const;

  private:
    struct OfProtocol {
        std::array<Slot, 16> by_state{};
        Slot shortened;
    };
    std::array<OfProtocol, 32> protocols_{}; // by their rows; the last: all others
};

} // namespace natstat
