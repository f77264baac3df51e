// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The state models: which state a flow is in, for protocols with states of their own and for those
// without, and how a flow ended, judged by what was known of it at last.
#pragma once

#include "natstat/model/flow.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace natstat {

/// A flow's state as one number. TCP, SCTP and DCCP: the kernel's number. All others have the three
/// that conntrack's flags tell apart.
using StateNumber = std::uint8_t;
namespace stateless {
inline constexpr StateNumber unreplied = 0, replied = 1, assured = 2;
}

/// The state, as far as it was said.
[[nodiscard]] std::optional<StateNumber> state_of(const Flow& flow);

/// Whether a flowtable forwards the flow past the connection tracking, which then tells neither its
/// timeout nor its state (ctnetlink_fill_info). nft_flow_offload and act_ct take TCP that is
/// established, and no other.
[[nodiscard]] inline bool is_offloaded(const Flow& flow) {
    return flow.has(Part::status) && (flow.status & status::offload) != 0;
}

/// "OFFLOAD" or "HW_OFFLOAD", as the kernel prints it in the place of what it does not tell.
[[nodiscard]] std::string_view offload_label(const Flow& flow);

/// "ESTABLISHED", "UNREPLIED"; empty for a number that the protocol has no name for.
[[nodiscard]] std::string_view state_label(std::uint8_t protocol, StateNumber state);

/// The phase of a flow in this state; none where the protocol has no states, or the state says
/// nothing of how far it is.
[[nodiscard]] Phase phase_of(std::uint8_t protocol, StateNumber state);

/// The same of a flow; one that is offloaded is established.
[[nodiscard]] Phase phase_of(const Flow& flow);

/// How a flow ended.
enum class Ending : std::uint8_t {
    closed,   // both sides agreed (TIME_WAIT and the like ran out, or the ports were used again)
    reset,    // one side broke it off or refused it
    no_reply, // nothing ever came back
    expired,  // nothing came any more
    deleted,  // a program, or the kernel in need of room, removed it
    unknown,  // it was gone, and what happened before was not seen
};

/// "closed", "no_reply", ...
[[nodiscard]] std::string_view ending_name(Ending ending);
[[nodiscard]] std::span<const std::string_view> ending_names();

/// What was seen of a flow's end.
struct LastSight {
    bool requested = false;            // a program asked for its removal
    bool timed_out = false;            // its timeout had run out
    bool removed = false;              // it was removed while its timeout still ran
    std::optional<StateNumber> before; // the state before the last one
};

/// Judges how the flow ended. net/netfilter/nf_conntrack_proto_{tcp,sctp}.c say which packets lead
/// where; a flow that a reset answers to its first packet is removed on the spot.
[[nodiscard]] Ending ending_of(const Flow& flow, const LastSight& sight);

} // namespace natstat
