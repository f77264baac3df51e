// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The steps of the flows that are asked for, as they happen: printed as rows, which is what
// --events does, told to a collector, and kept in a log. For programs the rows are a log that can
// be read again, alone or behind others in one file: it says where it begins, which flows were
// there before, when that is all told, and where it ends on purpose. Of a part of a file's time the
// steps in it are told, by what was known then: as the log of somebody who began to look there.
#pragma once

#include "natstat/answer/nat_export.hpp"
#include "natstat/answer/nat_log.hpp"
#include "natstat/answer/step_printer.hpp"
#include "natstat/ask/request.hpp"
#include "natstat/gather/extent.hpp"
#include "natstat/gather/gaps.hpp"
#include "natstat/model/tracker.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace natstat {

class StepStream {
  public:
    /// `from`: what is read, and which part of its time. What is printed goes to `output`.
    /// `complain` hears of what a collector misses. What is given outlives it; `who` may be null.
    StepStream(FollowRequest::Steps& steps, const From& from, Output& output, Who* who,
               const Complain& complain);

    /// Prints and tells what follows from the batch, all that the source has said since the one
    /// before, and hands it over. Throws what the output throws, and Failure when the source does
    /// not tell what the question needs.
    void take(const Batch& batch, const Source& source);

    /// Ends it; where the kernel was followed, that is said. Says in the answer what a collector
    /// has missed, and what is not known of the time asked for. Throws Failure when a file tells
    /// nothing of that.
    void finish(Answer& answer);

    /// Null where no collector is told.
    [[nodiscard]] NatExport* exported() { return export_ ? &*export_ : nullptr; }
    /// Null where no log is kept.
    [[nodiscard]] NatLog* kept() { return log_ ? &*log_ : nullptr; }

  private:
    /// Of a part of a file's time.
    struct Stretch {
        Moment within;
        Extent extent{within};
        Gaps gaps{within};
    };

    void take(const Event& event, const ExtrasPool& extras);
    void begin(const Event& first);
    void look_around(const Source& source);
    void hand_over(const Batch& batch);
    void log_all();
    void tell(const Transition& step);
    void print_mark(Transition mark);
    void note_loss();
    [[nodiscard]] bool is_within(Time time) const;
    [[nodiscard]] bool is_wanted(const Transition& step, const Row& row) const;

    Question& question_;
    std::string selection_;
    std::string file_;            // for messages; empty: the kernel
    std::optional<Stretch> part_; // absent: all of it
    Who* who_;
    const Complain& complain_;
    std::optional<StepPrinter> printer_;
    std::optional<NatExport> export_;
    std::optional<NatLog> log_;
    Surroundings around_;
    std::optional<std::vector<Address>> told_addresses_;
    std::uint64_t losses_ = 0;
    Tracker tracker_;
    Tracker::Steps tell_ = [this](const Transition& step) { tell(step); };
    bool begun_ = false;
    bool begun_within_ = false; // in the midst of a run
    Time run_{};                // when it began, as far as that is known
    Time last_{};               // the last moment that was told
};

} // namespace natstat
