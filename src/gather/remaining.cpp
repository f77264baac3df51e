// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A tracker knows the flows; whether one matches is asked before and after each event of it.
#include "natstat/gather/remaining.hpp"

namespace natstat {

void Remaining::take(const Event& event, const ExtrasPool& extras) {
    const bool of_flow = event.kind != EventKind::list_begin && event.kind != EventKind::list_end &&
                         event.kind != EventKind::lost;
    if (of_flow && tracker_.complete())
        return take_flow(event, extras);
    tracker_.apply(event, extras, {});
    if (event.kind == EventKind::list_end)
        count_anew(event.time);
}

std::optional<std::size_t> Remaining::count() const {
    return tracker_.complete() && !tracker_.stale() ? std::optional(count_) : std::nullopt;
}

void Remaining::for_each(const std::function<void(const Row&)>& visit) const {
    for (std::size_t i = 0; i < tracker_.size(); ++i) {
        const auto& [flow, life] = tracker_[i];
        const Row row(flow, life, tracker_.extras()[flow.extras], around_);
        if (filter_.matches(row))
            visit(row);
    }
}

bool Remaining::matches(const Flow& flow, const Life& life) const {
    return filter_.matches(Row(flow, life, tracker_.extras()[flow.extras], around_));
}

bool Remaining::is_counted(const Flow& flow) const {
    const auto number = tracker_.find(flow);
    return number && matches(tracker_[*number].flow, tracker_[*number].life);
}

/// A tuple that comes again with another number ends the flow that had it; only its step tells of
/// that one.
void Remaining::take_flow(const Event& event, const ExtrasPool& extras) {
    std::size_t replaced = 0;
    const Tracker::Steps note_replaced = [&](const Transition& step) {
        if (step.kind == TransitionKind::ended && step.flow.id != event.flow.id)
            replaced += matches(step.flow, step.life) ? 1U : 0U;
    };
    const std::size_t before = is_counted(event.flow) ? 1U : 0U;
    tracker_.apply(event, extras, note_replaced);
    count_ += is_counted(event.flow) ? 1U : 0U;
    count_ -= before + replaced;
}

void Remaining::count_anew(Time now) {
    around_.now = now;
    count_ = 0;
    for_each([this](const Row&) { ++count_; });
}

} // namespace natstat
