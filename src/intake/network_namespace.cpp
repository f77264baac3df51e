// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// open(2) and setns(2). The mounts stay as they are: /proc/net and /proc/sys/net are those of the
// network namespace of who reads them, so there is no need for another /proc.
#include "natstat/intake/network_namespace.hpp"

#include "natstat/model/descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

namespace natstat {

std::vector<std::string> network_namespace_names() {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator file("/run/netns", error), end; !error && file != end;
         file.increment(error))
        names.push_back(file->path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

int enter_network_namespace(const std::string& path) {
    // Not blocking: a path can be a FIFO's.
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0)
        return errno;
    return setns(file.get(), CLONE_NEWNET) == 0 ? 0 : errno;
}

bool is_in_network_namespace(const std::string& path) {
    struct stat there {
    }, here{};
    return stat(path.c_str(), &there) == 0 && stat("/proc/thread-self/ns/net", &here) == 0 &&
           there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

} // namespace natstat
