// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which numbers have been seen together. A table of 1,000,000 flows has nearly as many
// combinations of a destination and a NAT port, and each is asked for once or twice: so a slot has
// all of it, and the one look into memory that it takes is the only one.
#pragma once

#include "hash_slots.hpp"
#include "natstat/model/siphash.hpp"

#include <cstddef>
#include <cstdint>

namespace natstat {

class Combinations {
  public:
    /// `key`: of the hash by which combinations are found.
    explicit Combinations(const HashKey& key = run_key()) : hash_key_(key) {}

    /// Whether they come together for the first time. Constant time on average.
    bool add(std::uint32_t first, std::uint32_t second, std::uint16_t third = 0);

    [[nodiscard]] std::size_t size() const { return slots_.size(); }
    /// By how many slots all of them lie behind the ones that are theirs. For tests.
    [[nodiscard]] std::size_t displacement() const { return slots_.displacement(); }
    void clear() { slots_.clear(); }

  private:
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t first = 0;
        std::uint32_t second = 0;
        std::uint16_t third = 0;
        bool there = false;

        [[nodiscard]] bool taken() const { return there; }
        friend bool operator==(const Slot&, const Slot&) = default;
    };

    HashKey hash_key_;
    HashSlots<Slot> slots_;
};

} // namespace natstat
