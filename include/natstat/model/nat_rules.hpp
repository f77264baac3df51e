// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the rules of source NAT say of the ports that there are: the pool that is really there. A
// table of flows does not tell it; a rule that masquerades to 50 ports leaves 50, not 64,512.
// Reading the rules is intake's business.
#pragma once

#include "natstat/model/address.hpp"
#include "natstat/model/nat.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

/// Addresses from `first` to `last`, of one family.
struct AddressSpan {
    Address first;
    Address last;

    [[nodiscard]] bool contains(const Address& address) const {
        return address.family == first.family && first <= address && address <= last;
    }
};

/// One rule that gives flows another source. Conditions that are not here are not known of.
struct NatRule {
    Family family = Family::none;         // of the flows; none: both
    std::optional<std::uint8_t> protocol; // that it is for; absent: all
    std::vector<AddressSpan> to;          // destinations that it is for; empty: all
    std::vector<NatPorts> to_ports;       // and their ports
    std::vector<AddressSpan> gives;       // addresses; empty: that of the way out, or not known
    std::optional<NatPorts> ports;        // absent: where the kernel takes them from by itself

    /// Whether it can have given a flow of this protocol to `other` this address.
    [[nodiscard]] bool can_give(const Address& address, std::uint8_t of_protocol,
                                const Endpoint& other) const;
};

struct NatRules {
    bool known = false;  // they could be read
    std::string why_not; // a clause, where they could not
    std::vector<NatRule> rules;
    /// There are rules whose ports could not be told, as those of iptables.
    bool has_untold = false;
};

/// How the range of a pool is known.
enum class RangeBy : std::uint8_t {
    kernel,   // no rule says another one
    rule,     // one does
    inferred, // the ports in use lie so
    user,     // who asks says so
};

/// "kernel", "rule", "inferred", "user".
[[nodiscard]] std::string_view range_by_name(RangeBy by);

/// NAT ports that there are, and how that is known.
struct PoolRange {
    NatPorts ports;
    RangeBy by = RangeBy::kernel;
};

/// The NAT ports that flows of one pool use: a NAT address, protocol, zone and destination.
struct PortsInUse {
    std::uint32_t ports = 0;   // different ones
    std::uint32_t changed = 0; // of these, those that are not the source's own
    std::uint16_t least = 65535;
    std::uint16_t greatest = 0;

    void add(std::uint16_t port, bool is_changed) {
        ++ports;
        changed += is_changed ? 1U : 0U;
        least = port < least ? port : least;
        greatest = port > greatest ? port : greatest;
    }
};

/// The NAT ports that there are for flows of this protocol from `address` to `other`: of the rules
/// that can have given it, the smallest range that all of the ports in use lie in; without one, and
/// where ports were looked for in vain (`failures`), the ports in use themselves if none between
/// them is free and most are not the sources' own; otherwise the kernel's. Absent for a protocol
/// without ports.
[[nodiscard]] std::optional<PoolRange> pool_range(const NatRules& rules, const Address& address,
                                                  std::uint8_t protocol, const Endpoint& other,
                                                  const PortsInUse& used, bool failures);

} // namespace natstat
