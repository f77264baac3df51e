// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which duties and paths the options amount to.
#include "natstat/gather/confine.hpp"

#include "natstat/guard/calls.hpp"
#include "natstat/guard/paths.hpp"
#include "natstat/guard/privileges.hpp"

#include <optional>
#include <utility>

namespace natstat {

namespace {

/// What an answer may do when its files are open.
struct Left {
    Duties duties;
    Paths paths;
};

/// Again and again, which is not what opening it once is.
bool replaces_a_file(const Options& options) {
    return options.mode == Mode::metrics && !options.write.empty() && options.write != "-";
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

Duties duties_of(const Options& options) {
    Duties duties;
    duties.asks_kernel = options.read.empty();
    // What /proc/net tells of expectations is for the owner of the namespace alone to read, and the
    // file that names it, which is looked at to see whether it is still there, can be anywhere.
    duties.reads_others = !options.netns.empty();
    duties.writes_later = options.mode == Mode::top || replaces_a_file(options);
    return duties;
}

/// What confine() leaves; nothing is limited before confine_to_opening() has said it. The
/// privileges of a process are one for all of it, and so is this.
std::optional<Left> left_to_do;

} // namespace

void confine_to_opening(const Options& options) {
    Left left;
    left.duties = duties_of(options);
    left.paths.reads_proc = options.read.empty();
    left.paths.reads_workloads = options.read.empty() && options.may_ask(Knowledge::workloads);
    const bool looks_into = options.read.empty() && options.may_ask(Knowledge::processes);
    const bool goes_on = options.mode == Mode::top || options.mode == Mode::events ||
                         options.mode == Mode::wait || replaces_a_file(options);
    left.duties.looks_into = looks_into && goes_on; // again and again
    left.paths.makes_files = options.mode == Mode::top;
    if (replaces_a_file(options))
        left.paths.replaces_in = directory_of(options.write);
    left.paths.keeps_in = options.log;
    left_to_do = left;
    Duties duties = left.duties;
    const bool exports_to_file =
        options.ipfix && options.ipfix->way == ipfix::Destination::Way::file;
    duties.opens_files = !options.read.empty() || !options.write.empty() ||
                         !options.networks.empty() || exports_to_file;
    duties.looks_into = looks_into;
    keep_privileges(duties);
    deny_calls({replaces_a_file(options) || !options.log.empty(), looks_into});
}

void confine() {
    const auto left = std::exchange(left_to_do, std::nullopt);
    if (!left)
        return;
    keep_privileges(left->duties);
    if (!left->duties.looks_into) // behind Landlock no process looks into another (landlock(7))
        limit_paths(left->paths);
}

} // namespace natstat
