// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// getifaddrs(3) for the addresses, /proc/sys for the settings.
#include "natstat/intake/host.hpp"

#include "natstat/model/protocol.hpp"
#include "natstat/model/socket_address.hpp"
#include "natstat/model/source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include <ifaddrs.h>
#include <net/if.h>
#include <unistd.h>

namespace natstat {

namespace {

/// What is sent to all on a link comes to this host, too.
const sockaddr* broadcast_of(const ifaddrs& entry) {
    return (entry.ifa_flags & IFF_BROADCAST) != 0 ? entry.ifa_broadaddr : nullptr;
}

Timeouts::Slot timeout(const std::string& name) {
    const auto value = conntrack_setting("nf_conntrack_" + name);
    return value ? Timeouts::Slot{std::chrono::seconds{*value}} : std::nullopt;
}

/// The settings of a protocol's states are named after them, in lower case.
std::array<Timeouts::Slot, 16> by_state(std::uint8_t number) {
    std::array<Timeouts::Slot, 16> slots{};
    const auto states = state_names(number);
    const std::string prefix = std::string(protocol_name(number)) + "_timeout_";
    for (std::size_t i = 0; i < states.size(); ++i) {
        std::string name(states[i]);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        slots[i] = timeout(prefix + name);
    }
    return slots;
}

} // namespace

std::vector<Address> local_addresses() {
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) != 0)
        throw Failure(std::string("cannot list this host's addresses: ") + std::strerror(errno));
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(first, freeifaddrs);
    std::vector<Address> addresses;
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next)
        for (const sockaddr* each :
             {static_cast<const sockaddr*>(entry->ifa_addr), broadcast_of(*entry)})
            if (const auto address = address_of(each))
                addresses.push_back(*address);
    return addresses;
}

Timeouts configured_timeouts() {
    Timeouts timeouts;
    timeouts.tcp = by_state(protocol::tcp);
    for (const char* name : {"tcp_timeout_max_retrans", "tcp_timeout_unacknowledged"})
        timeouts.tcp_shortened = std::max(timeouts.tcp_shortened, timeout(name));
    timeouts.sctp = by_state(protocol::sctp);
    timeouts.dccp = by_state(protocol::dccp);
    timeouts.udp = timeout("udp_timeout");
    timeouts.udp_stream = timeout("udp_timeout_stream");
    timeouts.icmp = timeout("icmp_timeout");
    timeouts.icmpv6 = timeout("icmpv6_timeout");
    timeouts.gre = timeout("gre_timeout");
    timeouts.gre_stream = timeout("gre_timeout_stream");
    timeouts.generic = timeout("generic_timeout");
    return timeouts;
}

std::optional<std::uint64_t> conntrack_setting(const std::string& name) {
    std::ifstream file("/proc/sys/net/netfilter/" + name);
    std::uint64_t value = 0;
    return file >> value ? std::optional(value) : std::nullopt;
}

bool has_ipvs() {
    return access("/proc/net/ip_vs", F_OK) == 0;
}

} // namespace natstat
