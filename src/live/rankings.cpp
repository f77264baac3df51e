// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A slice is small enough that a key that comes meanwhile is answered at once.
#include "natstat/live/rankings.hpp"

#include <algorithm>
#include <utility>

namespace natstat {

namespace {

/// Flows that are ranked between two looks at the keyboard.
constexpr std::size_t slice = 16384;

} // namespace

void RankingSchedule::begin(Clock::time_point now) {
    began_ = now;
}

void RankingSchedule::end(Clock::duration took, Clock::duration interval) {
    rest_ = std::chrono::duration_cast<Clock::duration>(took / share_);
    next_ = began_ + std::max(interval, rest_);
}

void RankingSchedule::hurry(Clock::duration interval) {
    next_ = std::min(next_, began_ + std::max(interval / 4, rest_));
}

void Rankings::start(const std::function<Ranking()>& make, Rows kind, std::string by) {
    whole_.reset();
    under_way_.reset();
    under_way_.emplace(make());
    kind_ = kind;
    by_ = std::move(by);
    took_ = {};
    schedule.begin(Clock::now());
}

bool Rankings::step() {
    if (!under_way_)
        return false;
    const auto began = Clock::now();
    const bool whole = under_way_->advance(slice);
    took_ += Clock::now() - began;
    if (!whole)
        return false;
    whole_.emplace(std::move(*under_way_));
    under_way_.reset();
    return true;
}

void Rankings::finish(Clock::duration took, Clock::duration interval) {
    schedule.end(took_ + took, interval);
}

} // namespace natstat
