// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which files may still be opened, whoever natstat runs as (Landlock, Linux 5.13).
#pragma once

#include <string>

namespace natstat {

struct Paths {
    bool reads_proc = false;      // besides what the C library, c-ares and ncurses look into
    bool reads_workloads = false; // files of container runtimes and DHCP servers
    bool makes_files = false;     // new ones, anywhere; otherwise nothing is written
    std::string keeps_in{};       // a directory in which databases are made and go; empty: none
    std::string replaces_in{};    // a directory in which files are made and replaced; empty: none
};

/// From now on the calling thread, and those that it starts, can open nothing else. What is open
/// stays so. A kernel without Landlock is passed over in silence, and one with an older version
/// limits what it knows.
void limit_paths(const Paths& paths);

} // namespace natstat
