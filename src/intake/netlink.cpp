// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// libmnl opens and binds; the rest is linux/netlink.h, with every length checked.
#include "netlink.hpp"

#include "natstat/model/source.hpp"

#include <cerrno>
#include <cstring>
#include <string>

#include <sys/socket.h>

namespace natstat {

namespace {

std::string why(int error) {
    std::string text = std::strerror(error);
    if (error == EPERM || error == EACCES)
        return text + " (needs CAP_NET_ADMIN; try sudo)";
    if (error == EPROTONOSUPPORT || error == EAFNOSUPPORT || error == EINVAL || error == EOPNOTSUPP)
        return text + " (perhaps there is no conntrack in this kernel; try: modprobe "
                      "nf_conntrack_netlink)";
    return text;
}

} // namespace

void fail(const char* doing, int error) {
    throw Failure("cannot " + (doing + (": " + why(error))));
}

NetlinkSocket open_netlink(int family, int flags, const char* doing) {
    NetlinkSocket socket(mnl_socket_open2(family, SOCK_CLOEXEC | flags));
    if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0)
        fail(doing, errno);
    return socket;
}

Received receive_from(const NetlinkSocket& socket, std::span<std::uint8_t> room) {
    return receive_from(mnl_socket_get_fd(socket.get()), room);
}

Received receive_from(int socket, std::span<std::uint8_t> room) {
    sockaddr_nl sender{};
    socklen_t sender_size = sizeof sender;
    const ssize_t size = recvfrom(socket, room.data(), room.size(), MSG_TRUNC,
                                  reinterpret_cast<sockaddr*>(&sender), &sender_size);
    if (size < 0)
        return {errno};
    if (sender_size != sizeof sender || !is_kernel(sender))
        return {0, true};
    const auto got = static_cast<std::size_t>(size);
    return got > room.size() ? Received{ENOSPC} : Received{0, false, got};
}

std::optional<int> error_in(std::span<const std::uint8_t> message) {
    int error = 0;
    if (message.size() < NLMSG_LENGTH(sizeof error))
        return std::nullopt;
    std::memcpy(&error, message.data() + NLMSG_HDRLEN, sizeof error);
    return -error;
}

} // namespace natstat
