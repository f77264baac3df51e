// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A flow's life tells since when it is known, which a watch would have to be told by events.
#include "natstat/live/examination.hpp"

#include <algorithm>
#include <utility>

namespace natstat {

Examination::Examination(const Tracker& tracker, const Departures& departures,
                         const Surroundings& around, Circumstances circumstances)
    : tracker_(tracker), departures_(departures), around_(around), since_(circumstances.since),
      began_(around.now), watch_(around), evidence_{watch_} {
    evidence_.before = std::move(circumstances.before);
    evidence_.after = std::move(circumstances.after);
    evidence_.length = circumstances.length;
    evidence_.rules = std::move(circumstances.rules);
    evidence_.silent = std::move(circumstances.silent);
    evidence_.of_kernel = evidence_.after.has_value();
    if (circumstances.lost)
        watch_.lost();
}

bool Examination::is_of_watch(const Life& life) const {
    return evidence_.of_kernel && life.created && life.seen >= since_;
}

bool Examination::advance(std::size_t count) {
    const std::size_t end = std::min(tracker_.size(), next_ + count);
    for (; next_ < end; ++next_)
        add_flow(next_);
    if (next_ < tracker_.size())
        return false;
    if (evidence_.of_kernel)
        for (auto number = departures_.first_since(since_); number < departures_.end(); ++number)
            add_departed(departures_[number]);
    return true;
}

void Examination::add_flow(std::size_t number) {
    const auto& [flow, life] = tracker_[number];
    if (is_of_watch(life))
        watch_.begun(flow, life.seen);
    watch_.add(Row(flow, life, tracker_.extras()[flow.extras], around_), true);
}

/// A reset that answers the first packet ends the flow at once, and is not counted as an answer
/// (nf_conntrack_tcp_packet).
void Examination::add_departed(const Departed& gone) {
    if (is_of_watch(gone.life))
        watch_.begun(gone.flow, gone.life.seen);
    if (gone.ending == Ending::reset && (gone.flow.status & status::seen_reply) == 0)
        watch_.refused(gone.row(around_), true);
}

Diagnosis Examination::result() const {
    Diagnosis diagnosis{began_, evidence_.length, diagnose(evidence_), general_state(evidence_),
                        can_not_tell(evidence_)};
    for (Ailment& each : diagnosis.found)
        each.parts = nullptr; // which go with the watch
    return diagnosis;
}

} // namespace natstat
