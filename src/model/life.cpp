// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Times of states are kept as milliseconds after the flow was first seen.
#include "natstat/model/life.hpp"

#include <algorithm>
#include <limits>

namespace natstat {

namespace {

constexpr std::uint32_t no_time = std::numeric_limits<std::uint32_t>::max();
constexpr std::string_view kinds[] = {"created", "changed", "ended", "lost"};

} // namespace

void Life::enter(StateNumber state, Time time, bool entered) {
    if (stays == remembered) { // the second oldest goes
        std::copy(states_.begin() + 2, states_.end(), states_.begin() + 1);
        std::copy(after_ms_.begin() + 2, after_ms_.end(), after_ms_.begin() + 1);
        --stays;
    }
    const auto after = std::chrono::duration_cast<std::chrono::milliseconds>(time - seen).count();
    const bool known = entered && time != Time{} && after >= 0 && after < no_time;
    states_[stays] = state;
    after_ms_[stays] = known ? static_cast<std::uint32_t>(after) : no_time;
    ++stays;
    state_since = entered ? time : Time{};
}

Stay Life::stay(std::size_t index) const {
    Stay stay{states_[index], std::nullopt};
    if (after_ms_[index] != no_time)
        stay.since = seen + std::chrono::milliseconds{after_ms_[index]};
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
