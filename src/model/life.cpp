// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Times of states are kept as milliseconds after the flow was first seen; rates are taken between
// tellings.
#include "natstat/model/life.hpp"

#include <algorithm>
#include <limits>

namespace natstat {

namespace {

constexpr std::uint32_t no_time = std::numeric_limits<std::uint32_t>::max();

/// Less than nothing where a counter went back, which then outweighs all else.
float growth(std::uint64_t before, std::uint64_t now) {
    return now < before ? -std::numeric_limits<float>::infinity()
                        : static_cast<float>(now - before);
}

float rate(float grown, std::chrono::duration<float> between) {
    return grown < 0 ? -1 : grown / between.count();
}

constexpr std::string_view kinds[] = {"created", "changed", "ended",   "listed",
                                      "started", "whole",   "stopped", "lost"};

} // namespace

std::uint32_t Life::after_seen(Time time) const {
    const auto after = std::chrono::duration_cast<std::chrono::milliseconds>(time - seen).count();
    const bool known = time != Time{} && after >= 0 && after < no_time;
    return known ? static_cast<std::uint32_t>(after) : no_time;
}

void Life::enter(StateNumber state, Time time, bool entered) {
    if (stays == remembered) { // the second oldest goes
        std::copy(states_.begin() + 2, states_.end(), states_.begin() + 1);
        std::copy(after_ms_.begin() + 2, after_ms_.end(), after_ms_.begin() + 1);
        --stays;
    }
    if (stays > 0)
        after_ms_[stays - 1U] = after_seen(state_since);
    states_[stays++] = state;
    state_since = entered ? time : Time{};
}

void Life::count(const Flow& known, const Flow& news, Time time, std::chrono::nanoseconds window) {
    const std::chrono::duration<float> between = time - counted_at;
    const bool counted = counted_at != Time{} && known.has(Part::counters_up);
    if (counted && between.count() >= 0) { // a clock that was set back begins anew
        grown_up += growth(known.bytes_up, news.bytes_up);
        grown_down += growth(known.bytes_down, news.bytes_down);
        if (between < window)
            return;
        rate_up = rate(grown_up, between);
        rate_down = rate(grown_down, between);
    }
    counted_at = time;
    grown_up = grown_down = 0;
}

Stay Life::stay(std::size_t index) const {
    Stay stay{states_[index], std::nullopt};
    if (index + 1U == stays) {
        if (state_since != Time{})
            stay.since = state_since;
    } else if (after_ms_[index] != no_time) {
        stay.since = seen + std::chrono::milliseconds{after_ms_[index]};
    }
    return stay;
}

std::optional<StateNumber> Life::state_before() const {
    return stays < 2 ? std::nullopt : std::optional(states_[stays - 2U]);
}

std::string_view transition_name(TransitionKind kind) {
    return kinds[static_cast<std::size_t>(kind)];
}

std::span<const std::string_view> transition_names() {
    return kinds;
}

} // namespace natstat
