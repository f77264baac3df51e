// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Rates over an interval of the running kernel: what each flow carried between two lists.
#pragma once

#include "natstat/ask/request.hpp"
#include "natstat/gather/list_end.hpp"

#include <functional>

namespace natstat {

/// Where the flows of a measurement go.
struct Measured {
    std::function<void()> clear;           // what was given so far does not count
    std::function<void(const Row&)> flow;  // that is there at the end
    std::function<void(const Row&)> ended; // meanwhile; its rates alone count
};

/// Follows the kernel from one list to another, the interval of `pace` apart, and then gives the
/// flows that the filter lets through. The rates of their lives are over the interval: of a flow
/// that was there all the time between the two lists, of others from their first byte or to their
/// last. They are absent where the kernel does not count. When events are lost it begins anew. What
/// is known of the host is put into `around`. `complain` hears at once what leaves it doubtful.
/// Throws Failure.
ListEnd measure(const Pace& pace, const Filter& filter, Surroundings& around, const Measured& give,
                const Complain& complain);

} // namespace natstat
