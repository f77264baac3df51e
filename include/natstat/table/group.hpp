// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a number of flows come to together: the part of a row that is not one flow's. How flows are
// put into groups is groups.hpp.
#pragma once

#include "natstat/model/address.hpp"
#include "natstat/model/nat_rules.hpp"
#include "natstat/table/holders.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace natstat {

/// Networks of this length stand in the place of addresses.
struct NetworkLengths {
    std::uint8_t ipv4 = 32;
    std::uint8_t ipv6 = 128;

    friend bool operator==(const NetworkLengths&, const NetworkLengths&) = default;
};

/// The addresses of a row that are cut to networks.
struct Cuts {
    std::optional<NetworkLengths> src;
    std::optional<NetworkLengths> gate;
    std::optional<NetworkLengths> dst;
};

struct Group {
    /// A sum of those flows that told it; absent when none did.
    template <typename Number>
    struct Sum {
        Number value{};
        bool told = false;

        void add(Number more) {
            value += more;
            told = true;
        }
    };

    Cuts cuts;
    std::uint32_t flows = 0;
    std::uint32_t opening = 0;
    std::uint32_t established = 0;
    std::uint32_t closing = 0;
    std::uint32_t unanswered = 0;
    std::uint32_t uncounted = 0; // of which the sums have nothing, see Row::is_uncounted
    std::uint32_t begun = 0;  // of what has changed: flows that began, also those that ended since
    std::uint32_t gone = 0;   // and that ended
    std::uint32_t failed = 0; // of these, refused, broken off or without any answer
    std::optional<std::uint32_t> ports;   // distinct NAT ports; absent where they were not counted
    std::optional<std::uint32_t> hosts;   // distinct sources
    std::optional<PoolRange> pool;        // NAT ports that there are, if they are counted
    std::shared_ptr<PortHolders> holders; // of these ports; null: not counted, or none
    PortsInUse used;
    Sum<std::uint64_t> packets_up;
    Sum<std::uint64_t> packets_down;
    Sum<std::uint64_t> bytes_up;
    Sum<std::uint64_t> bytes_down;
    Sum<double> rate_up; // bytes a second
    Sum<double> rate_down;
};

} // namespace natstat
