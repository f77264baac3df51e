// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Keys of any length, numbered in the order in which they first came. Whole keys are compared, so
// different ones never have a number together. Nothing is allocated for a key that is known.
#pragma once

#include "hash_slots.hpp"
#include "natstat/model/siphash.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace natstat {

class KeyIndex {
  public:
    /// `key`: of the hash by which keys are found.
    explicit KeyIndex(const HashKey& key = run_key()) : hash_key_(key) {}

    struct Found {
        std::uint32_t number;
        bool added;
    };

    /// The number of these bytes, the next free one if they are new. Constant time on average.
    Found number(std::string_view key);

    /// Their number, if they have one.
    [[nodiscard]] std::optional<std::uint32_t> find(std::string_view key) const;

    [[nodiscard]] std::size_t size() const { return ends_.size(); }
    /// By how many slots all keys lie behind the ones that are theirs. For tests.
    [[nodiscard]] std::size_t displacement() const { return slots_.displacement(); }
    void clear();

  private:
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t number = 0; // + 1

        [[nodiscard]] bool taken() const { return number != 0; }
    };

    [[nodiscard]] std::uint32_t hash_of(std::string_view key) const;
    [[nodiscard]] std::string_view key(std::uint32_t number) const;
    /// Where a key is, or the free slot where it would be.
    [[nodiscard]] std::size_t place_of(std::string_view key, std::uint32_t hash) const;

    HashKey hash_key_;
    std::vector<char> bytes_;
    std::vector<std::size_t> ends_; // of each key in bytes_
    HashSlots<Slot> slots_;
};

} // namespace natstat
