// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Signals as a descriptor, for loops that wait on descriptors.
#pragma once

#include "natstat/model/source.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <sys/signalfd.h>
#include <unistd.h>

namespace natstat {

/// Keeps signals from doing anything by themselves. Made before any thread is, so that none of them
/// takes one for itself.
class Signals {
  public:
    Signals(std::initializer_list<int> signals) {
        sigset_t set;
        sigemptyset(&set);
        for (const int signal : signals)
            sigaddset(&set, signal);
        sigprocmask(SIG_BLOCK, &set, nullptr);
        fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (fd_ < 0)
            throw Failure(std::string("cannot wait for signals: ") + std::strerror(errno));
    }
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;
    ~Signals() { close(fd_); }

    /// Readable when one has come.
    [[nodiscard]] int fd() const { return fd_; }

    /// The next one that has come, if there is one.
    [[nodiscard]] std::optional<int> take() const {
        signalfd_siginfo info{};
        if (::read(fd_, &info, sizeof info) != sizeof info)
            return std::nullopt;
        return static_cast<int>(info.ssi_signo);
    }

  private:
    int fd_;
};

} // namespace natstat
