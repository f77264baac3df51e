// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What became known of a flow by following it: since when, which states, how fast.
#pragma once

#include "natstat/model/source.hpp"
#include "natstat/model/state.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace natstat {

/// A state and when the flow entered it; no time where that was not seen.
struct Stay {
    StateNumber state = 0;
    std::optional<Time> since;
};

/// The history of one flow, compact because there is one for each. What was never said is absent;
/// Time{} stands for it in the fields.
struct Life {
    /// As many states are remembered: the first and the last ones.
    static constexpr std::size_t remembered = 7;

    Time seen{};        // when it was first heard of
    Time state_since{}; // when it entered its state; absent if it was in it when first heard of
    Time timeout_at{};  // when its timeout was last told
    Time counted_at{};  // since when its counters are measured for the next rates
    float rate_up = -1; // bytes a second, by tellings that far apart as rates want; -1: absent
    float rate_down = -1;
    float grown_up = 0; // bytes since `counted_at`
    float grown_down = 0;
    std::uint8_t stays : 3 = 0;
    bool created : 1 = false; // its creation was seen
    bool listed : 1 = false;  // not only events have told of it, so its counters are there, if any

    /// Notes that the flow is in `state` from `time` on, or has been before `time` if not
    /// `entered`.
    void enter(StateNumber state, Time time, bool entered);

    /// Takes the counters that `news` carries at `time` into the rates, which are taken over at
    /// least `window`; before it is merged into `known`.
    void count(const Flow& known, const Flow& news, Time time, std::chrono::nanoseconds window);

    /// The states it went through, oldest first; index below `stays`.
    [[nodiscard]] Stay stay(std::size_t index) const;

    /// The state before the present one.
    [[nodiscard]] std::optional<StateNumber> state_before() const;

  private:
    [[nodiscard]] std::uint32_t after_seen(Time time) const;

    std::array<std::uint8_t, remembered> states_{};
    /// When it entered those that it has left: milliseconds after `seen`; the largest: no.
    std::array<std::uint32_t, remembered - 1> after_ms_{};
};
static_assert(sizeof(Life) == 80);

/// How a flow came to where it is, and what stands between flows: where a stream begins and ends,
/// and what it does not know.
enum class TransitionKind : std::uint8_t {
    created,
    changed,
    ended,
    listed,  // it was there before anybody looked
    started, // somebody began to look; what was before, he does not know
    whole,   // all that was there then has been told of by now
    stopped, // he looked until here
    lost,
};

/// By the names of the enumerators.
[[nodiscard]] std::string_view transition_name(TransitionKind kind);
[[nodiscard]] std::span<const std::string_view> transition_names();

/// Whether there is a flow that it is of.
[[nodiscard]] constexpr bool is_of_flow(TransitionKind kind) {
    return kind <= TransitionKind::listed;
}

/// Whether it says where a stream begins or ends, or what it knows.
[[nodiscard]] constexpr bool is_mark(TransitionKind kind) {
    return !is_of_flow(kind) && kind != TransitionKind::lost;
}

/// Whether something that happened is missing there.
[[nodiscard]] constexpr bool is_gap(TransitionKind kind) {
    return kind == TransitionKind::lost || kind == TransitionKind::started;
}

/// One step in a flow's life, or what stands between them.
struct Transition {
    TransitionKind kind = TransitionKind::created;
    bool by_list = false;            // found in a list, so it happened some time before
    Time time{};                     // Time{}: not known
    std::optional<StateNumber> from; // the state that it left
    std::optional<StateNumber> to;   // the state that it entered
    std::optional<Ending> ending;
    std::optional<std::chrono::nanoseconds> held; // how long it was in the state that it left
    std::uint64_t lost = 0;                       // events that are missing; 0: not known how many
    Time run{};  // whole, stopped: when he had begun to look; started: the last moment before
    Flow flow{}; // as it is after the step; refers to the tracker's extras. Empty for a gap
    Life life{};
};

} // namespace natstat
