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
    watch_.count_holders_later();
}

bool Examination::is_of_watch(const Life& life) const {
    return evidence_.of_kernel && life.created && life.seen >= since_;
}

bool Examination::advance(std::size_t count) {
    if (is_whole_)
        return advance_holders(count);
    const std::size_t end = std::min(tracker_.size(), next_ + count);
    for (; next_ < end; ++next_)
        add_flow(next_);
    if (next_ < tracker_.size())
        return false;
    if (evidence_.of_kernel)
        for (auto number = departures_.first_since(since_); number < departures_.end(); ++number)
            add_departed(departures_[number]);
    is_whole_ = true;
    pools_ = pools_found();
    return pools_.empty();
}

bool Examination::advance_holders(std::size_t count) {
    const std::size_t end = std::min(tracker_.size(), next_holder_ + count);
    for (; next_holder_ < end; ++next_holder_)
        watch_.add_holder(row_of(next_holder_), pools_);
    return next_holder_ >= tracker_.size();
}

std::vector<std::uint32_t> Examination::pools_found() const {
    std::vector<std::uint32_t> numbers;
    for (const Ailment& each : diagnose(evidence_))
        if (each.parts == &watch_.parts_of_pools())
            numbers.push_back(each.part_of);
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

Row Examination::row_of(std::size_t number) const {
    const auto& [flow, life] = tracker_[number];
    return {flow, life, tracker_.extras()[flow.extras], around_};
}

void Examination::add_flow(std::size_t number) {
    const auto& [flow, life] = tracker_[number];
    if (is_of_watch(life))
        watch_.begun(flow, life.seen);
    watch_.add(row_of(number), true);
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
