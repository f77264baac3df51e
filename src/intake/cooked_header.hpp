// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What stands before the messages in each packet of a netlink capture, all in network byte order:
// https://www.tcpdump.org/linktypes/LINKTYPE_NETLINK.html.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace natstat {

inline constexpr std::size_t cooked_header_size = 16;
inline constexpr std::uint16_t arphrd_netlink = 824; // linux/if_arp.h

/// The header of a message of this netlink family. The packet type is 4, outgoing, for both
/// directions, which is what a packet socket on an nlmon device sees (dev_queue_xmit_nit in
/// net/core/dev.c).
[[nodiscard]] inline std::array<std::uint8_t, cooked_header_size> cooked_header(int family) {
    std::array<std::uint8_t, cooked_header_size> bytes{0, 4, arphrd_netlink >> 8,
                                                       arphrd_netlink & 0xFF};
    bytes[14] = static_cast<std::uint8_t>(family >> 8);
    bytes[15] = static_cast<std::uint8_t>(family);
    return bytes;
}

/// The netlink family of a packet; nothing when it does not begin with such a header.
[[nodiscard]] inline std::optional<int> cooked_family(std::span<const std::uint8_t> packet) {
    if (packet.size() < cooked_header_size || (packet[2] << 8 | packet[3]) != arphrd_netlink)
        return std::nullopt;
    return packet[14] << 8 | packet[15];
}

} // namespace natstat
