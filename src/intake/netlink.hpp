// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What everything that talks netlink needs: a socket, one message after the other out of what was
// received, and words for what went wrong. It knows no request and no answer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>

#include <libmnl/libmnl.h>
#include <sys/socket.h>

namespace natstat {

struct CloseSocket {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};
using NetlinkSocket = std::unique_ptr<mnl_socket, CloseSocket>;

/// Throws Failure: "cannot DOING: why (what helps)". `error` is an error number.
[[noreturn]] void fail(const char* doing, int error);

/// A bound socket of this family (NETLINK_NETFILTER, ...), closed on exec; `flags` as for
/// socket(2). Throws Failure with `doing`.
[[nodiscard]] NetlinkSocket open_netlink(int family, int flags, const char* doing);

/// What one call received.
struct Received {
    int error = 0;        // an error number; ENOSPC: a message that did not fit
    bool foreign = false; // another process sent it
    std::size_t size = 0; // 0 unless all is well and it is the kernel's
};

/// recvfrom(2) into `room`. Anybody with CAP_NET_ADMIN can send to any netlink socket of the
/// namespace; the kernel alone sends with the port id 0 (netlink(7)).
[[nodiscard]] Received receive_from(const NetlinkSocket& socket, std::span<std::uint8_t> room);
[[nodiscard]] Received receive_from(int socket, std::span<std::uint8_t> room);

/// Whether the kernel is who sent from there.
[[nodiscard]] inline bool is_kernel(const sockaddr_nl& sender) {
    return sender.nl_family == AF_NETLINK && sender.nl_pid == 0;
}

/// The header at the start of a message.
[[nodiscard]] inline nlmsghdr header_of(std::span<const std::uint8_t> message) {
    nlmsghdr head;
    std::memcpy(&head, message.data(), sizeof head);
    return head;
}

/// Takes the next whole message, its header first, off the front of `bytes`. Nothing when there is
/// none; what is left then was no message.
[[nodiscard]] inline std::optional<std::span<const std::uint8_t>>
next_message(std::span<const std::uint8_t>& bytes) {
    if (bytes.size() < sizeof(nlmsghdr))
        return std::nullopt;
    const std::size_t length = header_of(bytes).nlmsg_len;
    if (length < sizeof(nlmsghdr) || length > bytes.size())
        return std::nullopt;
    const auto message = bytes.first(length);
    bytes = bytes.subspan(std::min<std::size_t>(NLMSG_ALIGN(length), bytes.size()));
    return message;
}

/// The error number at the start of an NLMSG_ERROR or NLMSG_DONE, as a positive number.
[[nodiscard]] std::optional<int> error_in(std::span<const std::uint8_t> message);

} // namespace natstat
