// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Flows kept in as few bytes as they need: an IPv4 flow with source NAT and without counters takes
// 40 of the 136 that a Flow has. What is zero, and what a reply tuple has in common with the
// original one, is left out and comes back exactly. A million flows touch so much less memory, and
// memory that is touched for the first time is dear: a page fault for each 4 KiB of it.
#pragma once

#include "natstat/model/flow.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace natstat {

class PackedFlows {
  public:
    /// Where a flow is kept, for get().
    using Place = std::uint32_t;

    /// Keeps a copy, with `extras_here` in place of the flow's own index.
    Place add(const Flow& flow, std::uint32_t extras_here);

    /// The flow that was added there, byte for byte.
    [[nodiscard]] Flow get(Place place) const;

    /// Asks for its memory ahead of a get().
    void prefetch(Place place) const;

    /// Forgets all flows; their memory is used again.
    void clear();

  private:
    // Places count words of four bytes, so that 32 bits of them reach 16 GiB.
    using Word = std::uint32_t;
    static constexpr std::size_t block_words = std::size_t{1} << 16;

    [[nodiscard]] const Word* at(Place place) const {
        return blocks_[place / block_words].get() + place % block_words;
    }

    /// Where the largest flow has room.
    [[nodiscard]] Word* room();

    std::vector<std::unique_ptr<Word[]>> blocks_; // not zeroed: a word is written before it is read
    std::size_t used_ = 0; // words, those left free in full blocks among them
};

} // namespace natstat
