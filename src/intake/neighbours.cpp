// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// rtnetlink(7), RTM_GETNEIGH.
#include "natstat/intake/neighbours.hpp"

#include "netlink.hpp"

#include "natstat/model/socket_address.hpp"

#include <array>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

namespace natstat {

namespace {

constexpr std::uint32_t sequence = 1;

struct Request {
    nlmsghdr head{sizeof(Request), RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, sequence, 0};
    ndmsg body{};
};

/// The attributes behind the body, one by one; what is cut off is none.
std::optional<std::span<const std::uint8_t>> attribute(std::span<const std::uint8_t> bytes,
                                                       std::uint16_t type) {
    while (bytes.size() >= sizeof(rtattr)) {
        rtattr head;
        std::memcpy(&head, bytes.data(), sizeof head);
        if (head.rta_len < sizeof head || head.rta_len > bytes.size())
            return std::nullopt;
        if (head.rta_type == type)
            return bytes.subspan(sizeof head, head.rta_len - sizeof head);
        bytes = bytes.subspan(std::min<std::size_t>(RTA_ALIGN(head.rta_len), bytes.size()));
    }
    return std::nullopt;
}

} // namespace

std::optional<Address> silent_neighbour(std::span<const std::uint8_t> message) {
    ndmsg body;
    if (message.size() < NLMSG_HDRLEN + sizeof body ||
        header_of(message).nlmsg_type != RTM_NEWNEIGH)
        return std::nullopt;
    std::memcpy(&body, message.data() + NLMSG_HDRLEN, sizeof body);
    if ((body.ndm_state & (NUD_FAILED | NUD_INCOMPLETE)) == 0)
        return std::nullopt;
    const Family family = family_of(body.ndm_family);
    const auto address = attribute(message.subspan(NLMSG_HDRLEN + sizeof body), NDA_DST);
    if (family == Family::none || !address || address->size() != address_size(family))
        return std::nullopt;
    return make_address(family, address->data());
}

std::vector<Address> silent_neighbours() {
    std::vector<Address> silent;
    const NetlinkSocket socket = open_netlink(NETLINK_ROUTE, 0, "list this host's neighbours");
    const Request request;
    if (mnl_socket_sendto(socket.get(), &request, sizeof request) < 0)
        return silent;
    std::vector<std::uint8_t> room(std::size_t{64} * 1024);
    while (true) {
        const Received received = receive_from(socket, room);
        if (received.foreign || received.error == EINTR)
            continue;
        if (received.error != 0)
            return silent;
        std::span<const std::uint8_t> bytes(room.data(), received.size);
        while (const auto message = next_message(bytes)) {
            const auto type = header_of(*message).nlmsg_type;
            if (type == NLMSG_DONE || type == NLMSG_ERROR)
                return silent;
            if (const auto address = silent_neighbour(*message))
                silent.push_back(*address);
        }
    }
}

} // namespace natstat
