// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a ring wants from the system, the same for all items.
#include "ring.hpp"

#include "natstat/model/source.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace natstat {

Descriptor open_event(const std::string& purpose) {
    Descriptor event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (event.get() < 0)
        throw Failure("cannot " + purpose + ": " + std::strerror(errno));
    return event;
}

void raise(const Descriptor& event) {
    const std::uint64_t one = 1;
    // Can fail only when the counter is full, and then the reader is woken anyway.
    [[maybe_unused]] const ssize_t written = write(event.get(), &one, sizeof one);
}

void clear(const Descriptor& event) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = read(event.get(), &count, sizeof count);
}

std::thread start_thread(const std::string& purpose, void (*run)(void*), void* of) {
    try {
        return std::thread(run, of);
    } catch (const std::system_error& error) {
        throw Failure("cannot " + purpose + ": " + error.what());
    }
}

} // namespace natstat
