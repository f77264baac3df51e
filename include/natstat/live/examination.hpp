// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is wrong, as --diagnose finds it, of the flows that the live view follows: a slice at a
// time, as they are ranked. What began and ended is known already, so that nothing has to be waited
// for.
#pragma once

#include "natstat/diagnose/ailment.hpp"
#include "natstat/live/departures.hpp"

#include <memory>
#include <vector>

namespace natstat {

/// What an examination came to. It knows nothing of what it was made of.
struct Diagnosis {
    Time time{};                             // of the end of the watch
    std::chrono::duration<double> length{0}; // of it; 0: a single look, at a file
    std::vector<Ailment> found;              // the worst first
    std::string state;                       // of the table as a whole; empty: not known
    std::vector<Untold> untold;              // what could not be told
};

/// What is told beside the flows, all of one watch.
struct Circumstances {
    Time since{}; // the watch began; of a file there is none
    std::optional<Health> before, after;
    std::chrono::duration<double> length{0};
    NatRules rules{};
    std::vector<Address> silent{};
    bool lost = false; // events were, in the watch
};

class Examination {
  public:
    /// The tracker, the departures and `around` outlive it; they may change between two calls, as
    /// with a Ranking. Without a health after the watch it is about a file.
    Examination(const Tracker& tracker, const Departures& departures, const Surroundings& around,
                Circumstances circumstances);

    /// Looks at so many more flows; true when all have been looked at, and a second time where NAT
    /// ports run out, for who holds them.
    bool advance(std::size_t count);
    /// What that came to.
    [[nodiscard]] Diagnosis result() const;

  private:
    void add_flow(std::size_t number);
    bool advance_holders(std::size_t count);
    [[nodiscard]] Row row_of(std::size_t number) const;
    [[nodiscard]] std::vector<std::uint32_t> pools_found() const;
    void add_departed(const Departed& gone);
    [[nodiscard]] bool is_of_watch(const Life& life) const;

    const Tracker& tracker_;
    const Departures& departures_;
    const Surroundings& around_;
    Time since_;
    Time began_;
    Watch watch_;
    Evidence evidence_; // refers to the watch
    std::size_t next_ = 0;
    bool is_whole_ = false; // what is wrong is known, but for who holds the ports of NAT
    std::size_t next_holder_ = 0;
    std::vector<std::uint32_t> pools_; // whose ports run out, in the order of their numbers
};

} // namespace natstat
