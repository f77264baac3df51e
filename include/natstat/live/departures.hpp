// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The flows that ended a while ago, so that it can be asked what has changed, by every column and
// filter. So many are kept as five minutes of a busy box have; where more ended, it is known how
// far back they reach.
#pragma once

#include "natstat/live/ranking.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

namespace natstat {

/// A flow that is there no more, as it was when it ended.
struct Departed {
    Flow flow{};
    std::shared_ptr<const Extras> extras; // null: none
    Life life{};
    Time ended{};
    std::optional<Ending> ending; // absent: nobody knows how

    /// It was refused or broken off, or nothing ever came back.
    [[nodiscard]] bool failed() const {
        return ending == Ending::reset || ending == Ending::no_reply;
    }
    /// This outlives the row.
    [[nodiscard]] Row row(const Surroundings& around) const;
};

class Departures {
  public:
    explicit Departures(std::size_t kept = 65'536) : kept_(kept) {}

    /// Takes the end of a flow; `now` is when it was told, for a step that does not say when it
    /// happened.
    void take(const Transition& step, const ExtrasPool& extras, Time now);

    /// The numbers of those that are kept: from first() to end() - 1, in the order in which they
    /// ended.
    [[nodiscard]] std::uint64_t first() const { return end_ - flows_.size(); }
    [[nodiscard]] std::uint64_t end() const { return end_; }
    [[nodiscard]] const Departed& operator[](std::uint64_t number) const {
        return flows_[number - first()];
    }
    /// Those that ended from `since` on are first_since() to end() - 1.
    [[nodiscard]] std::uint64_t first_since(Time since) const;
    /// Whatever ended later than this is kept; Time{}: all are.
    [[nodiscard]] Time reach() const { return reach_; }

  private:
    std::size_t kept_;
    std::deque<Departed> flows_;
    std::uint64_t end_ = 0;
    Time reach_{};
};

} // namespace natstat
