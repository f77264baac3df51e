// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The tracker tells the steps, and the others live of them.
#include "natstat/answer/followed.hpp"

namespace natstat {

bool Followed::take(const Batch& batch, Time now, const Filter& selection,
                    const Surroundings& around) {
    bool happened = false;
    const Tracker::Steps keep = [&](const Transition& step) {
        note(step, step.time == Time{} ? now : step.time);
        const Row row(step, tracker.extras()[step.flow.extras], around);
        if (!is_gap(step.kind) && !(is_of_flow(step.kind) && selection.matches(row)))
            return;
        recent.take(step, tracker.extras());
        happened = true;
    };
    if (began == Time{} && !batch.events.empty())
        began = now;
    for (const Event& event : batch.events) {
        if (event.kind == EventKind::listed && !tracker.complete())
            known.take(event.flow, Time{});
        tracker.apply(event, batch.extras, keep);
    }
    return happened;
}

void Followed::note(const Transition& step, Time now) {
    if (step.kind == TransitionKind::created)
        known.take(step.flow, now);
    if (step.kind == TransitionKind::ended)
        departures.take(step, tracker.extras(), now);
}

} // namespace natstat
