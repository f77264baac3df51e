// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The ways that there are. Private to the room ipfix.
#pragma once

#include "natstat/ipfix/transport.hpp"

#include "natstat/model/descriptor.hpp"
#include "natstat/model/source.hpp"

#include <memory>
#include <string>

#include <netinet/in.h>
#include <sys/socket.h>

namespace natstat::ipfix {

[[nodiscard]] std::unique_ptr<Transport> open_udp(const Destination& destination, Say say);
[[nodiscard]] std::unique_ptr<Transport> open_tcp(const Destination& destination, Say say);
[[nodiscard]] std::unique_ptr<Transport> open_file(const Destination& destination);

/// A socket that does not block; negative, with errno, when there is none.
[[nodiscard]] Descriptor open_socket(const Destination& destination, int type);

/// connect(2), or what there is of it without waiting; 0 or an error number.
[[nodiscard]] int connect_to(const Descriptor& socket, const Destination& destination);

/// The error that the socket has kept, which it then forgets; 0: none.
[[nodiscard]] int kept_error(const Descriptor& socket);

} // namespace natstat::ipfix
