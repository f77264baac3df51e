// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which way is which, and what sockets have in common.
#include "transports.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <arpa/inet.h>

namespace natstat::ipfix {

namespace {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;

    explicit SocketAddress(const Destination& to) {
        if (to.address.family == Family::ipv6) {
            sockaddr_in6 six{};
            six.sin6_family = AF_INET6;
            six.sin6_port = htons(to.port);
            std::memcpy(&six.sin6_addr, to.address.bytes.data(), sizeof six.sin6_addr);
            put(six);
        } else {
            sockaddr_in four{};
            four.sin_family = AF_INET;
            four.sin_port = htons(to.port);
            std::memcpy(&four.sin_addr, to.address.bytes.data(), sizeof four.sin_addr);
            put(four);
        }
    }
    template <typename Each>
    void put(const Each& each) {
        std::memcpy(&storage, &each, sizeof each);
        size = sizeof each;
    }
};

} // namespace

std::unique_ptr<Transport> open_transport(const Destination& destination, Say say) {
    switch (destination.way) {
    case Destination::Way::udp:
        return open_udp(destination, std::move(say));
    case Destination::Way::tcp:
        return open_tcp(destination, std::move(say));
    case Destination::Way::file:
        break;
    }
    return open_file(destination);
}

Descriptor open_socket(const Destination& destination, int type) {
    const int family = destination.address.family == Family::ipv6 ? AF_INET6 : AF_INET;
    return Descriptor(socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

int connect_to(const Descriptor& socket, const Destination& destination) {
    const SocketAddress to(destination);
    const auto* address = reinterpret_cast<const sockaddr*>(&to.storage);
    return connect(socket.get(), address, to.size) == 0 ? 0 : errno;
}

int kept_error(const Descriptor& socket) {
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

} // namespace natstat::ipfix
