// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Names for the numbers in a flow: protocols, their states, status flags. One table each; reading
// and writing use the same one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace natstat {

/// IANA protocol numbers that conntrack knows more about than their addresses.
namespace protocol {
inline constexpr std::uint8_t icmp = 1, tcp = 6, udp = 17, dccp = 33, gre = 47, icmpv6 = 58,
                              sctp = 132, udplite = 136;
}

/// "tcp", "icmpv6", ...; empty for a protocol that natstat has no name for (it is shown as a
/// number).
[[nodiscard]] std::string_view protocol_name(std::uint8_t number);

/// A name (any case) or a decimal number 0 to 255.
[[nodiscard]] std::optional<std::uint8_t> parse_protocol(std::string_view text);

/// Names of the protocols with a name, for messages and completion.
[[nodiscard]] std::span<const std::string_view> protocol_names();

/// The names of a protocol's states, indexed by the kernel's number; empty for one without states.
/// include/uapi/linux/netfilter/nf_conntrack_{tcp,sctp}.h, nf_conntrack_dccp.h
[[nodiscard]] std::span<const std::string_view> state_names(std::uint8_t protocol);

/// A state's name as the kernel writes it, "" for a number beyond the protocol's list.
[[nodiscard]] std::string_view state_name(std::uint8_t protocol, std::uint8_t state);

/// The number of a named state of this protocol.
[[nodiscard]] std::optional<std::uint8_t> parse_state(std::uint8_t protocol, std::string_view name);

/// A status flag. `bit` is its number in IPS_*; an inverted flag is shown when the bit is clear.
struct StatusFlag {
    std::string_view name;
    std::uint8_t bit;
    bool inverted;
};

/// All flags that are shown, in the order in which they are shown.
[[nodiscard]] std::span<const StatusFlag> status_flags();

/// Whether a flag holds in these status bits.
[[nodiscard]] constexpr bool holds(const StatusFlag& flag, std::uint32_t status) {
    return ((status >> flag.bit & 1) != 0) != flag.inverted;
}

/// Status bits that natstat reasons with: IPS_* of linux/netfilter/nf_conntrack_common.h.
namespace status {
inline constexpr std::uint32_t expected = 1U << 0, seen_reply = 1U << 1, assured = 1U << 2,
                               confirmed = 1U << 3, src_nat = 1U << 4, dst_nat = 1U << 5,
                               dying = 1U << 9, fixed_timeout = 1U << 10, helper = 1U << 13,
                               offload = 1U << 14, hw_offload = 1U << 15;
}

} // namespace natstat
