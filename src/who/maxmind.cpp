// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The one libmaxminddb of the program.
#include "maxmind.hpp"

NATSTAT_LOADS("owners", "Addresses have owners and countries", "recommended",
              "\\\"libmaxminddb.so.0\\\"");

namespace natstat {

const MaxMind& maxmind() {
    static const MaxMind loaded;
    return loaded;
}

} // namespace natstat
