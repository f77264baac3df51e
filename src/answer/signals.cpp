// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// signalfd(2), and handlers without SA_RESTART.
#include "natstat/answer/signals.hpp"

#include "natstat/model/source.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <unistd.h>

namespace natstat {

namespace {

/// All that a handler may touch.
volatile std::sig_atomic_t end_wanted = 0;

/// nohup(1) has SIGHUP ignored, and means it. A shell ignores SIGINT for what a script starts in
/// the background; whoever sends it there all the same wants an end.
bool is_ignored(int signal) {
    struct sigaction action {};
    return signal == SIGHUP && sigaction(signal, nullptr, &action) == 0 &&
           action.sa_handler == SIG_IGN;
}

/// A signal that comes just before a wait would be noticed only after it; the timer interrupts
/// that one as well.
void want_end(int) {
    end_wanted = 1;
    constexpr itimerval often{{0, 100'000}, {0, 100'000}};
    setitimer(ITIMER_REAL, &often, nullptr);
}

void handle(int signal, void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(signal, &action, nullptr);
}

} // namespace

Signals::Signals(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals)
        if (!is_ignored(signal)) // a blocked signal would come all the same
            sigaddset(&set, signal);
    sigprocmask(SIG_BLOCK, &set, &before_);
    fd_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd_ < 0)
        throw Failure(std::string("cannot wait for signals: ") + std::strerror(errno));
}

Signals::~Signals() {
    close(fd_);
}

std::optional<int> Signals::take() const {
    signalfd_siginfo info{};
    if (::read(fd_, &info, sizeof info) != sizeof info)
        return std::nullopt;
    return static_cast<int>(info.ssi_signo);
}

void end_by_signals() {
    handle(SIGALRM, [](int) {});
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        if (!is_ignored(signal))
            handle(signal, want_end);
}

bool end_is_wanted() {
    return end_wanted != 0;
}

} // namespace natstat
