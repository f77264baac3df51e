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
#include <map>
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

/// The configured timeouts, each setting read once: several states have the same one.
class TimeoutReader {
  public:
    Timeouts timeouts;

    void read(const ProtocolKind& kind) {
        for (std::size_t state = 0; state < kind.states.size(); ++state)
            timeouts.set(kind.number, static_cast<StateNumber>(state),
                         of(kind.states[state].timeout));
        Timeouts::Slot longest;
        for (const TimeoutSetting& setting : kind.shortened)
            longest = std::max(longest, of(setting));
        timeouts.set_shortened(kind.number, longest);
    }

  private:
    Timeouts::Slot of(const TimeoutSetting& setting) {
        if (setting.name.empty())
            return std::nullopt;
        const auto [known, added] = read_.try_emplace(setting.name);
        if (const auto value = added
                                   ? conntrack_setting("nf_conntrack_" + std::string(setting.name))
                                   : std::nullopt)
            known->second = std::chrono::seconds{*value};
        return known->second;
    }

    std::map<std::string_view, Timeouts::Slot> read_;
};

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
    TimeoutReader reader;
    for (const ProtocolKind& kind : protocols())
        reader.read(kind);
    reader.read(protocol_kind(protocol::reserved));
    return reader.timeouts;
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
