// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "list_schedule.hpp"

#include <algorithm>

namespace natstat {

namespace {

using std::chrono::nanoseconds;

/// Whatever was lost goes on being lost for a while.
constexpr nanoseconds shortest_pause = std::chrono::milliseconds{250};
/// Longer waits are of no use, and sums with them would overflow.
constexpr nanoseconds longest_wait = std::chrono::hours{24};

} // namespace

void ListSchedule::started(Instant now) {
    start_ = now;
    under_way_ = true;
    asked_ = false;
    repair_ = false;
}

void ListSchedule::ended(Instant now) {
    end_ = now;
    under_way_ = false;
}

std::optional<ListSchedule::Instant> ListSchedule::due() const {
    if (under_way_ || waits_)
        return std::nullopt;
    if (asked_)
        return end_;
    const nanoseconds took = end_ - start_;
    const auto longest = static_cast<double>(longest_wait.count());
    const double fair = share_ > 0 ? static_cast<double>(took.count()) / share_ : longest;
    const nanoseconds wait =
        std::max(std::min(period_, longest_wait),
                 nanoseconds{static_cast<nanoseconds::rep>(std::min(fair, longest))});
    const Instant regular = start_ + wait;
    return repair_ ? std::min(regular, end_ + std::max(shortest_pause, took)) : regular;
}

} // namespace natstat
