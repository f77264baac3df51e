// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// intake and who read, print writes.
#include "natstat/answer/health.hpp"

#include "natstat/gather/confine.hpp"
#include "natstat/intake/health.hpp"
#include "natstat/print/health.hpp"
#include "natstat/who/directory.hpp"

#include <unistd.h>

namespace natstat {

Answer health(HealthRequest request, const Complain&) {
    auto databases =
        database_dates(database_directories()); // may lie where confine() leaves no way
    confine();
    Health found = read_health();
    found.databases = std::move(databases);
    Output output(STDOUT_FILENO, "standard output");
    if (is_for_people(request.format))
        output.put(health_text(found));
    else
        print_health_json(found, output);
    output.flush();
    return {};
}

} // namespace natstat
