// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Counting flows by their phase.
#pragma once

#include "natstat/model/state.hpp"

namespace natstat {

/// Counts a flow in the member of its phase; `counts` has one for each: opening, established,
/// closing.
template <typename Counts>
void count_phase(Counts& counts, Phase phase) {
    switch (phase) {
    case Phase::none:
        break;
    case Phase::opening:
        ++counts.opening;
        break;
    case Phase::established:
        ++counts.established;
        break;
    case Phase::closing:
        ++counts.closing;
        break;
    }
}

} // namespace natstat
