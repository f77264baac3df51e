// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// net/ipv4/inet_diag.c. A list of all is one request for each protocol and family; a netlink socket
// stays in the namespace that it was opened in.
#include "natstat/intake/sockets.hpp"

#include "natstat/intake/network_namespace.hpp"
#include "natstat/model/protocol.hpp"
#include "natstat/model/socket_address.hpp"
#include "natstat/model/source.hpp"
#include "netlink.hpp"

#include <cerrno>
#include <exception>
#include <thread>

#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>

namespace natstat {

namespace {

constexpr const char* doing = "list the sockets of this machine";

/// ::ffff:0:0/96 stands for IPv4 (RFC 4291 2.5.5.2).
Address address_from(Family family, const __be32 (&words)[4]) {
    std::array<std::uint8_t, 16> bytes{};
    static_assert(sizeof words == sizeof bytes);
    std::memcpy(bytes.data(), words, sizeof bytes);
    static constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (family == Family::ipv6 && std::equal(mapped.begin(), mapped.end(), bytes.begin()))
        return make_address(Family::ipv4, bytes.data() + mapped.size());
    return make_address(family, bytes.data());
}

void take(std::span<const std::uint8_t> message, std::uint8_t protocol,
          std::vector<OpenSocket>& sockets) {
    inet_diag_msg told;
    if (message.size() < NLMSG_HDRLEN + sizeof told)
        return;
    std::memcpy(&told, message.data() + NLMSG_HDRLEN, sizeof told);
    const Family family = family_of(told.idiag_family);
    if (family == Family::none || told.idiag_inode == 0) // nobody's any more, as in TIME_WAIT
        return;
    sockets.push_back({protocol,
                       {address_from(family, told.id.idiag_src), ntohs(told.id.idiag_sport)},
                       {address_from(family, told.id.idiag_dst), ntohs(told.id.idiag_dport)},
                       told.idiag_inode});
}

void list(const NetlinkSocket& socket, std::uint8_t family, std::uint8_t protocol,
          std::vector<OpenSocket>& sockets) {
    std::vector<std::uint8_t> room(64 * 1024);
    nlmsghdr* const asked = mnl_nlmsg_put_header(room.data());
    asked->nlmsg_type = SOCK_DIAG_BY_FAMILY;
    asked->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    auto* const request =
        static_cast<inet_diag_req_v2*>(mnl_nlmsg_put_extra_header(asked, sizeof(inet_diag_req_v2)));
    request->sdiag_family = family;
    request->sdiag_protocol = protocol;
    request->idiag_states = ~0U;
    if (mnl_socket_sendto(socket.get(), asked, asked->nlmsg_len) < 0)
        return;
    while (true) {
        const Received received = receive_from(socket, room);
        if (received.error == EINTR || received.foreign)
            continue;
        if (received.error != 0)
            return;
        auto bytes = std::span<const std::uint8_t>(room).first(received.size);
        while (const auto message = next_message(bytes)) {
            const auto type = header_of(*message).nlmsg_type;
            if (type == NLMSG_DONE || type == NLMSG_ERROR) // a kernel without the protocol's module
                return;
            take(*message, protocol, sockets);
        }
    }
}

std::vector<OpenSocket> sockets_here() {
    std::vector<OpenSocket> sockets;
    const NetlinkSocket socket = open_netlink(NETLINK_SOCK_DIAG, 0, doing);
    for (const std::uint8_t family : {std::uint8_t{AF_INET}, std::uint8_t{AF_INET6}})
        for (const std::uint8_t protocol : {protocol::tcp, protocol::udp})
            list(socket, family, protocol, sockets);
    return sockets;
}

} // namespace

std::vector<std::vector<OpenSocket>> sockets_in(std::span<const std::string> files) {
    std::vector<std::vector<OpenSocket>> all(files.size());
    std::exception_ptr wrong;
    std::thread([&] {
        try {
            for (std::size_t i = 0; i < files.size(); ++i)
                if (files[i].empty() || enter_network_namespace(files[i]) == 0)
                    all[i] = sockets_here();
        } catch (...) {
            wrong = std::current_exception();
        }
    }).join();
    if (wrong)
        std::rethrow_exception(wrong);
    return all;
}

} // namespace natstat
