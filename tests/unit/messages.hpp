// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Netlink messages made by hand, for the tests of what messages mean and of recordings.
#pragma once

#include "tests/oracle/parts.hpp"

#include <cerrno>
#include <initializer_list>

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

namespace natstat::test {

using Bytes16 = std::vector<std::uint8_t>;

/// The bytes of a number in this machine's order.
template <typename Number>
[[nodiscard]] std::vector<std::uint8_t> bytes_of(Number number) {
    std::vector<std::uint8_t> bytes(sizeof number);
    std::memcpy(bytes.data(), &number, sizeof number);
    return bytes;
}

[[nodiscard]] inline oracle::Message with_head(int type, int flags, std::uint32_t sequence,
                                               std::uint32_t port,
                                               const std::vector<std::uint8_t>& payload) {
    oracle::Message message = oracle::message_with(payload, type);
    nlmsghdr head;
    std::memcpy(&head, message.data(), sizeof head);
    head.nlmsg_flags = static_cast<std::uint16_t>(flags);
    head.nlmsg_seq = sequence;
    head.nlmsg_pid = port;
    std::memcpy(message.data(), &head, sizeof head);
    return message;
}

/// A message of ctnetlink about one TCP flow.
[[nodiscard]] inline oracle::Message flow_message(int type, int flags, std::uint32_t sequence = 0,
                                                  std::uint32_t port = 0) {
    return with_head(NFNL_SUBSYS_CTNETLINK << 8 | type, flags, sequence, port,
                     oracle::payload_with(AF_INET, oracle::tuples(AF_INET, protocol::tcp)));
}

/// A request for a list, of everything or with a filter.
[[nodiscard]] inline oracle::Message
list_request(std::uint32_t sequence, std::uint8_t family = AF_UNSPEC, bool filtered = false) {
    oracle::Attributes filter;
    if (filtered)
        filter.push_back(oracle::number<std::uint32_t>(CTA_MARK, 1));
    return with_head(NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET, NLM_F_REQUEST | NLM_F_DUMP,
                     sequence, 0, oracle::payload_with(family, filter));
}

[[nodiscard]] inline oracle::Message list_end(std::uint32_t sequence, int error = 0,
                                              int flags = 0) {
    return with_head(NLMSG_DONE, NLM_F_MULTI | flags, sequence, 4711, bytes_of(error));
}

using AddressPart = std::pair<int, std::vector<std::uint8_t>>;

/// RTM_NEWADDR or RTM_DELADDR of an interface.
[[nodiscard]] inline oracle::Message address_message(int type, std::uint32_t interface,
                                                     std::uint8_t family,
                                                     const std::vector<AddressPart>& parts,
                                                     int flags = 0) {
    std::vector<std::uint8_t> payload{family, 24, 0, RT_SCOPE_UNIVERSE};
    const auto index = bytes_of(interface);
    payload.insert(payload.end(), index.begin(), index.end());
    for (const auto& [attribute, bytes] : parts)
        oracle::detail::append(payload, oracle::leaf(attribute, bytes));
    return with_head(type, flags, 0, 0, payload);
}

} // namespace natstat::test
