// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A datagram to a local socket; sd_notify(3) promises that this stays so, and has an example of it
// for programs that have no other use for a library.
#include "natstat/answer/service.hpp"

#include "natstat/model/descriptor.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <sys/socket.h>
#include <sys/un.h>

namespace natstat {

void tell_service_is_ready() {
    const char* const given = std::getenv("NOTIFY_SOCKET");
    const std::string_view name(given == nullptr ? "" : given);
    sockaddr_un to{};
    if (name.size() < 2 || name.size() >= sizeof to.sun_path)
        return;
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, name.data(), name.size());
    if (name.front() == '@') // of no file
        to.sun_path[0] = '\0';
    const Descriptor descriptor(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    constexpr std::string_view ready = "READY=1";
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    // A manager that does not hear of it says so itself.
    [[maybe_unused]] const auto sent =
        sendto(descriptor.get(), ready.data(), ready.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&to), length);
}

} // namespace natstat
