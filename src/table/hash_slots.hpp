// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Open addressing with linear probing, at most half full. A slot keeps its hash, so that growing
// reads no key, and a probe reads one only where it is most likely the right one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace natstat {

/// A `Slot` has a member `hash` and says with `taken()` whether something is in it; a new one is
/// free.
template <typename Slot>
class HashSlots {
  public:
    /// Makes room for one more. Places change.
    void make_room() {
        if (slots_.size() >= 2 * (size_ + 1))
            return;
        std::vector<Slot> old(slots_.empty() ? least : 2 * slots_.size());
        old.swap(slots_);
        for (const Slot& slot : old)
            if (slot.taken())
                slots_[place_of(slot.hash, [](const Slot&) { return false; })] = slot;
    }

    /// The place of the slot with this hash that is the `same`, or the free one where it would be.
    /// There was room made at least once.
    template <typename Same>
    [[nodiscard]] std::size_t place_of(std::uint32_t hash, const Same& same) const {
        std::size_t place = hash & mask();
        while (slots_[place].taken() && !(slots_[place].hash == hash && same(slots_[place])))
            place = (place + 1) & mask();
        return place;
    }

    [[nodiscard]] const Slot& operator[](std::size_t place) const { return slots_[place]; }
    /// Of a slot that is taken everything may change but what it is found by.
    [[nodiscard]] Slot& operator[](std::size_t place) { return slots_[place]; }
    /// Into a free place, for which there is room.
    void put(std::size_t place, const Slot& slot) {
        slots_[place] = slot;
        ++size_;
    }

    /// Those that are taken, in any order.
    template <typename Visit>
    void for_each(Visit&& visit) const {
        for (const Slot& slot : slots_)
            if (slot.taken())
                visit(slot);
    }

    [[nodiscard]] std::size_t size() const { return size_; }
    /// By how many slots all of them lie behind the ones that are theirs. For tests.
    [[nodiscard]] std::size_t displacement() const {
        std::size_t all = 0;
        for (std::size_t place = 0; place < slots_.size(); ++place)
            if (slots_[place].taken())
                all += (place - slots_[place].hash) & mask();
        return all;
    }
    void clear() {
        slots_.clear();
        size_ = 0;
    }

  private:
    static constexpr std::size_t least = 1024;

    [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }

    std::vector<Slot> slots_; // their number is a power of two
    std::size_t size_ = 0;    // of those that are taken
};

} // namespace natstat
