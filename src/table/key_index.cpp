// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The bytes of all keys lie one behind the other; a slot has the number of its own.
#include "key_index.hpp"

namespace natstat {

std::uint32_t KeyIndex::hash_of(std::string_view key) const {
    return static_cast<std::uint32_t>(siphash(hash_key_, key));
}

KeyIndex::Found KeyIndex::number(std::string_view key) {
    slots_.make_room();
    const std::uint32_t hash = hash_of(key);
    const std::size_t place = place_of(key, hash);
    if (slots_[place].taken())
        return {slots_[place].number - 1, false};
    bytes_.insert(bytes_.end(), key.begin(), key.end());
    ends_.push_back(bytes_.size());
    slots_.put(place, {hash, static_cast<std::uint32_t>(size())});
    return {static_cast<std::uint32_t>(size() - 1), true};
}

std::optional<std::uint32_t> KeyIndex::find(std::string_view key) const {
    if (slots_.size() == 0)
        return std::nullopt;
    const Slot& slot = slots_[place_of(key, hash_of(key))];
    return slot.taken() ? std::optional(slot.number - 1) : std::nullopt;
}

std::size_t KeyIndex::place_of(std::string_view key, std::uint32_t hash) const {
    return slots_.place_of(hash,
                           [&](const Slot& slot) { return this->key(slot.number - 1) == key; });
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

} // namespace natstat
