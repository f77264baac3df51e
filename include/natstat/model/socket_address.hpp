// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Addresses out of what the system's calls give. Nothing here calls the system.
#pragma once

#include "natstat/model/address.hpp"

#include <optional>

struct sockaddr; // sys/socket.h

namespace natstat {

/// The family that AF_INET and AF_INET6 stand for; of any other number none.
[[nodiscard]] Family family_of(unsigned address_family);

/// The address, without its port; absent when there is none (null) or it is of another family.
[[nodiscard]] std::optional<Address> address_of(const sockaddr* socket_address);

} // namespace natstat
