// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The NAT log on the box: translations in a directory, an SQLite file for each day of UTC, with an
// index by what the outside sees. What is told is kept until a thread has written it, once a
// second, so that nobody who listens waits for a disk. docs/nat-log.md has the tables.
#pragma once

#include "natstat/log/step.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace natstat::log {

/// What is kept beside the file that is written; absent: all.
struct Keep {
    std::optional<unsigned> days{};
    std::optional<std::uint64_t> bytes{}; // of all files, with the one that is written
};

struct Settings {
    std::string directory;
    std::string flows; // which ones are told of, in words; empty: all
    Keep keep{};
    bool waits = false;                     // who tells can wait for room: it is no kernel
    std::size_t room = 400'000;             // steps that wait to be written
    std::chrono::milliseconds period{1000}; // between two transactions
};

class Writer {
  public:
    /// Takes the directory for itself, and makes the file of this day where it `waits` not. Throws
    /// Failure.
    Writer(Settings settings, Time now);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Keeps a step of a flow that is translated, or a mark. A beginning is a flow's first.
    void add(const Step& step);

    /// Until then all has been told. What is due goes to the thread.
    void pass(Time now);

    /// Milliseconds until pass() has something to do by itself.
    [[nodiscard]] int patience() const;

    /// What could not be kept is missing, and now there is room again: whoever tells does so anew,
    /// from the mark that somebody begins to look on. Once.
    [[nodiscard]] bool wants_all();

    /// Sentences that have not been taken yet.
    [[nodiscard]] std::vector<std::string> news();

    /// Writes the rest. Throws Failure when that does not go.
    void finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace natstat::log
