// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The hash of what tells connections apart.
#pragma once

#include "natstat/model/flow.hpp"
#include "natstat/model/siphash.hpp"

#include <cstring>

namespace natstat {

/// Equal for two flows of which same_connection() holds; what gives equal ones otherwise is not
/// known to who does not know the key. The text that is hashed is both addresses, as long as the
/// family has them, which tells the families apart, and seven bytes of the rest.
inline std::uint32_t key_hash(const Flow& flow, const HashKey& key) {
    const std::uint64_t rest = std::uint64_t{flow.port[0]} | std::uint64_t{flow.port[1]} << 16 |
                               std::uint64_t{flow.zone_of(Direction::original)} << 32 |
                               std::uint64_t{flow.protocol} << 48;
    constexpr std::size_t rest_size = 7;
    std::uint64_t words[4];
    std::memcpy(words, flow.address.data(), sizeof words); // both ends of the original tuple
    SipHash hash(key);
    if (flow.family == Family::ipv6) {
        for (const std::uint64_t word : words)
            hash.word(word);
        return static_cast<std::uint32_t>(hash.end(rest, sizeof words + rest_size));
    }
    // Of IPv4 the first half of a word is an address, and the other one empty on any machine.
    hash.word(words[0] ^ std::rotl(words[2], 32));
    return static_cast<std::uint32_t>(hash.end(rest, sizeof(std::uint64_t) + rest_size));
}

} // namespace natstat
