// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A netlink socket for tests, apart from natstat's own.
#pragma once

#include <cerrno>
#include <memory>
#include <system_error>

#include <libmnl/libmnl.h>

namespace natstat::oracle {

struct CloseSocket {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};
using Socket = std::unique_ptr<mnl_socket, CloseSocket>;

/// Throws what errno says of it.
[[noreturn]] inline void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// Listens to these groups (NF_NETLINK_CONNTRACK_*).
[[nodiscard]] inline Socket open_socket(unsigned groups = 0) {
    Socket socket(mnl_socket_open(NETLINK_NETFILTER));
    if (!socket || mnl_socket_bind(socket.get(), groups, MNL_SOCKET_AUTOPID) < 0)
        fail("cannot open a netlink socket");
    return socket;
}

} // namespace natstat::oracle
