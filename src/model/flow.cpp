// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Flows taken apart into values, and the pool of what few of them have.
#include "natstat/model/flow.hpp"

#include <algorithm>
#include <span>
#include <string_view>

namespace natstat {

namespace {

std::uint64_t hash_of(const Extras& extras, const HashKey& key) {
    SipHash hash(key);
    // The texts are rare: few flows have more than labels.
    for (const std::string* text : {&extras.helper, &extras.secctx})
        if (!text->empty())
            hash.word(siphash(key, *text));
    for (const auto& [what, text] : extras.known)
        hash.word(static_cast<std::uint64_t>(what)).word(siphash(key, text));
    const auto* const labels = reinterpret_cast<const char*>(extras.labels.data());
    hash.word(load_word(labels)).word(load_word(labels + sizeof(std::uint64_t)));
    return hash.end((extras.helper.empty() ? 0U : 1U) | (extras.secctx.empty() ? 0U : 2U) |
                        (extras.has_labels ? 4U : 0U) | (extras.selection.empty() ? 0U : 8U),
                    0);
}

} // namespace

Tuple Flow::tuple(Direction direction) const {
    if (direction == Direction::original)
        return {end(End::original_source), end(End::original_destination)};
    return {end(End::reply_source), end(End::reply_destination)};
}

std::optional<IcmpKind> Flow::icmp(Direction direction) const {
    const bool original = direction == Direction::original;
    if (!has(Part::icmp) || !has(original ? Part::original_ports : Part::reply_ports))
        return std::nullopt;
    const End holder = original ? End::original_destination : End::reply_source;
    const std::uint16_t both = port[static_cast<std::size_t>(holder)];
    return IcmpKind{static_cast<std::uint8_t>(both >> 8), static_cast<std::uint8_t>(both & 0xFF)};
}

void Flow::set_zone(std::uint16_t number, std::optional<Direction> only) {
    if (number == 0)
        return;
    clear(Part::zone_original_only);
    clear(Part::zone_reply_only);
    zone = number;
    set(Part::zone);
    if (only)
        set(*only == Direction::original ? Part::zone_original_only : Part::zone_reply_only);
}

std::optional<std::uint8_t> icmp_answer(std::uint8_t protocol, std::uint8_t type) {
    struct Pair {
        std::uint8_t query, answer;
    };
    constexpr Pair icmp[] = {{8, 0}, {13, 14}, {15, 16}, {17, 18}};
    constexpr Pair icmpv6[] = {{128, 129}, {139, 140}};
    const auto pairs =
        protocol == protocol::icmp ? std::span<const Pair>(icmp) : std::span<const Pair>(icmpv6);
    for (const auto& [query, answer] : pairs) {
        if (type == query)
            return answer;
        if (type == answer)
            return query;
    }
    return std::nullopt;
}

bool same_connection(const Flow& a, const Flow& b) {
    return a.family == b.family && a.protocol == b.protocol &&
           a.zone_of(Direction::original) == b.zone_of(Direction::original) &&
           a.address[0] == b.address[0] && a.address[1] == b.address[1] && a.port[0] == b.port[0] &&
           a.port[1] == b.port[1];
}

const std::string* Extras::known_of(Known what) const {
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&](const auto& each) { return each.first == what; });
    return found == known.end() ? nullptr : &found->second;
}

std::uint32_t ExtrasPool::intern(const Extras& extras) {
    if (extras == all_.front())
        return 0;
    if (slots_.size() < 2 * (all_.size() + 1))
        grow_slots();
    std::size_t slot = home_of(extras);
    for (; slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1))
        if (all_[slots_[slot]] == extras)
            return slots_[slot];
    slots_[slot] = static_cast<std::uint32_t>(all_.size());
    all_.push_back(extras);
    return slots_[slot];
}

std::size_t ExtrasPool::home_of(const Extras& extras) const {
    return hash_of(extras, key_) & (slots_.size() - 1);
}

std::size_t ExtrasPool::displacement() const {
    std::size_t all = 0;
    for (std::size_t slot = 0; slot < slots_.size(); ++slot)
        if (slots_[slot] != 0)
            all += (slot - home_of(all_[slots_[slot]])) & (slots_.size() - 1);
    return all;
}

void ExtrasPool::clear() {
    all_.resize(1);
    slots_.clear();
}

void ExtrasPool::grow_slots() {
    slots_.assign(slots_.empty() ? 16 : 2 * slots_.size(), 0);
    for (std::uint32_t index = 1; index < all_.size(); ++index) {
        std::size_t slot = home_of(all_[index]);
        while (slots_[slot] != 0)
            slot = (slot + 1) & (slots_.size() - 1);
        slots_[slot] = index;
    }
}

} // namespace natstat
