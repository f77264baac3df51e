// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Keys of any length, numbered in the order in which they first came. Whole keys are compared, so
// different ones never have a number together. Nothing is allocated for a key that is known.
#pragma once

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
    [[nodiscard]] std::size_t displacement() const;
    void clear();

  private:
    struct Slot { // number 0: free
        std::uint32_t hash = 0;
        std::uint32_t number = 0; // + 1
    };

    [[nodiscard]] std::uint32_t hash_of(std::string_view key) const;
    [[nodiscard]] std::string_view key(std::uint32_t number) const;
    /// Where a key is, or the free slot where it would be.
    [[nodiscard]] std::size_t slot_of(std::string_view key, std::uint32_t hash) const;
    void grow();

    HashKey hash_key_;
    std::vector<char> bytes_;
    std::vector<std::size_t> ends_; // of each key in bytes_
    std::vector<Slot> slots_;       // open addressing; their number is a power of two
};

} // namespace natstat
