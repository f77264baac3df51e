// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How fast look-ups may be sent: enough at once that thousands are answered within a second or two,
// few enough that neither the socket's buffer nor a small forwarder on the NAT box itself is
// swamped (dnsmasq refuses everybody beyond 150 open queries). Time comes in as an argument;
// nothing is sent here.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace natstat {

/// Counts look-ups on their way. A young one holds a place that others wait for; one that is old (a
/// zone whose servers are dead) no longer does, up to a limit for all of them.
class LookUpPace {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using Epoch = std::int64_t;

    static constexpr std::size_t young_max = 128;
    static constexpr std::size_t all_max = 1000;
    /// A look-up is young in the epoch in which it was sent and in the next one.
    static constexpr std::chrono::milliseconds epoch_length{125};

    /// Takes note of the time; never goes back.
    void advance(Time now);

    /// Whether one more may be sent now.
    [[nodiscard]] bool room() const;

    /// One was sent; the answer is for finished().
    [[nodiscard]] Epoch sent();

    /// One that was sent in `epoch` is over, in whatever way.
    void finished(Epoch epoch);

    /// How many are on their way.
    [[nodiscard]] std::size_t under_way() const { return all_; }

  private:
    [[nodiscard]] std::size_t& young(Epoch epoch);

    Epoch now_ = 0;
    std::size_t all_ = 0;
    std::array<std::size_t, 2> young_{}; // of the current epoch and of the one before
};

} // namespace natstat
