// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The steps of flows as rows, as they happen: what --events prints. For programs the stream is a
// log that can be read again, alone or behind others in one file: it says where it begins, which
// flows were there before, when that is all told, and where it ends on purpose.
#pragma once

#include "natstat/answer/printing.hpp"
#include "natstat/ask/request.hpp"
#include "natstat/model/tracker.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace natstat {

class StepStream {
  public:
    /// `file` is what is read, for messages; empty: the kernel. What is given outlives it; `who` may
    /// be null.
    StepStream(FollowRequest::Steps& steps, std::string file, Output& output,
               const Who* who = nullptr);

    /// Prints what follows from the batch, all that the source has said since the one before, and
    /// hands it over. Throws what the output throws, and Failure when the source does not tell what
    /// the question needs.
    void take(const Batch& batch, const Source& source);

    /// Ends it. Where the kernel was followed, that is said.
    void finish();

  private:
    void begin(const Event& first);
    void look_around(const Source& source);
    void print(const Transition& step);
    [[nodiscard]] bool is_wanted(const Transition& step, const Row& row) const;

    Question& question_;
    std::string selection_;
    std::string file_;
    Output& output_;
    Printing printing_;
    std::unique_ptr<Printer> printer_;
    Surroundings around_;
    std::optional<std::vector<Address>> told_addresses_;
    Tracker tracker_;
    Tracker::Steps print_ = [this](const Transition& step) { print(step); };
    bool begun_ = false;
    Time run_{};  // when it began, as far as that is known
    Time last_{}; // the last moment that was told
};

} // namespace natstat
