// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The sockets of a network namespace, as the kernel tells them (sock_diag(7)).
#pragma once

#include "natstat/model/address.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace natstat {

struct OpenSocket {
    std::uint8_t protocol = 0;
    Endpoint local;
    Endpoint remote;         // port 0: of nobody in particular
    std::uint32_t inode = 0; // what it is called in /proc/PID/fd
};

/// The sockets of TCP and UDP, IPv4 and IPv6, in the network namespaces that these files stand for,
/// one list each; none of one that can not be entered. An empty path is the namespace that the
/// calling thread is in, and comes first. IPv4 in a socket of IPv6 is IPv4. It enters them with a
/// thread of its own, which takes CAP_SYS_ADMIN. Throws Failure.
[[nodiscard]] std::vector<std::vector<OpenSocket>> sockets_in(std::span<const std::string> files);

} // namespace natstat
