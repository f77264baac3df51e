// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One file of /proc for each fact. /proc/net is that of the process, /proc/sys/net that of the
// reading thread; they are the same because the namespace is entered before anything else.
#include "natstat/intake/health.hpp"

#include "natstat/intake/host.hpp"
#include "natstat/intake/statistics.hpp"
#include "natstat/model/source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <sys/stat.h>

namespace natstat {

namespace {

std::optional<std::uint64_t> setting(std::string_view name) {
    return conntrack_setting("nf_conntrack_" + std::string(name));
}

std::optional<LimitScope> limit_scope() {
    struct stat file {};
    // nf_conntrack_standalone.c makes this one in the initial namespace alone, and since Linux 5.13
    // leaves the owner's right to write out of the other one elsewhere.
    if (stat("/proc/sys/net/nf_conntrack_max", &file) == 0)
        return LimitScope::initial;
    if (stat("/proc/sys/net/netfilter/nf_conntrack_max", &file) != 0)
        return std::nullopt;
    return (file.st_mode & S_IWUSR) != 0 ? LimitScope::here : LimitScope::shared;
}

/// A line for each; root's alone to read.
std::optional<std::uint64_t> count_expectations() {
    std::ifstream file("/proc/net/nf_conntrack_expect");
    if (!file)
        return std::nullopt;
    return static_cast<std::uint64_t>(std::count(std::istreambuf_iterator<char>(file), {}, '\n'));
}

[[noreturn]] void refuse() {
    const char* const name = "/proc/sys/net/netfilter/nf_conntrack_count";
    struct stat file {};
    const int error = stat(name, &file) == 0 ? EACCES : errno;
    throw Failure("cannot tell how connection tracking fares: " + std::string(name) + ": " +
                  std::strerror(error) +
                  (error == ENOENT
                       ? " (the kernel has no connection tracking, or it is not loaded; "
                         "modprobe nf_conntrack)"
                       : ""));
}

} // namespace

std::vector<ChangedTimeout>
changed_timeouts(std::optional<std::uint64_t> (*present)(std::string_view name)) {
    std::vector<ChangedTimeout> list;
    for (const auto& [name, usual, older] : timeout_settings())
        if (const auto seconds = present(name); seconds && *seconds != usual && *seconds != older)
            list.push_back({name, *seconds, usual});
    return list;
}

Health read_health() {
    Health health;
    health.entries = setting("count");
    health.statistics = conntrack_statistics();
    if (!health.entries && !health.statistics)
        refuse();
    health.limit = setting("max");
    health.limit_scope = limit_scope();
    health.buckets = setting("buckets");
    health.expectations = count_expectations();
    health.expectation_limit = setting("expect_max");
    std::transform(setting_names.begin(), setting_names.end(), health.settings.begin(), setting);
    health.timeouts = changed_timeouts(setting);
    health.allowances = read_allowances();
    return health;
}

} // namespace natstat
