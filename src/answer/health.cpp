// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// intake reads, print writes.
#include "natstat/answer/health.hpp"

#include "natstat/gather/confine.hpp"
#include "natstat/intake/health.hpp"
#include "natstat/print/health.hpp"

#include <unistd.h>

namespace natstat {

void show_health(const Options& options) {
    confine(options);
    const Health health = read_health();
    Output output(STDOUT_FILENO, "standard output");
    if (is_for_people(options.format))
        output.put(health_text(health));
    else
        print_health_json(health, output);
    output.flush();
}

} // namespace natstat
