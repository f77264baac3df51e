// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Signals that end natstat in good order. Two ways, for two kinds of loop: as a descriptor for one
// that waits on descriptors and does nothing else for long, and as an interruption for one that may
// stand in a write that nobody takes.
#pragma once

#include <csignal>
#include <initializer_list>
#include <optional>

namespace natstat {

/// Keeps signals from doing anything by themselves and gives them as a descriptor; a SIGHUP
/// that is ignored (nohup) stays so. Made before any thread is, so that none of them takes one.
class Signals {
  public:
    Signals(std::initializer_list<int> signals);
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals();

    /// Readable when one has come.
    [[nodiscard]] int fd() const { return fd_; }

    /// The next one that has come, if there is one.
    [[nodiscard]] std::optional<int> take() const;

    /// What was blocked before, for a child that is to have it so.
    [[nodiscard]] const sigset_t& mask_before() const { return before_; }

  private:
    sigset_t before_{};
    int fd_;
};

/// From here on SIGINT, SIGTERM and SIGHUP make end_is_wanted() true and interrupt what the main
/// thread waits in, again and again, so that no wait is entered unnoticed. A SIGHUP that is
/// ignored (nohup) stays so.
void end_by_signals();

[[nodiscard]] bool end_is_wanted();

} // namespace natstat
