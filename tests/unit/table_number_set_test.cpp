// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Sets of numbers beside the standard library's of the same.
#include "table/number_set.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <set>

using namespace natstat;
using namespace natstat::test;

TEST_CASE("a number is new once", "[groups]") {
    struct Shape {
        const char* name;
        std::uint32_t different; // numbers are drawn of so many
        unsigned shift;
    };
    for (const Shape& shape : {Shape{"few", 40, 0}, Shape{"some", 300, 0}, Shape{"ports", 65536, 0},
                               Shape{"far from each other", 5000, 19}}) {
        INFO(shape.name);
        Dice dice(7);
        NumberSet seen;
        std::set<std::uint32_t> expected;
        for (int i = 0; i < 20'000; ++i) {
            const std::uint32_t number = dice.roll(shape.different) << shape.shift;
            REQUIRE(seen.add(number) == expected.insert(number).second);
            REQUIRE(seen.size() == expected.size());
        }
    }
}

TEST_CASE("all numbers of another one", "[groups]") {
    Dice dice(8);
    for (const std::uint32_t first : {0U, 5U, 2000U}) // none, few, many
        for (const std::uint32_t second : {0U, 5U, 2000U}) {
            NumberSet seen;
            NumberSet others;
            std::set<std::uint32_t> expected;
            for (std::uint32_t i = 0; i < first; ++i)
                seen.add(*expected.insert(dice.roll(3000)).first);
            for (std::uint32_t i = 0; i < second; ++i)
                others.add(*expected.insert(dice.roll(3000) << i % 2 * 20).first);
            seen.add_all(others);
            REQUIRE(seen.size() == expected.size());
            for (const std::uint32_t number : expected)
                REQUIRE_FALSE(seen.add(number));
        }
}

TEST_CASE("the least and the greatest number are numbers, too", "[groups]") {
    NumberSet seen;
    for (std::uint32_t number = 1000; number < 2000; ++number)
        REQUIRE(seen.add(number));
    for (const std::uint32_t number : {0U, 0xFFFF'FFFFU}) {
        CHECK(seen.add(number));
        CHECK_FALSE(seen.add(number));
    }
    CHECK(seen.size() == 1002);
}

TEST_CASE("numbers can not be made to meet", "[siphash][groups]") {
    constexpr std::uint32_t crowd = 8'192;
    NumberSet seen;
    for (std::uint32_t number = 0; number < crowd; ++number) // equal in the low bits
        REQUIRE(seen.add(number << 19, HashKey{1, 2}));
    CHECK(seen.displacement() < 2 * crowd);
}
