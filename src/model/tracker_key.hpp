// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The hash of what tells connections apart.
#pragma once

#include "natstat/model/flow.hpp"

#include <cstring>

namespace natstat {

/// Equal for two flows of which same_connection() holds; every bit depends on every field.
inline std::uint32_t key_hash(const Flow& flow) {
    const auto mix = [](std::uint64_t hash, std::uint64_t word) {
        hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
        return hash ^ hash >> 32;
    };
    std::uint64_t words[4];
    std::memcpy(words, flow.address.data(), sizeof words); // both ends of the original tuple
    std::uint64_t hash = 0;
    for (const std::uint64_t word : words)
        hash = mix(hash, word);
    hash = mix(hash, std::uint64_t{flow.port[0]} << 48 | std::uint64_t{flow.port[1]} << 32 |
                         std::uint64_t{flow.zone} << 16 | std::uint64_t{flow.protocol} << 8);
    // Once more, so that the top bits of the last word reach the bottom ones, which pick the slot.
    return static_cast<std::uint32_t>(mix(hash, 0));
}

} // namespace natstat
