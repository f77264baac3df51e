// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What somebody sends who can calculate a hash backwards: addresses of one network and texts that
// all have the same one. Two hashes that have no key are turned round here, a multiplying one of
// the original tuple and the one that libstdc++ has for texts; each of their steps can be undone.
#pragma once

#include "make_flow.hpp"

#include <bit>
#include <cstring>

namespace natstat::test {

/// What an odd number is multiplied by to give one (Newton's method).
constexpr std::uint64_t inverse(std::uint64_t odd) {
    std::uint64_t result = odd;
    for (int i = 0; i < 5; ++i)
        result *= 2 - odd * result;
    return result;
}

/// Undoes itself where the shift is half of the bits or more.
constexpr std::uint64_t folded(std::uint64_t value, int shift) {
    return value ^ value >> shift;
}

inline constexpr std::uint64_t crafted_low = 0x12345678; // of every crafted hash

/// The multiplying hash of a tuple, word by word: the addresses and the rest.
class TupleHash {
  public:
    static constexpr std::uint64_t factor = 0x9E3779B97F4A7C15U;

    static std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
        return folded((hash ^ word) * factor, 32);
    }
    static std::uint64_t unmix(std::uint64_t hash, std::uint64_t word) {
        return folded(hash, 32) * inverse(factor) ^ word;
    }
    static std::uint64_t rest(const Flow& flow) {
        return std::uint64_t{flow.port[0]} << 48 | std::uint64_t{flow.port[1]} << 32 |
               std::uint64_t{flow.zone} << 16 | std::uint64_t{flow.protocol} << 8;
    }
    static std::uint32_t of(const Flow& flow) {
        std::uint64_t words[4];
        std::memcpy(words, flow.address.data(), sizeof words);
        std::uint64_t hash = 0;
        for (const std::uint64_t word : words)
            hash = mix(hash, word);
        return static_cast<std::uint32_t>(mix(mix(hash, rest(flow)), 0));
    }
};

/// The source of the flow becomes another one of its /64, so that the lower half of TupleHash is
/// crafted_low; another one for each number.
inline void craft_source(Flow& flow, std::uint32_t number) {
    std::uint64_t words[4];
    std::memcpy(words, flow.address.data(), sizeof words);
    std::uint64_t hash = std::uint64_t{number} << 32 | crafted_low;
    for (const std::uint64_t word : {std::uint64_t{0}, TupleHash::rest(flow), words[3], words[2]})
        hash = TupleHash::unmix(hash, word);
    words[1] = TupleHash::unmix(hash, TupleHash::mix(0, words[0]));
    std::memcpy(flow.address.data(), words, sizeof words);
}

/// The second eight bytes of a text of which the first are known, so that the lower half of
/// libstdc++'s hash of it is crafted_low; another one for each number. `after`: what follows them,
/// seven bytes at most.
inline std::uint64_t craft_text(std::uint64_t first, std::uint32_t number, std::string_view after) {
    constexpr std::uint64_t factor = 0xC6A4A7935BD1E995U;
    constexpr std::uint64_t undo = inverse(factor);
    constexpr int shift = 47;
    const auto mixed = [&](std::uint64_t word) { return folded(word * factor, shift) * factor; };
    std::uint64_t hash = std::uint64_t{number} << 32 | crafted_low;
    hash = folded(folded(hash, shift) * undo, shift);
    if (!after.empty()) {
        std::uint64_t rest = 0;
        std::memcpy(&rest, after.data(), after.size());
        hash = hash * undo ^ rest;
    }
    hash *= undo;
    const std::uint64_t size = 2 * sizeof first + after.size();
    const std::uint64_t start = 0xC70F6907U ^ size * factor;
    const std::uint64_t before = (start ^ mixed(first)) * factor;
    return folded((before ^ hash) * undo, shift) * undo;
}

} // namespace natstat::test
