// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What stands below the table of --ports: each NAT address as a whole, and what the kernel counts
// where a port could not be had; and the warning of --warn. The table itself is groups.cpp.
#pragma once

#include "natstat/ask/question.hpp"

#include "natstat/model/statistics.hpp"
#include "natstat/print/output.hpp"

#include <chrono>

namespace natstat {

/// Writes at most `limit` NAT addresses, the one with the fullest destination first, out of the
/// groups of --ports.
void print_port_report(const Groups& groups, std::size_t limit, Output& output);

/// What this kernel counts when it has no port, since boot or since the namespace was made.
class FailureCounters {
  public:
    /// Takes what happens from now on, in the place of all that has happened.
    void begin();

    /// The sentences that tell the counters and what they mean.
    [[nodiscard]] std::string text() const;

  private:
    std::optional<Statistics> before_;
    std::chrono::steady_clock::time_point begun_{};
};

/// "2 flows have NAT ports outside of 40000-40004"; without a `range` outside of the kernel's own.
[[nodiscard]] std::string outside_text(std::uint64_t flows, std::optional<NatPorts> range);

/// The sentence that says which destinations use at least so much of their ports; empty where none
/// does.
[[nodiscard]] std::string port_warning(const Groups& groups, unsigned per_cent);

} // namespace natstat
