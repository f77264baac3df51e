// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a tracker holds, and events in a word, for tests.
#pragma once

#include "natstat/model/tracker.hpp"

#include <vector>

namespace natstat::test {

inline std::vector<Flow> flows_of(const Tracker& tracker) {
    std::vector<Flow> flows;
    for (std::size_t i = 0; i < tracker.size(); ++i)
        flows.push_back(tracker[i].flow);
    return flows;
}

inline Event event_of(EventKind kind, const Flow& flow = Flow{}, Time time = Time{}) {
    Event event;
    event.kind = kind;
    event.time = time;
    event.flow = flow;
    return event;
}

} // namespace natstat::test
