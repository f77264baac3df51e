// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Linear probing, at most half full; slots keep their hash, so that growing reads no key and a
// probe reads one only when it is most likely the right one.
#include "key_index.hpp"

namespace natstat {

std::uint32_t KeyIndex::hash_of(std::string_view key) const {
    return static_cast<std::uint32_t>(siphash(hash_key_, key));
}

KeyIndex::Found KeyIndex::number(std::string_view key) {
    if (slots_.size() < 2 * (size() + 1))
        grow();
    const std::uint32_t hash = hash_of(key);
    const std::size_t place = slot_of(key, hash);
    if (slots_[place].number != 0)
        return {slots_[place].number - 1, false};
    bytes_.insert(bytes_.end(), key.begin(), key.end());
    ends_.push_back(bytes_.size());
    slots_[place] = {hash, static_cast<std::uint32_t>(size())};
    return {static_cast<std::uint32_t>(size() - 1), true};
}

std::optional<std::uint32_t> KeyIndex::find(std::string_view key) const {
    if (slots_.empty())
        return std::nullopt;
    const Slot& slot = slots_[slot_of(key, hash_of(key))];
    return slot.number == 0 ? std::nullopt : std::optional(slot.number - 1);
}

std::size_t KeyIndex::slot_of(std::string_view key, std::uint32_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t place = hash & mask;
    for (; slots_[place].number != 0; place = (place + 1) & mask)
        if (slots_[place].hash == hash && this->key(slots_[place].number - 1) == key)
            break;
    return place;
}

std::size_t KeyIndex::displacement() const {
    std::size_t all = 0;
    for (std::size_t place = 0; place < slots_.size(); ++place)
        if (slots_[place].number != 0)
            all += (place - slots_[place].hash) & (slots_.size() - 1);
    return all;
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
