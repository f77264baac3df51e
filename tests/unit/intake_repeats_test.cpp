// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a read gives once more, and what only looks like it.
#include "intake/repeats.hpp"

#include "make_flow.hpp"
#include "tracked.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

Flow numbered(unsigned number) {
    return MakeFlow("udp", "192.0.2.1:" + std::to_string(1000 + number), "203.0.113.1:53")
        .id(number);
}

/// The numbers that stay of what a read gave.
std::vector<unsigned> left(Repeats& repeats, std::initializer_list<unsigned> read) {
    Batch batch;
    batch.events.push_back(event_of(EventKind::listed, numbered(99))); // of a source before it
    for (const unsigned number : read)
        batch.events.push_back(event_of(EventKind::listed, numbered(number)));
    repeats.drop(batch, 1);
    std::vector<unsigned> numbers;
    for (std::size_t i = 1; i < batch.events.size(); ++i)
        numbers.push_back(batch.events[i].flow.id);
    return numbers;
}

using Numbers = std::vector<unsigned>;

} // namespace

TEST_CASE("what a read ended with is left out of the next one", "[list]") {
    Repeats repeats;
    CHECK(left(repeats, {1, 2, 3}) == Numbers{1, 2, 3});
    CHECK(left(repeats, {4, 2, 3, 5}) == Numbers{4, 5});
    CHECK(left(repeats, {1, 5, 6}) == Numbers{1, 6}); // 1 is too long ago
    repeats.clear();
    CHECK(left(repeats, {6, 7}) == Numbers{6, 7});
}

TEST_CASE("a read that gives nothing new forgets nothing", "[list]") {
    Repeats repeats;
    CHECK(left(repeats, {1, 2, 3}) == Numbers{1, 2, 3});
    CHECK(left(repeats, {}).empty());
    CHECK(left(repeats, {2, 3}).empty());
    CHECK(left(repeats, {3, 4}) == Numbers{4});
}

TEST_CASE("another flow of the same tuple is no repetition, nor is another of the same number",
          "[list]") {
    Repeats repeats;
    Batch batch;
    batch.events.push_back(event_of(EventKind::listed, numbered(1)));
    repeats.drop(batch, 0);
    Flow next = numbered(1);
    next.id = 2;
    Flow other = numbered(3);
    other.id = 1;
    batch.clear();
    batch.events.push_back(event_of(EventKind::listed, next));
    batch.events.push_back(event_of(EventKind::listed, other));
    repeats.drop(batch, 0);
    CHECK(batch.events.size() == 2);
}
