// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// poll(2), with the descriptor that the source has at that moment.
#include "natstat/gather/loop.hpp"

#include <algorithm>
#include <poll.h>

namespace natstat {

void wait_for(const Source& source, std::optional<SteadyTime> until) {
    using std::chrono::milliseconds;
    int timeout = -1;
    if (until) {
        constexpr milliseconds longest = std::chrono::hours{1}; // callers look again
        const auto left =
            std::chrono::ceil<milliseconds>(*until - std::chrono::steady_clock::now());
        timeout = static_cast<int>(std::clamp(left, milliseconds{0}, longest).count());
    }
    pollfd wanted{source.fd(), POLLIN, 0};
    poll(&wanted, 1, timeout);
}

} // namespace natstat
