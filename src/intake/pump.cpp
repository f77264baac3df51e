// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A ring of buffers between the thread and the consumer. The event descriptor is written only when
// the ring stops being empty, so that a busy consumer costs no system call.
#include "pump.hpp"

#include "natstat/model/source.hpp"

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace natstat {

namespace {

Descriptor open_event() {
    Descriptor event(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (event.get() < 0)
        throw Failure(std::string("cannot receive from the kernel: ") + std::strerror(errno));
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

} // namespace

Pump::Pump(int socket) : socket_(socket), filled_event_(open_event()), stop_event_(open_event()) {
    for (Buffer& buffer : buffers_)
        buffer.bytes.resize(buffer_size);
    try {
        thread_ = std::thread([this] { run(); });
    } catch (const std::system_error& error) {
        throw Failure(std::string("cannot receive from the kernel: ") + error.what());
    }
}

Pump::~Pump() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    room_.notify_one();
    raise(stop_event_);
    thread_.join();
}

std::optional<Pump::Piece> Pump::take() {
    const std::lock_guard lock(mutex_);
    if (taken_) {
        first_ = (first_ + 1) % buffer_count;
        --filled_;
        room_.notify_one();
    }
    taken_ = filled_ != 0;
    if (!taken_) {
        clear(filled_event_);
        return std::nullopt;
    }
    const Buffer& buffer = buffers_[first_];
    return Piece{{buffer.bytes.data(), buffer.size}, buffer.error};
}

bool Pump::wait_for_room() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return filled_ < buffer_count || stopping_; });
    return !stopping_;
}

void Pump::hand_over() {
    const std::lock_guard lock(mutex_);
    if (filled_++ == 0)
        raise(filled_event_);
}

int Pump::receive(Buffer& buffer) const {
    // MSG_TRUNC: the true size, so that a message that did not fit is noticed.
    const ssize_t size = recv(socket_, buffer.bytes.data(), buffer_size, MSG_TRUNC);
    if (size < 0)
        return errno;
    const auto got = static_cast<std::size_t>(size);
    buffer.size = got > buffer_size ? 0 : got;
    return got > buffer_size ? ENOSPC : 0;
}

int Pump::wait_for_data() const {
    std::array<pollfd, 2> wanted{pollfd{socket_, POLLIN, 0}, pollfd{stop_event_.get(), POLLIN, 0}};
    return poll(wanted.data(), wanted.size(), -1) < 0 ? errno : EAGAIN;
}

void Pump::run() {
    std::size_t next = 0; // only this thread fills, so it needs no lock to know where
    while (wait_for_room()) {
        Buffer& buffer = buffers_[next];
        buffer.error = receive(buffer);
        if (buffer.error == EAGAIN)
            buffer.error = wait_for_data();
        if (buffer.error == EAGAIN || buffer.error == EINTR)
            continue;
        if (buffer.error != 0)
            buffer.size = 0;
        hand_over();
        next = (next + 1) % buffer_count;
    }
}

} // namespace natstat
