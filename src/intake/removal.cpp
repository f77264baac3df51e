// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// ctnetlink_del_conntrack (net/netfilter/nf_conntrack_netlink.c): with CTA_ID it deletes no other
// flow that has the tuple by now. The answer is there when the request has been sent.
#include "natstat/intake/removal.hpp"

#include "flow_request.hpp"
#include "netlink.hpp"

#include <array>
#include <cerrno>

#include <linux/netfilter/nfnetlink_conntrack.h>

namespace natstat {

int remove_flow(const Flow& flow) {
    constexpr const char* doing = "delete a connection";
    const NetlinkSocket socket = open_netlink(NETLINK_NETFILTER, 0, doing);
    const auto request = make_flow_request(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, flow, 1);
    if (mnl_socket_sendto(socket.get(), request.data(), request.size()) < 0)
        return errno;
    std::array<std::uint8_t, 1024> room{};
    const ssize_t size = mnl_socket_recvfrom(socket.get(), room.data(), room.size());
    if (size < 0)
        return errno;
    std::span<const std::uint8_t> bytes(room.data(), static_cast<std::size_t>(size));
    const auto message = next_message(bytes);
    if (!message || header_of(*message).nlmsg_type != NLMSG_ERROR)
        return EPROTO;
    return error_in(*message).value_or(EPROTO);
}

} // namespace natstat
