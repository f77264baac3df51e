// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Linear probing, at most half full; slots keep their hash, so that growing reads no key and a
// probe reads one only when it is most likely the right one.
#include "key_index.hpp"

#include <functional>

namespace natstat {

KeyIndex::Found KeyIndex::number(std::string_view key) {
    if (slots_.size() < 2 * (size() + 1))
        grow();
    const auto hash = static_cast<std::uint32_t>(std::hash<std::string_view>{}(key));
    const std::size_t mask = slots_.size() - 1;
    std::size_t place = hash & mask;
    for (; slots_[place].number != 0; place = (place + 1) & mask) {
        const Slot& slot = slots_[place];
        if (slot.hash == hash && this->key(slot.number - 1) == key)
            return {slot.number - 1, false};
    }
    bytes_.insert(bytes_.end(), key.begin(), key.end());
    ends_.push_back(bytes_.size());
    slots_[place] = {hash, static_cast<std::uint32_t>(size())};
    return {static_cast<std::uint32_t>(size() - 1), true};
}

void KeyIndex::clear() {
    bytes_.clear();
    ends_.clear();
    slots_.clear();
}

std::string_view KeyIndex::key(std::uint32_t number) const {
    const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
    return {bytes_.data() + begin, ends_[number] - begin};
}

void KeyIndex::grow() {
    constexpr std::size_t least = 1024;
    std::vector<Slot> old(slots_.empty() ? least : 2 * slots_.size());
    old.swap(slots_);
    const std::size_t mask = slots_.size() - 1;
    for (const Slot& slot : old) {
        if (slot.number == 0)
            continue;
        std::size_t place = slot.hash & mask;
        while (slots_[place].number != 0)
            place = (place + 1) & mask;
        slots_[place] = slot;
    }
}

} // namespace natstat
