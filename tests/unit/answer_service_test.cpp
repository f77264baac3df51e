// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a service manager hears, at the socket that it names.
#include "natstat/answer/service.hpp"

#include "directory.hpp"
#include "natstat/model/descriptor.hpp"

#include "tests/catch.hpp"

#include <array>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>

using namespace natstat;

namespace {

/// A manager that listens there; a name with an @ in front is of no file.
class Manager {
  public:
    explicit Manager(const std::string& name)
        : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        sockaddr_un own{};
        own.sun_family = AF_UNIX;
        REQUIRE(name.size() < sizeof own.sun_path);
        std::memcpy(own.sun_path, name.data(), name.size());
        if (name.front() == '@')
            own.sun_path[0] = '\0';
        REQUIRE(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own),
                     static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())) == 0);
        setenv("NOTIFY_SOCKET", name.c_str(), 1);
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;
    ~Manager() { unsetenv("NOTIFY_SOCKET"); }

    /// Empty: nothing was said.
    [[nodiscard]] std::string heard() const {
        std::array<char, 64> room{};
        const auto size = recv(socket_.get(), room.data(), room.size(), 0);
        return size < 0 ? std::string() : std::string(room.data(), static_cast<std::size_t>(size));
    }

  private:
    Descriptor socket_;
};

} // namespace

TEST_CASE("a service manager is told that it is ready, once a call", "[service]") {
    const test::Directory directory;
    for (const std::string& name : {directory.path() + "/notify", "@" + directory.path()}) {
        const Manager manager(name);
        CHECK(manager.heard().empty());
        tell_service_is_ready();
        CHECK(manager.heard() == "READY=1");
        CHECK(manager.heard().empty());
    }
}

TEST_CASE("where no manager listens nobody is told", "[service]") {
    unsetenv("NOTIFY_SOCKET");
    tell_service_is_ready();
    for (const std::string& name : {std::string(), std::string("/"), std::string(4096, 'a')}) {
        setenv("NOTIFY_SOCKET", name.c_str(), 1);
        tell_service_is_ready();
    }
    unsetenv("NOTIFY_SOCKET");
}
