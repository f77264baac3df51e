// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The ways to a collector, on real sockets of this host: one that is there, one that goes and comes
// back, and one that was never there; files; and how a user writes all that.
#include "ipfix_reading.hpp"
#include "natstat/ipfix/transport.hpp"
#include "natstat/model/descriptor.hpp"
#include "natstat/model/source.hpp"

#include "tests/catch.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace natstat;
using namespace natstat::ipfix;
using namespace std::chrono_literals;

namespace {

using Sent = Transport::Sent;

const std::vector<std::uint8_t> hello{'h', 'e', 'l', 'l', 'o'};

/// Waits for it, as long as it takes.
template <typename Condition>
void until(Condition&& condition) {
    while (!condition())
        std::this_thread::sleep_for(1ms);
}

/// A socket of this host's. Port 0 takes one that is free.
class Listener {
  public:
    explicit Listener(int type, std::uint16_t port = 0, Family family = Family::ipv4)
        : socket_(::socket(family == Family::ipv6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0)) {
        sockaddr_storage name{};
        socklen_t size = sizeof name;
        if (family == Family::ipv6) {
            auto& six = reinterpret_cast<sockaddr_in6&>(name);
            six.sin6_family = AF_INET6;
            six.sin6_addr = in6addr_loopback;
            six.sin6_port = htons(port);
            size = sizeof six;
        } else {
            auto& four = reinterpret_cast<sockaddr_in&>(name);
            four.sin_family = AF_INET;
            four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            four.sin_port = htons(port);
            size = sizeof four;
        }
        const int yes = 1;
        setsockopt(socket_.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        REQUIRE(bind(socket_.get(), reinterpret_cast<sockaddr*>(&name), size) == 0);
        if (type == SOCK_STREAM)
            REQUIRE(listen(socket_.get(), 1) == 0);
        REQUIRE(getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&name), &size) == 0);
        to.port = ntohs(family == Family::ipv6 ? reinterpret_cast<sockaddr_in6&>(name).sin6_port
                                               : reinterpret_cast<sockaddr_in&>(name).sin_port);
        to.way = type == SOCK_STREAM ? Destination::Way::tcp : Destination::Way::udp;
        to.address = *parse_address(family == Family::ipv6 ? "::1" : "127.0.0.1");
    }

    [[nodiscard]] Descriptor accepted() const {
        return Descriptor(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    }
    [[nodiscard]] int socket() const { return socket_.get(); }

    Destination to;

  private:
    Descriptor socket_;
};

std::string received(int socket) {
    std::array<char, 100> room{};
    const ssize_t size = recv(socket, room.data(), room.size(), 0);
    return size < 0 ? "nothing" : std::string(room.data(), static_cast<std::size_t>(size));
}

std::unique_ptr<Transport> open_to(const Destination& to, std::vector<std::string>& said) {
    return open_transport(to, [&said](std::string_view text) { said.emplace_back(text); });
}

std::string parsed(std::string_view text) {
    const auto result = parse_destination(text);
    const auto* destination = std::get_if<Destination>(&result);
    return destination == nullptr ? std::get<std::string>(result) : destination->text();
}

} // namespace

TEST_CASE("destinations as they are written", "[ipfix]") {
    CHECK(parsed("192.0.2.9") == "udp:192.0.2.9:4739");
    CHECK(parsed("192.0.2.9:2055") == "udp:192.0.2.9:2055");
    CHECK(parsed("udp:192.0.2.9:2055") == "udp:192.0.2.9:2055");
    CHECK(parsed("tcp:[2001:db8::9]:1") == "tcp:[2001:db8::9]:1");
    CHECK(parsed("tcp:2001:db8::9") == "tcp:[2001:db8::9]:4739");
    CHECK(parsed("collector.example.net:2055") == "udp:collector.example.net:2055");
    CHECK(parsed("tcp:collector") == "tcp:collector:4739");
    CHECK(parsed("file:-") == "file:-");
    CHECK(parsed("file:/var/log/nat.ipfix") == "file:/var/log/nat.ipfix");
    for (const char* wrong : {"", "udp:", "file:", "host:0", "host:65536", "host:http", ":80",
                              "tcp:1:2:3:4", "[2001:db8::9", "/tmp/file"})
        CHECK(parsed(wrong).starts_with("'"));
    CHECK(parsed("/tmp/file") == "'/tmp/file' is no host; a file is file:/tmp/file");
}

TEST_CASE("a datagram for each message", "[ipfix]") {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        std::vector<std::string> said;
        const Listener collector(SOCK_DGRAM, 0, family);
        const auto way = open_to(collector.to, said);
        CHECK(way->send(hello) == Sent::all);
        CHECK(received(collector.socket()) == "hello");
        CHECK(way->under_way() == 0);
        // Of an Ethernet, which the loopback device is larger than.
        CHECK(way->message_limit() == (family == Family::ipv4 ? 1472U : 1452U));
        CHECK(said.empty());
    }
}

TEST_CASE("a collector that is not there is noticed where its host says so", "[ipfix]") {
    std::vector<std::string> said;
    std::optional<Listener> collector(SOCK_DGRAM);
    const Destination to = collector->to;
    const auto way = open_to(to, said);
    const unsigned before = way->forgotten();
    collector.reset();
    CHECK(way->send(hello) == Sent::all); // as far as can be known
    until([&] {
        way->step();
        return !said.empty();
    });
    CHECK(said.front().starts_with("udp:127.0.0.1:" + std::to_string(to.port) + ": Connection"));
    CHECK(way->refused() == 1);
    CHECK(way->forgotten() > before);
    collector.emplace(SOCK_DGRAM, to.port);
    CHECK(way->send(hello) == Sent::all);
    CHECK(received(collector->socket()) == "hello");
    CHECK(said.size() == 1);
}

TEST_CASE("what was refused before does not hold up what is sent", "[ipfix]") {
    std::vector<std::string> said;
    std::optional<Listener> collector(SOCK_DGRAM);
    const Destination to = collector->to;
    const auto way = open_to(to, said);
    collector.reset();
    CHECK(way->send(hello) == Sent::all);
    collector.emplace(SOCK_DGRAM, to.port);
    CHECK(way->send(hello) == Sent::all);
    CHECK(received(collector->socket()) == "hello");
}

TEST_CASE("a connection is made anew when the collector is back", "[ipfix]") {
    std::vector<std::string> said;
    std::optional<Listener> collector(SOCK_STREAM);
    const Destination to = collector->to;
    const auto way = open_to(to, said);
    CHECK(way->session() == 0);
    CHECK(way->send(hello) == Sent::not_yet);
    const auto connected = [&](unsigned session) {
        until([&] {
            way->step();
            return way->session() == session;
        });
    };
    connected(1);
    Descriptor other = collector->accepted();
    CHECK(way->send(hello) == Sent::all);
    CHECK(received(other.get()) == "hello");
    until([&] { return way->under_way() == 0; });

    other = Descriptor();
    collector.reset();
    until([&] {
        way->step();
        return !said.empty();
    });
    CHECK(way->send(hello) == Sent::not_yet);
    CHECK(way->due());
    collector.emplace(SOCK_STREAM, to.port);
    connected(2);
    other = collector->accepted();
    CHECK(way->send(hello) == Sent::all);
    CHECK(received(other.get()) == "hello");
    CHECK(said.size() == 2); // gone, and there again
}

TEST_CASE("who reads slowly gets whole messages, and it is known what is under way", "[ipfix]") {
    std::vector<std::string> said;
    const Listener collector(SOCK_STREAM);
    const auto way = open_to(collector.to, said);
    until([&] {
        way->step();
        return way->session() == 1;
    });
    const Descriptor other = collector.accepted();
    const std::vector<std::uint8_t> message(16 * 1024, 'm');
    std::size_t sent = 0;
    while (way->send(message) == Sent::all)
        sent += message.size();
    CHECK(way->under_way() > 0);
    CHECK(way->under_way() <= sent);
    std::size_t got = 0;
    std::vector<char> room(1 << 20);
    while (got < sent) {
        const ssize_t size = recv(other.get(), room.data(), room.size(), 0);
        REQUIRE(size > 0);
        got += static_cast<std::size_t>(size);
        way->step(); // the rest of the last one
    }
    CHECK(got == sent);
    until([&] { return way->under_way() == 0; });
}

TEST_CASE("a connection begins with a whole message, wherever the last one broke off", "[ipfix]") {
    std::vector<std::string> said;
    std::optional<Listener> collector(SOCK_STREAM);
    const Destination to = collector->to;
    const auto way = open_to(to, said);
    const auto connected = [&](unsigned session) {
        until([&] {
            way->step();
            return way->session() == session;
        });
    };
    connected(1);
    Descriptor other = collector->accepted();
    const std::vector<std::uint8_t> message(16 * 1024 - 1, 'm');
    while (way->send(message) == Sent::all)
        ;
    other = Descriptor();
    collector.reset();
    until([&] {
        way->step();
        return !said.empty();
    });
    CHECK(way->under_way() > 0); // as it was at last
    collector.emplace(SOCK_STREAM, to.port);
    connected(2);
    other = collector->accepted();
    CHECK(way->under_way() == 0);
    CHECK(way->send(hello) == Sent::all);
    CHECK(received(other.get()) == "hello");
}

TEST_CASE("a file is messages, one behind the other, and takes no other's place", "[ipfix]") {
    const auto directory =
        std::filesystem::temp_directory_path() / ("natstat-ipfix." + std::to_string(getpid()));
    std::filesystem::create_directory(directory);
    Destination to;
    to.way = Destination::Way::file;
    to.name = (directory / "nat.ipfix").string();
    std::vector<std::string> said;
    {
        const auto way = open_to(to, said);
        CHECK(way->send(hello) == Sent::all);
        CHECK(way->send(hello) == Sent::all);
    }
    std::ifstream file(to.name);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "hellohello");
    CHECK_THROWS_AS(open_to(to, said), Failure);
    std::filesystem::remove_all(directory);
    to.name = "/dev/full";
    const auto full = open_to(to, said);
    CHECK_THROWS_AS(full->send(hello), Failure);
}
