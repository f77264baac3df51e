// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The flows that the bench puts into a table: flow number i of a mix, computed from i alone, so
// that the same table can be made again, extended or compared at any time. It neither talks to the
// kernel nor keeps anything.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace natstat::bench {

/// What a table is made of. The same mix and the same number give the same flow.
struct Mix {
    std::uint64_t seed = 1;
    unsigned ipv6_percent = 10;
    unsigned mark_percent = 5; ///< flows with a mark of 1 to 15
    unsigned zone_percent = 0; ///< flows in a zone of 1 to 7
    bool snat_only = false;    ///< else one in 1,000 DNAT, one in 10,000 both, 8 in 100 not NATed
};

enum class Kind : std::uint8_t { snat, dnat, both, local, routed };

/// An address in network order (IPv4: the first 4 bytes) with a port, or the echo id for ICMP.
struct End {
    std::array<std::uint8_t, 16> address{};
    std::uint16_t port = 0;
};

/// One flow as it was opened, and what NAT is to make of its two ends.
struct BenchFlow {
    std::uint8_t family = 0;   ///< AF_INET or AF_INET6
    std::uint8_t protocol = 0; ///< IPPROTO_*
    Kind kind = Kind::snat;
    End source;
    End destination;
    std::optional<End> snat;  ///< the NAT side that replaces the source
    std::optional<End> dnat;  ///< the real server that replaces the destination
    std::uint8_t state = 0;   ///< the protocol's state as the kernel numbers it (TCP, SCTP)
    std::uint32_t status = 0; ///< IPS_* flags, without those of NAT
    std::uint32_t timeout_seconds = 0;
    std::uint32_t mark = 0;
    std::uint16_t zone = 0;
};

/// More flows than this can not be told apart: addresses and ports begin again.
inline constexpr std::uint64_t max_flows = 16'000'000;

/// Flow number `index` (below `max_flows`). No two numbers share a tuple in either direction, so
/// the kernel neither refuses a flow nor has to choose another NAT port for it.
[[nodiscard]] BenchFlow flow_at(std::uint64_t index, const Mix& mix);

/// The flow as a line of `conntrack -L -o extended`, without the newline. The timeout is the one
/// that the flow starts with.
[[nodiscard]] std::string to_line(const BenchFlow& flow);

} // namespace natstat::bench
