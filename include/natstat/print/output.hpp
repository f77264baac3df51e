// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Buffered writing: formatted straight into the buffer, handed on in large pieces, to a descriptor
// or to somebody else, every error noticed.
#pragma once

#include "natstat/model/source.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace natstat {

class Output {
  public:
    /// Writes to `descriptor`, which stays the caller's; `name` is for messages.
    Output(int descriptor, std::string name, StopCheck stop = nullptr);

    /// Gives its text to `take`, in pieces of `capacity` where each put() is smaller.
    using Take = std::function<void(std::string_view)>;
    Output(Take take, std::size_t capacity);

    /// Room for at least `size` more characters; commit() takes those that were written there.
    char* reserve(std::size_t size) {
        if (static_cast<std::size_t>(end_ - at_) < size)
            make_room(size);
        return at_;
    }
    void commit(char* end) { at_ = end; }

    void put(std::string_view text);
    void put(char c) {
        *reserve(1) = c;
        ++at_;
    }
    /// Into room that was reserved and is not used up.
    void put_reserved(char c) { *at_++ = c; }

    /// Hands over what is buffered. Throws Failure, ClosedPipe on EPIPE, or Interrupted.
    void flush();

  private:
    void make_room(std::size_t size);

    Take take_;
    std::unique_ptr<char[]> buffer_;
    std::size_t capacity_;
    char* at_;
    char* end_;
};

} // namespace natstat
