// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Combinations beside the standard library's set of the same.
#include "table/combinations.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <set>
#include <tuple>

using namespace natstat;
using namespace natstat::test;

TEST_CASE("a combination is new once", "[groups]") {
    Dice dice(7);
    Combinations seen;
    std::set<std::tuple<std::uint32_t, std::uint32_t, std::uint16_t>> expected;
    for (int i = 0; i < 20'000; ++i) {
        const std::uint32_t first = dice.roll(20);
        const std::uint32_t second = dice.roll(16) << 28;
        const auto third = static_cast<std::uint16_t>(dice.roll(40));
        REQUIRE(seen.add(first, second, third) == expected.emplace(first, second, third).second);
    }
    CHECK(seen.size() == expected.size());
    seen.clear();
    CHECK(seen.size() == 0);
    CHECK(seen.add(0, 0, 0));
    CHECK_FALSE(seen.add(0, 0, 0));
    CHECK(seen.add(0, 0, 1));
    CHECK(seen.add(0, 1, 0));
    CHECK(seen.add(1, 0, 0));
}

TEST_CASE("combinations can not be made to meet", "[siphash][groups]") {
    constexpr std::uint32_t crowd = 10'000;
    Combinations seen(HashKey{1, 2});
    for (std::uint32_t number = 0; number < crowd; ++number) // equal in the low bits of all parts
        REQUIRE(seen.add(number << 18, 0, 0));
    CHECK(seen.displacement() < 2 * crowd);
}
