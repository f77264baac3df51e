// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A table of what is counted, by keys of plain bytes: entries in the order in which they came, and
// an index of four bytes for each. What is counted is kept, flows are not.
#pragma once

#include "natstat/model/siphash.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

namespace natstat {

template <typename Key, typename Value>
class Tally {
    static_assert(std::has_unique_object_representations_v<Key>);

  public:
    struct Entry {
        Key key;
        Value value;
    };

    /// The number of this key's entry, which is made if there is none yet.
    std::uint32_t number(const Key& key) {
        if (2 * (entries_.size() + 1) > slots_.size())
            grow();
        std::uint32_t& slot = slots_[slot_of(key)];
        if (slot == 0) {
            entries_.push_back({key, {}});
            slot = static_cast<std::uint32_t>(entries_.size());
        }
        return slot - 1;
    }
    Value& operator[](const Key& key) { return value(number(key)); }
    /// Absent, and null, where there is none.
    [[nodiscard]] std::optional<std::uint32_t> find_number(const Key& key) const {
        const std::uint32_t slot = slots_.empty() ? 0 : slots_[slot_of(key)];
        return slot == 0 ? std::nullopt : std::optional(slot - 1);
    }
    [[nodiscard]] const Value* find(const Key& key) const {
        const auto found = find_number(key);
        return found ? &entries_[*found].value : nullptr;
    }

    [[nodiscard]] const Entry& at(std::uint32_t number) const { return entries_[number]; }
    [[nodiscard]] Value& value(std::uint32_t number) { return entries_[number].value; }
    [[nodiscard]] auto begin() const { return entries_.begin(); }
    [[nodiscard]] auto end() const { return entries_.end(); }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    void clear() {
        entries_.clear();
        slots_.clear();
    }

  private:
    /// The one of this key, or the free one where it would be.
    [[nodiscard]] std::size_t slot_of(const Key& key) const {
        const std::string_view bytes(reinterpret_cast<const char*>(&key), sizeof key);
        const std::size_t mask = slots_.size() - 1;
        std::size_t slot = siphash(secret_, bytes) & mask;
        while (slots_[slot] != 0 && !(entries_[slots_[slot] - 1].key == key))
            slot = (slot + 1) & mask;
        return slot;
    }
    void grow() {
        constexpr std::size_t first = 64;
        slots_.assign(slots_.empty() ? first : 2 * slots_.size(), 0);
        for (std::size_t i = 0; i < entries_.size(); ++i)
            slots_[slot_of(entries_[i].key)] = static_cast<std::uint32_t>(i + 1);
    }

    HashKey secret_ = run_key();
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> slots_; // open addressing: the entry's number + 1, 0 is free
};

} // namespace natstat
