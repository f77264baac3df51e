// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// net/netlink/af_netlink.c: an event that finds the receive buffer full is dropped and counted, and
// so are all that follow until the queue has been read empty. The reader is told once, with
// ENOBUFS, before it gets what is in the queue.
#include "event_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include <linux/netfilter/nfnetlink.h>
#include <linux/sock_diag.h>

namespace natstat {

namespace {

constexpr const char* doing = "follow connections";

/// SO_RCVBUFFORCE needs CAP_NET_ADMIN in the initial user namespace; in another one there is only
/// what net.core.rmem_max allows. Both double the number.
void set_receive_buffer(int socket, std::size_t bytes) {
    const auto half =
        static_cast<int>(std::min<std::size_t>(bytes / 2, std::numeric_limits<int>::max() / 2));
    if (setsockopt(socket, SOL_SOCKET, SO_RCVBUFFORCE, &half, sizeof half) != 0)
        static_cast<void>(setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &half, sizeof half));
}

/// What the kernel counts, if it tells.
std::optional<std::uint32_t> drops_of(int socket) {
    std::array<std::uint32_t, SK_MEMINFO_VARS> numbers{};
    socklen_t size = sizeof numbers;
    if (getsockopt(socket, SOL_SOCKET, SO_MEMINFO, numbers.data(), &size) != 0 ||
        size < sizeof numbers)
        return std::nullopt;
    return numbers[SK_MEMINFO_DROPS];
}

} // namespace

EventSocket::EventSocket(std::size_t receive_buffer, bool changes)
    : socket_(open_netlink(NETLINK_NETFILTER, SOCK_NONBLOCK, doing)),
      room_(datagrams * datagram_room) {
    for (std::size_t i = 0; i < datagrams; ++i) {
        places_[i] = {room_.data() + i * datagram_room, datagram_room};
        calls_[i].msg_hdr.msg_iov = &places_[i];
        calls_[i].msg_hdr.msg_iovlen = 1;
        calls_[i].msg_hdr.msg_name = &senders_[i];
        calls_[i].msg_hdr.msg_namelen = sizeof senders_[i];
    }
    set_receive_buffer(fd(), receive_buffer);
    for (int group : {NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_UPDATE, NFNLGRP_CONNTRACK_DESTROY})
        if ((changes || group != NFNLGRP_CONNTRACK_UPDATE) &&
            mnl_socket_setsockopt(socket_.get(), NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0)
            fail(doing, errno);
}

EventSocket::Outcome EventSocket::receive() {
    size_ = 0;
    const int got = recvmmsg(fd(), calls_.data(), datagrams, MSG_DONTWAIT, nullptr);
    if (got < 0) {
        if (errno == ENOBUFS)
            return Outcome::overrun;
        if (errno != EAGAIN && errno != EINTR)
            fail(doing, errno);
        return errno == EAGAIN ? Outcome::all : Outcome::more;
    }
    size_ = static_cast<std::size_t>(got);
    for (std::size_t i = 0; i < size_; ++i) {
        const bool foreign = !is_kernel(senders_[i]);
        const bool cut = (calls_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
        if (!foreign && !cut)
            continue;
        calls_[i].msg_len = 0;
        ++(foreign ? foreign_ : cut_);
    }
    // What ended it earlier was an empty queue, or an overrun, which the next call tells.
    return size_ < datagrams ? Outcome::all : Outcome::more;
}

std::uint64_t EventSocket::newly_lost() {
    const std::uint32_t drops = drops_of(fd()).value_or(drops_);
    const std::uint32_t growth = drops - std::exchange(drops_, drops); // the counter may go round
    return std::exchange(cut_, 0) + growth;
}

} // namespace natstat
