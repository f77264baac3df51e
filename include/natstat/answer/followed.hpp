// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a source has told the live view: the flows that there are, those that have gone, the last
// steps, and who was seen before. All of it is forgotten together.
#pragma once

#include "natstat/live/departures.hpp"
#include "natstat/live/first_seen.hpp"
#include "natstat/live/ranking.hpp"
#include "natstat/live/recent.hpp"
#include "natstat/model/tracker.hpp"

#include <algorithm>

namespace natstat {

struct Followed {
    Tracker tracker;
    FirstSeen known;
    Departures departures;
    Recent recent;
    Time began{}; // the first moment that was told; Time{}: none yet

    /// Takes what a read gave; `now` is the source's time. The steps of flows that the selection
    /// lets through are kept to be shown, and gaps. The answer is whether there were any.
    bool take(const Batch& batch, Time now, const Filter& selection, const Surroundings& around);

    /// What the view of changes, when it is shown, has to know of the time from `since` on.
    [[nodiscard]] ChangesSince changes_since(Time since) const { return {&departures, since}; }
    /// From when on all changes are known.
    [[nodiscard]] Time reach() const { return std::max(began, departures.reach()); }

  private:
    void note(const Transition& step, Time now);
};

} // namespace natstat
