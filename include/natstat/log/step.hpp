// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the log is told: a beginning or an end of a translation, or what stands between them.
#pragma once

#include "natstat/model/life.hpp"

namespace natstat::log {

/// A transition without what only a view of it needs: many of them wait to be written.
struct Step {
    TransitionKind kind = TransitionKind::created;
    bool by_list = false;
    bool wanted = true; // an end that nobody asked for ends what was asked for all the same
    std::optional<Ending> ending;
    std::uint64_t lost = 0;
    Time time{};
    Time run{}; // of a mark: when he who looks had begun
    Flow flow{};

    Step() = default;
    explicit Step(const Transition& step)
        : kind(step.kind), by_list(step.by_list), ending(step.ending), lost(step.lost),
          time(step.time), run(step.run), flow(step.flow) {}
};

} // namespace natstat::log
