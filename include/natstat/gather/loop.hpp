// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The one loop over a source: a batch is read, something is done with it, and where there is
// nothing more the source is waited for. Callers differ in what they do with a batch and in how
// long they wait. (The live view does not stand in it: it waits for keys as well.)
#pragma once

#include "natstat/model/source.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace natstat {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Waits until the source has something to tell, until that moment at most.
void wait_for(const Source& source, std::optional<SteadyTime> until = std::nullopt);

/// Waits as long as it takes.
struct WaitAlways {
    bool operator()(const Source& source, bool more) const {
        if (!more)
            wait_for(source);
        return true;
    }
};

/// Waits until a moment, which ends the reading.
struct WaitUntil {
    SteadyTime end;
    bool operator()(const Source& source, bool more) const {
        if (!more)
            wait_for(source, end);
        return std::chrono::steady_clock::now() < end;
    }
};

/// What came and is not among the events.
struct PassedOver {
    std::uint64_t odd = 0;     // was not understood
    std::uint64_t foreign = 0; // another process sent it, not the kernel

    PassedOver& operator+=(const PassedOver& more) {
        odd += more.odd;
        foreign += more.foreign;
        return *this;
    }
};

/// Reads until the source ends, `take` wants no more, or `wait` wants an end. `take(batch)` says
/// whether it wants more; `wait(source, more)` whether to go on, and does not wait where there is
/// `more` at once. Gives what was passed over.
template <typename Take, typename Wait = WaitAlways>
PassedOver each_batch(Source& source, Take&& take, Wait&& wait = {}) {
    PassedOver passed_over;
    Batch batch;
    while (true) {
        batch.clear();
        const Progress progress = source.read(batch);
        passed_over += {batch.odd, batch.foreign};
        if (!take(std::as_const(batch)) || progress == Progress::ended ||
            !wait(std::as_const(source), progress == Progress::more))
            return passed_over;
    }
}

/// The same, event by event, with what hangs on its flow.
template <typename Take>
PassedOver each_event(Source& source, Take&& take) {
    return each_batch(source, [&](const Batch& batch) {
        for (const Event& event : batch.events)
            take(event, batch.extras);
        return true;
    });
}

} // namespace natstat
