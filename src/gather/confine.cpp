// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which duties and paths the options amount to.
#include "natstat/gather/confine.hpp"

#include "natstat/guard/calls.hpp"
#include "natstat/guard/paths.hpp"
#include "natstat/guard/privileges.hpp"

#include <utility>

namespace natstat {

namespace {

Duties duties_of(const Options& options) {
    Duties duties;
    duties.asks_kernel = options.read.empty();
    // What /proc/net tells of expectations is for the owner of the namespace alone to read, and the
    // file that names it, which is looked at to see whether it is still there, can be anywhere.
    duties.reads_others = !options.netns.empty();
    duties.writes_later = options.top;
    return duties;
}

} // namespace

void confine_to_opening(const Options& options) {
    Duties duties = duties_of(options);
    duties.opens_files = !options.read.empty() || !options.write.empty();
    keep_privileges(duties);
    deny_calls();
}

void confine(const Options& options) {
    static bool done = false;
    if (std::exchange(done, true))
        return;
    keep_privileges(duties_of(options));
    Paths paths;
    paths.reads_proc = options.read.empty();
    paths.makes_files = options.top;
    limit_paths(paths);
}

} // namespace natstat
