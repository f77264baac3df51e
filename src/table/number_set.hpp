// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Different numbers of one group: its ports, or its hosts. Most groups have few, which lie in order
// in one piece of memory; of many the numbers are bits of words that are found by their hash, so
// that ports in a row take next to nothing, and others no more than a slot each.
#pragma once

#include "hash_slots.hpp"
#include "natstat/model/siphash.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace natstat {

class NumberSet {
  public:
    /// Whether it comes for the first time. Constant time on average. `key`: of the hash by which
    /// words are found, always the same one.
    bool add(std::uint32_t number, const HashKey& key = run_key());

    /// Adds all numbers of another one.
    void add_all(const NumberSet& others, const HashKey& key = run_key());

    [[nodiscard]] std::size_t size() const { return many_ ? many_->size : few_.size(); }
    /// By how many slots all words lie behind the ones that are theirs. For tests.
    [[nodiscard]] std::size_t displacement() const {
        return many_ ? many_->words.displacement() : 0;
    }

  private:
    struct Word {
        std::uint32_t hash = 0;
        std::uint32_t number = 0; // of the word: its first bit is 64 times this
        std::uint64_t bits = 0;   // none: the slot is free

        [[nodiscard]] bool taken() const { return bits != 0; }
    };

    struct Many {
        HashSlots<Word> words;
        std::size_t size = 0; // bits of all words

        bool add(std::uint32_t number, const HashKey& key);
    };

    bool add_few(std::uint32_t number);

    std::vector<std::uint32_t> few_; // in order
    std::unique_ptr<Many> many_;     // in their place
};

} // namespace natstat
