// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Where the secret of a run comes from.
#include "natstat/model/siphash.hpp"

#include "natstat/model/source.hpp"

#include <cerrno>

#include <sys/random.h>

namespace natstat {

const HashKey& run_key() {
    static const HashKey key = [] {
        HashKey drawn;
        // So few bytes come whole and are not interrupted once the kernel has random numbers.
        ssize_t got = 0;
        do
            got = getrandom(&drawn, sizeof drawn, 0);
        while (got < 0 && errno == EINTR);
        if (got != static_cast<ssize_t>(sizeof drawn))
            throw Failure(std::string("cannot draw a random number: ") + std::strerror(errno));
        return drawn;
    }();
    return key;
}

} // namespace natstat
