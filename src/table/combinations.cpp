// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Ten bytes are hashed: the third number is what is left of two words.
#include "combinations.hpp"

namespace natstat {

bool Combinations::add(std::uint32_t first, std::uint32_t second, std::uint16_t third) {
    slots_.make_room();
    constexpr std::size_t size = sizeof first + sizeof second + sizeof third;
    const auto hash = SipHash(hash_key_).word(std::uint64_t{first} << 32 | second).end(third, size);
    const Slot wanted{static_cast<std::uint32_t>(hash), first, second, third, true};
    const std::size_t place =
        slots_.place_of(wanted.hash, [&](const Slot& slot) { return slot == wanted; });
    if (slots_[place].taken())
        return false;
    slots_.put(place, wanted);
    return true;
}

} // namespace natstat
