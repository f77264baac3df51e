// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One judgement for each protocol with states, one for all others.
#include "natstat/model/state.hpp"

#include "natstat/model/protocol.hpp"

namespace natstat {

namespace {

constexpr std::string_view endings[] = {"closed",  "reset",   "no_reply",
                                        "expired", "deleted", "unknown"};

// The kernel's numbers: enum tcp_conntrack, sctp_conntrack, ct_dccp_states.
namespace tcp {
constexpr StateNumber syn_sent = 1, last_ack = 6, time_wait = 7, close = 8, syn_sent2 = 9;
}
namespace sctp {
constexpr StateNumber closed = 1, shutdown_sent = 5, shutdown_ack_sent = 7;
}
namespace dccp {
constexpr StateNumber closereq = 5, timewait = 7;
}

bool was_answered(const Flow& flow) {
    return flow.has(Part::status) && (flow.status & status::seen_reply) != 0;
}

bool was_left_unanswered(const Flow& flow) {
    return flow.has(Part::status) && (flow.status & status::seen_reply) == 0;
}

/// What is true when the protocol's state says nothing better.
Ending by_timeout(const Flow& flow, const LastSight& sight) {
    if (sight.removed)
        return Ending::deleted;
    if (!sight.timed_out)
        return Ending::unknown;
    return was_left_unanswered(flow) ? Ending::no_reply : Ending::expired;
}

/// Both sides have sent their FIN.
bool has_closed(StateNumber state) {
    return state == tcp::last_ack || state == tcp::time_wait;
}

Ending tcp_ending(const Flow& flow, const LastSight& sight) {
    switch (flow.state) {
    case tcp::last_ack:
    case tcp::time_wait:
        return Ending::closed;
    case tcp::close: // a reset that comes after both have closed breaks nothing off
        return has_closed(sight.before.value_or(tcp::close)) ? Ending::closed : Ending::reset;
    case tcp::syn_sent: // nf_conntrack_tcp_packet: a reset in answer kills the entry at once
    case tcp::syn_sent2: {
        const bool nothing_came = flow.has(Part::counters_down) && flow.packets_down == 0;
        return sight.removed && !nothing_came ? Ending::reset : by_timeout(flow, sight);
    }
    default:
        return by_timeout(flow, sight);
    }
}

/// CLOSED is where an association begins, where an orderly shutdown leads and where an abort does.
Ending sctp_ending(const Flow& flow, const LastSight& sight) {
    const auto in_shutdown = [](std::optional<StateNumber> state) {
        return state && *state >= sctp::shutdown_sent && *state <= sctp::shutdown_ack_sent;
    };
    if (flow.state == sctp::closed && was_answered(flow) && sight.before)
        return in_shutdown(sight.before) ? Ending::closed : Ending::reset;
    if (flow.state == sctp::shutdown_ack_sent)
        return Ending::closed;
    return by_timeout(flow, sight);
}

Ending dccp_ending(const Flow& flow, const LastSight& sight) {
    return flow.state >= dccp::closereq && flow.state <= dccp::timewait ? Ending::closed
                                                                        : by_timeout(flow, sight);
}

/// A protocol with states of which none was told: kernels before 5.13 leave it out at the end. Only
/// that nothing ever came back shows without it.
Ending without_state(const Flow& flow, const LastSight& sight) {
    const bool nothing_came = flow.has(Part::counters_down) && flow.packets_down == 0;
    return sight.removed || (nothing_came && was_left_unanswered(flow)) ? by_timeout(flow, sight)
                                                                        : Ending::unknown;
}

} // namespace

std::optional<StateNumber> state_of(const Flow& flow) {
    if (flow.has(Part::state))
        return flow.state;
    if (has_states(flow.protocol) || !flow.has(Part::status))
        return std::nullopt;
    if ((flow.status & status::seen_reply) == 0)
        return stateless::unreplied;
    if ((flow.status & status::assured_untold) != 0)
        return std::nullopt;
    return (flow.status & status::assured) != 0 ? stateless::assured : stateless::replied;
}

std::string_view offload_label(const Flow& flow) {
    return (flow.status & status::hw_offload) != 0 ? "HW_OFFLOAD" : "OFFLOAD";
}

std::string_view state_label(std::uint8_t protocol, StateNumber state) {
    const auto states = protocol_kind(protocol).states;
    return state < states.size() ? states[state].name : std::string_view{};
}

Phase phase_of(std::uint8_t protocol, StateNumber state) {
    const auto states = protocol_kind(protocol).states;
    return state < states.size() ? states[state].phase : Phase::none;
}

Phase phase_of(const Flow& flow) {
    const auto state = state_of(flow);
    if (!state && is_offloaded(flow) && flow.protocol == protocol::tcp)
        return Phase::established;
    return state ? phase_of(flow.protocol, *state) : Phase::none;
}

std::string_view ending_name(Ending ending) {
    return endings[static_cast<std::size_t>(ending)];
}

std::span<const std::string_view> ending_names() {
    return endings;
}

Ending ending_of(const Flow& flow, const LastSight& sight) {
    if (sight.requested)
        return Ending::deleted;
    if (flow.has(Part::state)) {
        switch (flow.protocol) {
        case protocol::tcp:
            return tcp_ending(flow, sight);
        case protocol::sctp:
            return sctp_ending(flow, sight);
        case protocol::dccp:
            return dccp_ending(flow, sight);
        default:
            break;
        }
    }
    return !has_states(flow.protocol) ? by_timeout(flow, sight) : without_state(flow, sight);
}

} // namespace natstat
