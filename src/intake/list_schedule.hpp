// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// When the next list of a followed table is due. It reads no clock; time comes in as arguments.
#pragma once

#include <chrono>
#include <optional>

namespace natstat {

class ListSchedule {
  public:
    using Instant = std::chrono::steady_clock::time_point;

    /// `period` from start to start, longer when the lists would take more than `share` of the
    /// time. The first list is due at once, or (`at_once`) when it is asked for.
    ListSchedule(std::chrono::nanoseconds period, double share, bool at_once = true)
        : period_(period), share_(share), asked_(at_once), waits_(!at_once) {}

    /// A list is due as soon as none is under way.
    void ask() {
        asked_ = true;
        waits_ = false;
    }
    /// What is known is no longer right: a list is due soon, and at least half of the time is left
    /// for other things.
    void repair() { repair_ = true; }

    void started(Instant now);
    void ended(Instant now);

    [[nodiscard]] bool under_way() const { return under_way_; }
    /// Nothing while a list is under way. A moment that has passed is as good as now.
    [[nodiscard]] std::optional<Instant> due() const;

  private:
    std::chrono::nanoseconds period_;
    double share_;
    bool asked_;
    bool waits_; // for the first question for one
    bool repair_ = false;
    bool under_way_ = false;
    Instant start_;
    Instant end_;
};

} // namespace natstat
