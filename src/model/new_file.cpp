// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// open(2) with O_EXCL first, so that what was there already is known to be.
#include "natstat/model/new_file.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace natstat {

namespace {

/// These links are the kernel's and root's, and lead to what is open already.
bool names_descriptor(const std::string& name) {
    return name == "/dev/stdout" || name == "/dev/stderr" || name.starts_with("/dev/fd/") ||
           name.starts_with("/proc/self/fd/");
}

/// What is there under the name is taken for what it is: a pipe or a device, or a file that was
/// made for this and is empty. errno is EEXIST when it has something to lose.
Descriptor open_existing(const std::string& name) {
    // Where root writes, somebody else may have laid a link.
    const int follow = geteuid() == 0 && !names_descriptor(name) ? O_NOFOLLOW : 0;
    Descriptor file(open(name.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | follow));
    struct stat about {};
    if (file.get() < 0 || fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode) ||
        about.st_size == 0)
        return file;
    errno = EEXIST;
    return Descriptor();
}

} // namespace

Descriptor open_new_file(const std::string& name) {
    if (name == "-")
        return Descriptor(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
    Descriptor file(open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600));
    return file.get() < 0 && errno == EEXIST ? open_existing(name) : std::move(file);
}

std::string why_no_file(int error) {
    switch (error) {
    case EEXIST:
        return "it is there already, and would be lost (remove it, or name another file)";
    case ELOOP:
        return "it is a symbolic link, which root does not follow here (name what it leads to)";
    default:
        return std::strerror(error);
    }
}

int write_all(int descriptor, const char* from, std::size_t size, StopCheck stop) {
    int interruptions = 0;
    while (size != 0) {
        const ssize_t written = write(descriptor, from, size);
        if (written >= 0) {
            from += written;
            size -= static_cast<std::size_t>(written);
        } else if (errno == EAGAIN) {
            pollfd wanted{descriptor, POLLOUT, 0};
            poll(&wanted, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        } else if (stop != nullptr && stop() && ++interruptions >= interruptions_for_rest) {
            return EINTR;
        }
    }
    return 0;
}

} // namespace natstat
