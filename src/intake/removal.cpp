// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// ctnetlink_del_conntrack (net/netfilter/nf_conntrack_netlink.c): with CTA_ID it deletes no other
// flow that has the tuple by now. The answer is there when the request has been sent.
#include "natstat/intake/removal.hpp"

#include "flow_request.hpp"
#include "netlink.hpp"

#include <array>
#include <cerrno>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

namespace natstat {

int remove_flow(const Flow& flow) {
    return remove_flow(flow, nfct_nlmsg_build);
}

int remove_flow(const Flow& flow, BuildMessage build) {
    constexpr const char* doing = "delete a connection";
    constexpr std::uint32_t sequence = 1;
    const auto request = make_flow_request(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, flow, sequence, build);
    if (!request)
        return EPROTONOSUPPORT;
    const NetlinkSocket socket = open_netlink(NETLINK_NETFILTER, 0, doing);
    if (mnl_socket_sendto(socket.get(), request->data(), request->size()) < 0)
        return errno;
    std::array<std::uint8_t, 1024> room{};
    Received received;
    do
        received = receive_from(socket, room);
    while (received.foreign || received.error == EINTR);
    if (received.error != 0)
        return received.error;
    auto bytes = std::span<const std::uint8_t>(room).first(received.size);
    const auto message = next_message(bytes);
    if (!message || header_of(*message).nlmsg_type != NLMSG_ERROR ||
        header_of(*message).nlmsg_seq != sequence)
        return EPROTO;
    return error_in(*message).value_or(EPROTO);
}

} // namespace natstat
