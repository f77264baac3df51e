// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is wrong, for the live view: looked for again and again, a slice at a time, each time from
// where the kernel's counters were looked at before.
#pragma once

#include "natstat/live/examination.hpp"
#include "natstat/live/rankings.hpp"

#include <memory>
#include <optional>

namespace natstat {

class Examinations {
  public:
    using Clock = RankingSchedule::Clock;
    /// So long the kernel is watched before something is said.
    static constexpr std::chrono::seconds watch{5};
    /// The share of a core that looking may take.
    static constexpr double share = 0.005;

    /// All outlive it. A file is not watched: it has no counters.
    Examinations(const Tracker& tracker, const Departures& departures, const Surroundings& around,
             bool of_kernel);

    [[nodiscard]] bool is_under_way() const { return examination_ != nullptr; }
    /// Whether another examination should begin.
    [[nodiscard]] bool is_due() const { return !is_under_way() && schedule_.is_due(Clock::now()); }
    void begin();
    /// Goes on with the one that is under way; gives what it came to when that is known.
    std::optional<Diagnosis> step();
    /// What was looked at is of another time: the next one does not wait.
    void begin_anew();

  private:
    /// What the kernel says of itself.
    struct Sample {
        Time time{};
        Clock::time_point at{};
        Health health;
    };
    [[nodiscard]] static Sample sample();
    [[nodiscard]] Circumstances circumstances();

    const Tracker& tracker_;
    const Departures& departures_;
    const Surroundings& around_;
    std::optional<Sample> before_; // absent: it is a file
    RankingSchedule schedule_{share};
    std::unique_ptr<Examination> examination_;
    Clock::duration took_{};
};

} // namespace natstat
