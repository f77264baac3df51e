// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The structs are copied out: what a call gives need not be aligned for them.
#include "natstat/model/socket_address.hpp"

#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

namespace natstat {

Family family_of(unsigned address_family) {
    return address_family == AF_INET    ? Family::ipv4
           : address_family == AF_INET6 ? Family::ipv6
                                        : Family::none;
}

std::optional<Address> address_of(const sockaddr* socket_address) {
    if (socket_address == nullptr)
        return std::nullopt;
    if (socket_address->sa_family == AF_INET) {
        sockaddr_in ipv4;
        std::memcpy(&ipv4, socket_address, sizeof ipv4);
        return make_address(Family::ipv4, reinterpret_cast<const std::uint8_t*>(&ipv4.sin_addr));
    }
    if (socket_address->sa_family == AF_INET6) {
        sockaddr_in6 ipv6;
        std::memcpy(&ipv6, socket_address, sizeof ipv6);
        return make_address(Family::ipv6, ipv6.sin6_addr.s6_addr);
    }
    return std::nullopt;
}

} // namespace natstat
