// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// An open file descriptor that is closed with its owner. It knows nothing of what it is open on.
#pragma once

#include <utility>

#include <unistd.h>

namespace natstat {

class Descriptor {
  public:
    Descriptor() = default;
    /// Takes over what a system call gave; a negative number is none.
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() {
        if (number_ >= 0)
            close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    /// Negative: none.
    [[nodiscard]] int get() const { return number_; }

    /// Gives it to somebody who closes it.
    [[nodiscard]] int release() { return std::exchange(number_, -1); }

  private:
    int number_ = -1;
};

} // namespace natstat
