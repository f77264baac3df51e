// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The buffer, and write(2) until all is written.
#include "natstat/print/output.hpp"

#include "natstat/model/source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace natstat {

namespace {

constexpr std::size_t usual_capacity = 256 * 1024;

/// write(2) to one descriptor.
class DescriptorWriter {
  public:
    DescriptorWriter(int descriptor, std::string name, StopCheck stop)
        : descriptor_(descriptor), name_(std::move(name)), stop_(stop) {}

    void operator()(std::string_view text) {
        while (!text.empty()) {
            const ssize_t written = write(descriptor_, text.data(), text.size());
            if (written >= 0)
                text.remove_prefix(static_cast<std::size_t>(written));
            else if (errno == EAGAIN)
                wait_writable();
            else if (errno == EINTR)
                interrupted();
            else if (errno == EPIPE)
                throw ClosedPipe();
            else
                throw Failure("cannot write to " + name_ + ": " + std::strerror(errno));
        }
    }

  private:
    /// A descriptor that somebody made non-blocking is waited for.
    void wait_writable() {
        pollfd wanted{descriptor_, POLLOUT, 0};
        if (poll(&wanted, 1, -1) < 0)
            interrupted();
    }

    void interrupted() {
        if (stop_ != nullptr && stop_() && ++interruptions_ >= interruptions_for_rest)
            throw Interrupted();
    }

    int descriptor_;
    std::string name_;
    StopCheck stop_;
    int interruptions_ = 0;
};

} // namespace

Output::Output(int descriptor, std::string name, StopCheck stop)
    : Output(DescriptorWriter(descriptor, std::move(name), stop), usual_capacity) {}

Output::Output(Take take, std::size_t capacity)
    : take_(std::move(take)), buffer_(new char[capacity]), capacity_(capacity), at_(buffer_.get()),
      end_(buffer_.get() + capacity_) {}

void Output::put(std::string_view text) {
    if (text.size() > capacity_) {
        flush();
        return take_(text);
    }
    char* out = reserve(text.size());
    at_ = std::copy(text.begin(), text.end(), out);
}

void Output::flush() {
    // What can not be written is not tried again.
    const char* const end = std::exchange(at_, buffer_.get());
    if (end != buffer_.get())
        take_({buffer_.get(), static_cast<std::size_t>(end - buffer_.get())});
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
