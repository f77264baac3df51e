// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A c-ares channel with one descriptor to poll: its sockets and a timer behind an epoll. What is
// asked on it, and what becomes of the answers, is up to those who use it; this only keeps it
// going.
#pragma once

#include <chrono>
#include <string>

// ares_query() and ares_parse_ptr_reply() are deprecated since c-ares 1.28, whose replacements the
// versions in stable distributions do not have. Nothing else says why a look-up failed:
// ares_gethostbyaddr() turns each failure into "not found".
#define CARES_NO_DEPRECATED
#include <ares.h>

namespace natstat {

/// Where a channel looks up the addresses of a name.
enum class Sources { dns, hosts_file };

class Channel {
  public:
    /// `first_try` is how long an answer may take before it is asked for again; each round over the
    /// name servers doubles it, and there are `tries` rounds. Never throws for a resolver that can
    /// not be had: see get().
    Channel(std::chrono::milliseconds first_try, int tries, Sources sources = Sources::dns);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    /// For calls of c-ares; null when it could not be set up, and then trouble() says why.
    [[nodiscard]] ares_channel get() const { return channel_; }
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

    /// Readable when process() has something to do; -1 when there is no channel.
    [[nodiscard]] int fd() const { return epoll_; }

    /// Takes what came in and looks after lost packets; never blocks. Calls back.
    void process();

    /// Whether what is being called back is the doing of an error of the network, as told by the
    /// kernel ("connection refused"), and not of a packet or of the time.
    [[nodiscard]] bool in_error() const { return in_error_; }

    /// When fd() becomes readable although no packet came.
    enum class Alarm {
        off,
        ticking, // often enough to see that a packet was lost
        at_once,
    };
    void set(Alarm alarm);

    /// Waits until fd() is readable or the time has come; false in the latter case.
    bool poll_until(std::chrono::steady_clock::time_point end) const;

  private:
    [[nodiscard]] bool open_descriptors();
    void open_channel(std::chrono::milliseconds first_try, int tries, Sources sources);
    void watch(ares_socket_t socket, bool readable, bool writable) const;
    void take_alarm();

    int epoll_ = -1;
    int timer_ = -1;
    Alarm alarm_ = Alarm::off;
    bool library_ = false;
    bool in_error_ = false;
    ares_channel channel_ = nullptr;
    std::string trouble_;
};

} // namespace natstat
