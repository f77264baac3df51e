// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Names for the numbers in a flow: protocols, their states, status flags. One table each; reading
// and writing use the same one. What natstat knows of a protocol is a row of its table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace natstat {

/// IANA protocol numbers that conntrack knows more about than their addresses.
namespace protocol {
inline constexpr std::uint8_t icmp = 1, tcp = 6, udp = 17, dccp = 33, gre = 47, icmpv6 = 58,
                              sctp = 132, udplite = 136, reserved = 255;
}

/// What the two numbers in a tuple of the protocol are.
enum class Carries : std::uint8_t { nothing, ports, keys, echo_id };

/// How far a connection is. SCTP's CLOSED is an end: an INIT leaves it at once.
enum class Phase : std::uint8_t { none, opening, established, closing };

/// net.netfilter.nf_conntrack_ and this name: the seconds that a flow lives without a packet, and
/// what the kernel sets by itself, now and before Linux 6.x where that was another number.
struct TimeoutSetting {
    std::string_view name; // empty: there is none
    std::uint64_t seconds = 0;
    std::uint64_t earlier = seconds;
};

struct ProtocolState {
    std::string_view name; // as the kernel writes it
    Phase phase;
    TimeoutSetting timeout;
};

/// One protocol: a row is all that is known of it but how its packets end it (state.cpp).
struct ProtocolKind {
    std::string_view name;
    std::uint8_t number = 0;
    Carries carries = Carries::nothing;
    bool ports_are_filtered = false; // ctnetlink_filter_match_tuple compares them
    /// By the kernel's number where the protocol has states of its own, otherwise the three of
    /// stateless (state.hpp).
    std::span<const ProtocolState> states;
    /// The attribute CTA_PROTOINFO_* whose first attribute is the state; 0: it has none of its own.
    std::uint8_t state_nest = 0;
    /// Shorter ones that a flow may live by in place of its state's.
    std::span<const TimeoutSetting> shortened{};

    [[nodiscard]] constexpr bool has_states() const { return state_nest != 0; }
};

/// All protocols with a name.
[[nodiscard]] std::span<const ProtocolKind> protocols();

/// The row of the protocol, or that of all others, which has no name.
[[nodiscard]] const ProtocolKind& protocol_kind(std::uint8_t number);

/// "tcp", "icmpv6", ...; empty for a protocol that natstat has no name for (it is shown as a
/// number).
[[nodiscard]] std::string_view protocol_name(std::uint8_t number);

/// A name (any case) or a decimal number 0 to 255.
[[nodiscard]] std::optional<std::uint8_t> parse_protocol(std::string_view text);

/// Names of the protocols with a name, for messages and completion.
[[nodiscard]] std::span<const std::string_view> protocol_names();

/// Whether the protocol has states of its own.
/// include/uapi/linux/netfilter/nf_conntrack_{tcp,sctp}.h, nf_conntrack_dccp.h
[[nodiscard]] bool has_states(std::uint8_t protocol);

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
/// No bit of the kernel's: a source did not tell whether the flow is assured, although it told the
/// rest. Text that prints [OFFLOAD] in the place of [ASSURED] does that.
inline constexpr std::uint32_t assured_untold = 1U << 31;
} // namespace status

} // namespace natstat
