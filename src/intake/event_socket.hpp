// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The socket on which the kernel tells what happens to connections, read many messages a call. It
// counts what the kernel dropped, and looks at no byte of what it receives.
#pragma once

#include "netlink.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <sys/socket.h>

namespace natstat {

class EventSocket {
  public:
    enum class Outcome : std::uint8_t {
        more,    // there may be more than these datagrams
        all,     // all that had happened when receive() was called has been received
        overrun, // the kernel dropped events; those that it has kept are older
    };

    /// Opens it: from here on nothing is missed that `receive_buffer` bytes can hold, as the kernel
    /// counts them (an event takes about 1,280). `changes`: of flows, beside their beginnings and
    /// ends. Throws Failure.
    EventSocket(std::size_t receive_buffer, bool changes);

    [[nodiscard]] int fd() const { return mnl_socket_get_fd(socket_.get()); }

    /// Receives, and never waits. Throws Failure when the socket is broken for good.
    [[nodiscard]] Outcome receive();

    /// How many datagrams the last receive() gave, and each of them. They are valid until the next.
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::span<const std::uint8_t> operator[](std::size_t index) const {
        return {room_.data() + index * datagram_room, calls_[index].msg_len};
    }

    /// Messages of other processes, which were passed over, since the last call.
    [[nodiscard]] std::uint64_t newly_foreign() { return std::exchange(foreign_, 0); }

    /// How many events were lost since the last call; 0 also where the kernel does not tell
    /// (before Linux 4.12).
    [[nodiscard]] std::uint64_t newly_lost();

  private:
    static constexpr std::size_t datagrams = 32; // 16 cost as much for each as 256
    /// The longest event is a flow with all its parts and a security context of a page.
    static constexpr std::size_t datagram_room = std::size_t{8} * 1024;

    NetlinkSocket socket_;
    std::vector<std::uint8_t> room_;
    std::array<iovec, datagrams> places_{};
    std::array<sockaddr_nl, datagrams> senders_{};
    std::array<mmsghdr, datagrams> calls_{};
    std::size_t size_ = 0;
    std::uint32_t drops_ = 0; // of the kernel's counter, as far as told
    std::uint64_t cut_ = 0;   // datagrams that did not fit, not told yet
    std::uint64_t foreign_ = 0;
};

} // namespace natstat
