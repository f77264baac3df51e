// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Linear probing, at most half full; slots keep their hash, so that growing computes none.
#include "combinations.hpp"

namespace natstat {

bool Combinations::add(std::uint32_t first, std::uint32_t second, std::uint16_t third) {
    if (slots_.size() < 2 * (size_ + 1))
        grow();
    constexpr std::size_t size = sizeof first + sizeof second + sizeof third;
    const auto hash = SipHash(hash_key_).word(std::uint64_t{first} << 32 | second).end(third, size);
    const Slot wanted{static_cast<std::uint32_t>(hash), first, second, third, true};
    const std::size_t mask = slots_.size() - 1;
    std::size_t place = wanted.hash & mask;
    for (; slots_[place].taken; place = (place + 1) & mask)
        if (slots_[place] == wanted)
            return false;
    slots_[place] = wanted;
    ++size_;
    return true;
}

std::size_t Combinations::displacement() const {
    std::size_t all = 0;
    for (std::size_t place = 0; place < slots_.size(); ++place)
        if (slots_[place].taken)
            all += (place - slots_[place].hash) & (slots_.size() - 1);
    return all;
}

void Combinations::clear() {
    slots_.clear();
    size_ = 0;
}

void Combinations::grow() {
    constexpr std::size_t least = 1024;
    std::vector<Slot> old(slots_.empty() ? least : 2 * slots_.size());
    old.swap(slots_);
    const std::size_t mask = slots_.size() - 1;
    for (const Slot& slot : old) {
        if (!slot.taken)
            continue;
        std::size_t place = slot.hash & mask;
        while (slots_[place].taken)
            place = (place + 1) & mask;
        slots_[place] = slot;
    }
}

} // namespace natstat
