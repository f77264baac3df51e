// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// When the table is ranked anew, and what came of it last. Rankings follow each other in the
// interval, but never take more than a small share of a core, however large the table is.
#pragma once

#include "natstat/live/rows.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace natstat {

/// When the next ranking begins. Pure: it is told the time.
class RankingSchedule {
  public:
    using Clock = std::chrono::steady_clock;
    /// The share of a core that ranking may take.
    static constexpr double usual_share = 0.015;
    explicit RankingSchedule(double share = usual_share) : share_(share) {}

    [[nodiscard]] bool is_due(Clock::time_point now) const { return now >= next_; }
    /// A ranking begins.
    void begin(Clock::time_point now);
    /// It is whole and took so long; the next one comes after the interval and after the rest that
    /// its share makes of it.
    void end(Clock::duration took, Clock::duration interval);
    /// Something happened: what there is to see is not to wait for the whole interval.
    void hurry(Clock::duration interval);
    /// The next one does not wait.
    void at_once() { next_ = {}; }

  private:
    double share_;
    Clock::time_point began_{};
    Clock::time_point next_{};
    Clock::duration rest_{}; // between two rankings, at least
};

/// The ranking that is under way, a slice at a time, and the last one that is whole.
class Rankings {
  public:
    using Clock = RankingSchedule::Clock;

    RankingSchedule schedule;

    [[nodiscard]] bool is_under_way() const { return under_way_.has_value(); }
    /// Begins with one that is made when what there was is gone: a table is ranked once at a time,
    /// for the memory's sake.
    void start(const std::function<Ranking()>& make, Rows kind, std::string by);
    /// Goes on with the one that is under way; true when it has become whole.
    bool step();
    /// What was done with the whole ranking took so long, too; the next one is due later.
    void finish(Clock::duration took, Clock::duration interval);

    /// The last one that is whole; null while another one is under way, and before the first.
    [[nodiscard]] Ranking* whole() { return whole_ ? &*whole_ : nullptr; }
    /// What its rows are, and for Rows::groups by which column.
    [[nodiscard]] Rows kind() const { return kind_; }
    [[nodiscard]] const std::string& by() const { return by_; }

  private:
    std::optional<Ranking> under_way_;
    std::optional<Ranking> whole_;
    Rows kind_ = Rows::flows;
    std::string by_;
    Clock::duration took_{};
};

} // namespace natstat
