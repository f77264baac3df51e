// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The steps of the flows that are asked for, as they happen: printed as rows, which is what
// --events does, told to a collector, and kept in a log. For programs the rows are a log that can
// be read again, alone or behind others in one file: it says where it begins, which flows were
// there before, when that is all told, and where it ends on purpose.
#pragma once

#include "natstat/answer/nat_export.hpp"
#include "natstat/answer/nat_log.hpp"
#include "natstat/answer/step_printer.hpp"
#include "natstat/ask/request.hpp"
#include "natstat/model/tracker.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace natstat {

class StepStream {
  public:
    /// `file` is what is read, for messages; empty: the kernel. What is printed goes to `output`.
    /// `complain` hears of what a collector misses. What is given outlives it; `who` may be null.
    StepStream(FollowRequest::Steps& steps, std::string file, Output& output, Who* who,
               const Complain& complain);

    /// Prints and tells what follows from the batch, all that the source has said since the one
    /// before, and hands it over. Throws what the output throws, and Failure when the source does
    /// not tell what the question needs.
    void take(const Batch& batch, const Source& source);

    /// Ends it; where the kernel was followed, that is said. Says in the answer what a collector
    /// has missed.
    void finish(Answer& answer);

    /// Null where no collector is told.
    [[nodiscard]] NatExport* exported() { return export_ ? &*export_ : nullptr; }
    /// Null where no log is kept.
    [[nodiscard]] NatLog* kept() { return log_ ? &*log_ : nullptr; }

  private:
    void begin(const Event& first);
    void look_around(const Source& source);
    void hand_over(const Batch& batch);
    void log_all();
    void tell(const Transition& step);
    void print_mark(Transition mark);
    void note_loss();
    [[nodiscard]] bool is_wanted(const Transition& step, const Row& row) const;

    Question& question_;
    std::string selection_;
    std::string file_;
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
    Time run_{};  // when it began, as far as that is known
    Time last_{}; // the last moment that was told
};

} // namespace natstat
