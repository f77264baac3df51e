// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Only hashes are kept, 64 bits of a keyed one each: that two of them meet does not happen.
#include "natstat/live/first_seen.hpp"

#include "natstat/model/nat.hpp"

#include <utility>

namespace natstat {

namespace {

std::uint64_t hash_of(const Address& address, std::uint64_t what) {
    SipHash hash(run_key());
    for (std::size_t i = 0; i < address.bytes.size(); i += sizeof(std::uint64_t))
        hash.word(load_word(reinterpret_cast<const char*>(&address.bytes[i])));
    constexpr std::size_t family_bits = 8;
    hash.word(what << family_bits | static_cast<std::uint64_t>(address.family));
    return hash.end(0, address.bytes.size() + sizeof(std::uint64_t));
}

std::uint64_t source_key(const Flow& flow) {
    return hash_of(flow.end(source_end).address, flow.zone_of(Direction::original));
}

std::uint64_t destination_key(const Flow& flow) {
    const Endpoint end = flow.end(destination_end(nat_of(flow)));
    constexpr std::uint64_t destination = 1U << 24U; // never that of a source
    constexpr std::size_t port_bits = 16;
    return hash_of(end.address, destination |
                                    static_cast<std::uint64_t>(flow.protocol) << port_bits |
                                    end.port.value_or(0));
}

} // namespace

void FirstSeen::take(const Flow& flow, Time time) {
    take(source_key(flow), time);
    take(destination_key(flow), time);
}

void FirstSeen::take(std::uint64_t key, Time time) {
    if (young_.contains(key))
        return;
    const Time first = find(key).value_or(time);
    if (young_.size() >= kept_)
        old_ = std::exchange(young_, Known(0, NumberHash{run_key()}));
    young_.emplace(key, first);
}

std::optional<Time> FirstSeen::find(std::uint64_t key) const {
    for (const Known* known : {&young_, &old_})
        if (const auto found = known->find(key); found != known->end())
            return found->second;
    return std::nullopt;
}

std::optional<Time> FirstSeen::source(const Flow& flow) const {
    return find(source_key(flow));
}

std::optional<Time> FirstSeen::destination(const Flow& flow) const {
    return find(destination_key(flow));
}

} // namespace natstat
