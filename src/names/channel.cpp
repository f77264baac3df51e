// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The plumbing between c-ares and a poll loop.
#include "channel.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace natstat {
namespace {

// A lost packet is noticed this much late at most. Asking c-ares for the exact time would cost a
// walk over all its open queries at each step.
constexpr long tick_nanoseconds = 50'000'000;

std::string reason(const char* what, const char* why) {
    return std::string(what) + ": " + why;
}

} // namespace

Channel::Channel(std::chrono::milliseconds first_try, int tries, Sources sources) {
    if (open_descriptors())
        open_channel(first_try, tries, sources);
    if (channel_ == nullptr && epoll_ >= 0) {
        close(epoll_);
        epoll_ = -1;
    }
}

Channel::~Channel() {
    // Before the descriptors: c-ares says goodbye to each of its sockets through them.
    if (channel_ != nullptr)
        ares_destroy(channel_);
    if (library_)
        ares_library_cleanup();
    if (timer_ >= 0)
        close(timer_);
    if (epoll_ >= 0)
        close(epoll_);
}

bool Channel::open_descriptors() {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = timer_;
    if (epoll_ >= 0 && timer_ >= 0 && epoll_ctl(epoll_, EPOLL_CTL_ADD, timer_, &event) == 0)
        return true;
    trouble_ = reason("cannot start the resolver", std::strerror(errno));
    return false;
}

void Channel::open_channel(std::chrono::milliseconds first_try, int tries, Sources sources) {
    int status = ares_library_init(ARES_LIB_INIT_ALL);
    library_ = status == ARES_SUCCESS;
    if (library_) {
        char lookups[] = {sources == Sources::dns ? 'b' : 'f', '\0'};
        ares_options options{};
        options.lookups = lookups;
        options.timeout = static_cast<int>(first_try.count());
        options.tries = tries;
        options.sock_state_cb = [](void* self, ares_socket_t socket, int readable, int writable) {
            static_cast<const Channel*>(self)->watch(socket, readable != 0, writable != 0);
        };
        options.sock_state_cb_data = this;
        int chosen =
            ARES_OPT_LOOKUPS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE // since c-ares 1.23; nothing is asked twice
        options.qcache_max_ttl = 0;
        chosen |= ARES_OPT_QUERY_CACHE;
#endif
        status = ares_init_options(&channel_, &options, chosen);
    }
    if (status != ARES_SUCCESS) {
        channel_ = nullptr;
        trouble_ = reason("cannot start the resolver", ares_strerror(status));
    }
}

void Channel::watch(ares_socket_t socket, bool readable, bool writable) const {
    epoll_event event{};
    event.events = (readable ? EPOLLIN : 0U) | (writable ? EPOLLOUT : 0U);
    event.data.fd = socket;
    if (event.events == 0)
        epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
    else if (epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event) != 0)
        epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
}

void Channel::process() {
    std::array<epoll_event, 16> events{};
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        const bool failed = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
        const bool readable = failed || (event.events & EPOLLIN) != 0;
        const bool writable = failed || (event.events & EPOLLOUT) != 0;
        const ares_socket_t socket = event.data.fd;
        in_error_ = failed;
        if (socket == timer_)
            take_alarm();
        else
            ares_process_fd(channel_, readable ? socket : ARES_SOCKET_BAD,
                            writable ? socket : ARES_SOCKET_BAD);
    }
    in_error_ = false;
}

void Channel::take_alarm() {
    std::uint64_t expirations = 0;
    if (read(timer_, &expirations, sizeof expirations) != sizeof expirations)
        return;
    if (alarm_ == Alarm::at_once)
        alarm_ = Alarm::ticking; // what set() armed it for after the first time
    ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

void Channel::set(Alarm alarm) {
    if (channel_ == nullptr || alarm == alarm_)
        return;
    itimerspec when{};
    // At once is followed by ticks: packets may be on their way as well.
    if (alarm == Alarm::at_once)
        when.it_value.tv_nsec = 1;
    if (alarm == Alarm::ticking)
        when.it_value.tv_nsec = tick_nanoseconds;
    if (alarm != Alarm::off)
        when.it_interval.tv_nsec = tick_nanoseconds;
    timerfd_settime(timer_, 0, &when, nullptr);
    alarm_ = alarm;
}

bool Channel::poll_until(std::chrono::steady_clock::time_point end) const {
    using std::chrono::milliseconds;
    const auto left =
        std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0)
        return false;
    pollfd wanted{epoll_, POLLIN, 0};
    poll(&wanted, 1, static_cast<int>(std::min<long>(left, 3'600'000)));
    return true;
}

} // namespace natstat
