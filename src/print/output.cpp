// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// write(2) until all is written.
#include "natstat/print/output.hpp"

#include "natstat/model/source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <unistd.h>

namespace natstat {

namespace {

constexpr std::size_t first_capacity = 256 * 1024;

} // namespace

Output::Output(int descriptor, std::string name, StopCheck stop)
    : descriptor_(descriptor), name_(std::move(name)), stop_(stop),
      buffer_(new char[first_capacity]), capacity_(first_capacity), at_(buffer_.get()),
      end_(buffer_.get() + capacity_) {}

void Output::put(std::string_view text) {
    char* out = reserve(text.size());
    at_ = std::copy(text.begin(), text.end(), out);
}

void Output::flush() {
    const char* from = buffer_.get();
    while (from != at_) {
        const ssize_t written = write(descriptor_, from, static_cast<std::size_t>(at_ - from));
        if (written >= 0) {
            from += written;
        } else if (errno == EAGAIN) {
            wait_writable();
        } else if (errno == EINTR) {
            interrupted();
        } else {
            const int error = errno;
            at_ = buffer_.get(); // what can not be written is not tried again
            if (error == EPIPE)
                throw ClosedPipe();
            throw Failure("cannot write to " + name_ + ": " + std::strerror(error));
        }
    }
    at_ = buffer_.get();
}

/// A descriptor that somebody made non-blocking is waited for.
void Output::wait_writable() {
    pollfd wanted{descriptor_, POLLOUT, 0};
    if (poll(&wanted, 1, -1) < 0)
        interrupted();
}

void Output::interrupted() {
    if (stop_ == nullptr || !stop_() || ++interruptions_ < interruptions_for_rest)
        return;
    at_ = buffer_.get();
    throw Interrupted();
}

void Output::make_room(std::size_t size) {
    flush();
    if (size > capacity_) {
        capacity_ = std::max(size, 2 * capacity_);
        buffer_.reset(new char[capacity_]);
    }
    at_ = buffer_.get();
    end_ = at_ + capacity_;
}

} // namespace natstat
