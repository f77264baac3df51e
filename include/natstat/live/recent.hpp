// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the live view keeps of what has happened: the last steps, how many there were in each of
// the last seconds, and how flows ended a moment ago.
#pragma once

#include "natstat/live/picture.hpp"
#include "natstat/model/siphash.hpp"

#include <chrono>
#include <deque>
#include <unordered_set>
#include <vector>

namespace natstat {

/// A counter of the kernel's that only rises, since the view began and a second.
class FailureMeter {
  public:
    using Clock = std::chrono::steady_clock;
    /// Takes the counter as it is; absent: it is not told.
    Failures take(std::optional<std::uint64_t> value, Clock::time_point now);

  private:
    std::optional<std::uint64_t> first_; // as it was when the view began
    std::uint64_t before_ = 0;           // as it was when the second began
    Clock::time_point began_{};
    std::uint64_t rate_ = 0;
};

class Recent {
  public:
    /// Takes a step that is to be shown.
    void take(const Transition& step, const ExtrasPool& extras);

    /// The flows whose ends are wanted: those of these rows, and another one.
    void watch(const std::vector<ShownRow>& rows, const std::optional<ShownRow>& other);

    /// What the last seconds had is of another time: a recording was played from elsewhere.
    void forget_seconds();

    /// Called once a second; `fullness`: of the table, in tenths of a per cent, if that is known.
    void tick(std::optional<unsigned> fullness);

    /// How this flow ended, if it was watched and that was a moment ago.
    [[nodiscard]] const Transition* end_of(const Flow& flow) const;

    /// Puts into the picture what there is, of the steps the chosen ones that the filter lets
    /// through.
    void put_into(Picture& picture, const Filter& filter, StepChoice choice);

  private:
    struct Step {
        ShownStep shown;
        std::uint64_t number;
    };
    struct End {
        Transition step;
        std::chrono::steady_clock::time_point when;
    };
    std::deque<Step> steps_;
    std::uint64_t taken_ = 0; // steps
    std::uint64_t put_ = 0;   // of these, what has been put into a picture
    std::uint64_t told_ = 0;  // of these, what the filter let through
    std::unordered_set<std::uint32_t, NumberHash> watched_; // ids
    std::deque<End> ends_;
    std::deque<unsigned> created_each_, ended_each_, fullness_;
    unsigned created_ = 0, ended_ = 0;
    std::uint64_t lost_ = 0;
};

} // namespace natstat
