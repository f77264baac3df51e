// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Reads a LiveSource until something has been seen, and keeps all that it said.
#pragma once

#include "natstat/intake/live_source.hpp"
#include "natstat/model/flow.hpp"
#include "tests/catch.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <vector>

#include <poll.h>

namespace natstat::test {

class Follower {
  public:
    /// What has not come after this will not: a machine may be slow or busy.
    static constexpr std::chrono::seconds patience{400};

    explicit Follower(const LiveSettings& settings, Tap* tap = nullptr) : source(settings, tap) {}

    /// Reads once; false when there was nothing more to read.
    bool read() {
        const bool more = source.read(batch_) == Progress::more;
        CHECK(batch_.odd == 0);
        foreign += batch_.foreign;
        for (const Event& event : batch_.events)
            ++counts_[static_cast<std::size_t>(event.kind)];
        seen.insert(seen.end(), batch_.events.begin(), batch_.events.end());
        batch_.clear();
        ++reads;
        return more;
    }

    /// Reads and waits until `enough()`, which it looks at after each read.
    template <typename Enough>
    void read_until(Enough enough) {
        const auto limit = std::chrono::steady_clock::now() + patience;
        while (!enough()) {
            REQUIRE(std::chrono::steady_clock::now() < limit);
            if (read() || enough())
                continue;
            pollfd wait{source.fd(), POLLIN, 0};
            poll(&wait, 1, 1000);
        }
    }

    /// Until there are so many lists that have ended.
    void read_lists(std::size_t number) {
        read_until([&] { return count(EventKind::list_end) >= number; });
    }

    /// How many there were since the beginning.
    [[nodiscard]] std::size_t count(EventKind kind) const {
        return counts_[static_cast<std::size_t>(kind)];
    }

    LiveSource source;
    std::vector<Event> seen;
    std::size_t reads = 0;
    std::uint64_t foreign = 0; // messages of other processes, so far

  private:
    Batch batch_;
    std::array<std::size_t, static_cast<std::size_t>(EventKind::lost) + 1> counts_{};
};

} // namespace natstat::test
