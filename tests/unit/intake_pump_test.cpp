// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The pump on sockets that need no privilege: the kernel acknowledges what rtnetlink gets, and
// NETLINK_USERSOCK carries messages between processes. These also run under the thread sanitizer
// (tests/threads.sh).
#include "intake/pump.hpp"

#include "intake/netlink.hpp"

#include "tests/catch.hpp"

#include <array>
#include <cstring>
#include <vector>

#include <poll.h>
#include <sys/socket.h>

using namespace natstat;

namespace {

NetlinkSocket open(int family) {
    return open_netlink(family, SOCK_NONBLOCK, "test");
}

/// Something that the kernel acknowledges, whatever the netlink family.
void ask_for_acknowledgement(const NetlinkSocket& socket, std::uint32_t sequence) {
    const nlmsghdr head{sizeof head, NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, sequence, 0};
    REQUIRE(mnl_socket_sendto(socket.get(), &head, sizeof head) == sizeof head);
}

/// The next piece, as long as it takes.
Pump::Piece wait_for_piece(Pump& pump) {
    for (;;) {
        if (const auto piece = pump.take())
            return *piece;
        pollfd wanted{pump.fd(), POLLIN, 0};
        poll(&wanted, 1, -1);
    }
}

void send_to(const NetlinkSocket& from, const NetlinkSocket& to, std::vector<std::uint8_t> bytes) {
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_pid = mnl_socket_get_portid(to.get());
    REQUIRE(sendto(mnl_socket_get_fd(from.get()), bytes.data(), bytes.size(), 0,
                   reinterpret_cast<const sockaddr*>(&address), sizeof address) >= 0);
}

} // namespace

TEST_CASE("pump: the kernel's messages come in order", "[pump]") {
    const NetlinkSocket socket = open(NETLINK_ROUTE);
    Pump pump(mnl_socket_get_fd(socket.get()));
    constexpr std::uint32_t rounds = 100, burst = 20; // no more than the ring and the queue hold
    bool in_order = true;
    for (std::uint32_t i = 0; i < rounds; ++i) {
        for (std::uint32_t k = 0; k < burst; ++k)
            ask_for_acknowledgement(socket, i * burst + k);
        for (std::uint32_t k = 0; k < burst; ++k) {
            const Pump::Piece piece = wait_for_piece(pump);
            REQUIRE(piece.error == 0);
            auto bytes = piece.bytes;
            const auto message = next_message(bytes);
            REQUIRE(message);
            in_order = in_order && header_of(*message).nlmsg_seq == i * burst + k &&
                       error_in(*message) == 0;
        }
    }
    CHECK(in_order);
    CHECK_FALSE(pump.take());
    CHECK(pump.newly_foreign() == 0);
}

TEST_CASE("pump: what is not the kernel's is passed over and counted", "[pump]") {
    const NetlinkSocket socket = open(NETLINK_USERSOCK);
    const NetlinkSocket other = open(NETLINK_USERSOCK);
    Pump pump(mnl_socket_get_fd(socket.get()));
    for (std::uint64_t i = 0; i < 3; ++i)
        send_to(other, socket, {1, 2, 3, 4});
    for (std::uint64_t seen = 0; seen < 3;)
        seen += pump.newly_foreign();
    CHECK_FALSE(pump.take());
}

TEST_CASE("pump: its end does not wait for a message", "[pump]") {
    const NetlinkSocket socket = open(NETLINK_ROUTE);
    { const Pump pump(mnl_socket_get_fd(socket.get())); }
    ask_for_acknowledgement(socket, 1);
    Pump again(mnl_socket_get_fd(socket.get()));
    CHECK(wait_for_piece(again).error == 0);
}

TEST_CASE("pump: an error of the socket is a piece of its own", "[pump]") {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    const Descriptor read(ends[0]), write(ends[1]);
    Pump pump(read.get()); // no socket at all
    const Pump::Piece piece = wait_for_piece(pump);
    CHECK(piece.error == ENOTSOCK);
    CHECK(piece.bytes.empty());
}
