// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A reply tuple is there once (nf_conntrack_tuple_taken), so flows with one NAT address, protocol
// and answering end have a port each, and counting them counts ports.
#include "natstat/ipfix/port_use.hpp"

#include <algorithm>
#include <utility>

namespace natstat::ipfix {

PortUse::Key PortUse::key_of(const Flow& flow) {
    Key key{};
    char* out = key.data();
    const auto put = [&out](const auto& bytes) {
        out = std::copy(bytes.begin(), bytes.end(), out);
    };
    put(flow.address[static_cast<std::size_t>(End::reply_destination)]);
    put(flow.address[static_cast<std::size_t>(End::reply_source)]);
    const std::uint16_t port = flow.end(End::reply_source).port.value_or(0);
    const std::uint16_t zone = flow.zone_of(Direction::reply);
    for (const int number : {port >> 8, port & 0xFF, zone >> 8, zone & 0xFF})
        *out++ = static_cast<char>(number);
    *out++ = static_cast<char>(flow.protocol);
    *out = static_cast<char>(flow.family);
    return key;
}

bool PortUse::add(const Row& row) {
    if (!pool_.has(row))
        return false;
    Use& use = uses_[key_of(row.flow)];
    ++use.ports;
    const bool is_all = use.ports >= pool_.of(row.flow.protocol)->size();
    return is_all && !std::exchange(use.told, true);
}

void PortUse::remove(const Row& row) {
    const auto found = pool_.has(row) ? uses_.find(key_of(row.flow)) : uses_.end();
    if (found == uses_.end()) // it came before anybody counted
        return;
    Use& use = found->second;
    --use.ports;
    const std::uint32_t all = pool_.of(row.flow.protocol)->size();
    if (use.ports <= all - all / 10 - 1)
        use.told = false;
    if (use.ports == 0)
        uses_.erase(found);
}

} // namespace natstat::ipfix
