// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The keyed hash against published values, and everything that is kept by it against somebody who
// sends what would all have one hash if there was no key. What is counted are the slots that are
// looked at, not time.
#include "natstat/model/siphash.hpp"

#include "crafted.hpp"
#include "table/key_index.hpp"
#include "tracked.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <functional>

using namespace natstat;
using namespace natstat::test;

namespace {

constexpr std::uint32_t crowd = 40'000;
constexpr HashKey some_key{0x0706050403020100U, 0x0F0E0D0C0B0A0908U};

/// More than a table that is two thirds full has to be looked at for each of its keys.
constexpr std::size_t fair = 4;

std::string counting_bytes(unsigned size) {
    std::string bytes;
    while (bytes.size() < size)
        bytes += static_cast<char>(bytes.size());
    return bytes;
}

Flow flow_to_service() {
    return MakeFlow("tcp", "[2001:db8:0:1::1]:40000", "[2001:db8::2]:443");
}

std::string crafted_text(std::uint32_t number) {
    const std::uint64_t first = 0xB80D0120;
    const std::uint64_t second = craft_text(first, number, {});
    std::string text(sizeof first + sizeof second, '\0');
    std::memcpy(text.data(), &first, sizeof first);
    std::memcpy(text.data() + sizeof first, &second, sizeof second);
    return text;
}

} // namespace

TEST_CASE("SipHash gives what its authors and others publish", "[siphash]") {
    // Appendix A of the paper.
    CHECK(siphash<2, 4>(some_key, counting_bytes(15)) == 0xA129CA6149BE45E5U);
    // Of the authors' own list: no bytes, whole words, words and a rest.
    CHECK(siphash<2, 4>(some_key, {}) == 0x726FDB47DD0E0E31U);
    CHECK(siphash<2, 4>(some_key, counting_bytes(8)) == 0x93F5F5799A932462U);
    // SipHash-1-3 of hash(b"...") in Python 3.11 with PYTHONHASHSEED=0, whose key is all zeros.
    CHECK(siphash({}, "natstat") == 0x90E7F279684296DAU);
    CHECK(siphash({}, "2001:db8::1 port 443") == 0x4495BB08D2AD2E02U);
}

TEST_CASE("the secret of a run stays, and is one", "[siphash]") {
    CHECK(&run_key() == &run_key());
    CHECK((run_key().first | run_key().second) != 0);
    CHECK(siphash(run_key(), "x") != siphash(some_key, "x"));
}

TEST_CASE("flows of one network can not fill one place of the tracker", "[siphash][tracker]") {
    Tracker tracker(some_key);
    const ExtrasPool none;
    for (std::uint32_t number = 0; number < crowd; ++number) {
        Flow flow = flow_to_service();
        craft_source(flow, number);
        REQUIRE(TupleHash::of(flow) == crafted_low);
        REQUIRE(network_of(flow.end(End::original_source).address, 64) ==
                network_of(address("2001:db8:0:1::1"), 64));
        tracker.apply(event_of(EventKind::created, flow), none, {});
    }
    CHECK(tracker.size() == crowd);
    CHECK(tracker.displacement() < fair * crowd);
}

TEST_CASE("each part of a tuple counts for its place in the tracker", "[siphash][tracker]") {
    const auto spread = [](auto change) {
        Tracker tracker(some_key);
        const ExtrasPool none;
        for (const std::string_view end : {"192.0.2.1:1", "[2001:db8::1]:1"})
            for (unsigned number = 0; number < 2000; ++number) {
                Flow flow = MakeFlow("udp", end, end);
                change(flow, static_cast<std::uint16_t>(number));
                tracker.apply(event_of(EventKind::created, flow), none, {});
            }
        CHECK(tracker.displacement() < fair * tracker.size());
        return tracker.size();
    };
    constexpr std::size_t all = 4000;
    for (const std::size_t end : {0U, 1U}) {
        CHECK(spread([&](Flow& flow, std::uint16_t number) { flow.port[end] = number; }) == all);
        for (const std::size_t byte : {0U, 2U})
            CHECK(spread([&](Flow& flow, std::uint16_t number) {
                      std::memcpy(flow.address[end].data() + byte, &number, sizeof number);
                  }) == all);
    }
    CHECK(spread([](Flow& flow, std::uint16_t number) { flow.zone = number; }) == all);
}

TEST_CASE("keys of groups can not be made to meet", "[siphash][groups]") {
    KeyIndex index(some_key);
    for (std::uint32_t number = 0; number < crowd; ++number) {
        const std::string text = crafted_text(number);
#if defined __GLIBCXX__ && defined __LP64__
        REQUIRE(static_cast<std::uint32_t>(std::hash<std::string_view>{}(text)) == crafted_low);
#endif
        REQUIRE(index.number(text).added);
    }
    CHECK(index.displacement() < fair * crowd);
}

TEST_CASE("addresses can not be made to meet", "[siphash][address]") {
    std::unordered_set<Address, AddressHash> addresses(crowd, AddressHash{some_key});
    const std::uint64_t buckets = addresses.bucket_count();
    // What an unkeyed hash of two multiplications and a shift needs to give multiples of the count.
    constexpr std::uint64_t first = 0x9E3779B97F4A7C15U, second = 0xD6E8FEB86659FD93U;
    std::size_t longest = 0;
    for (std::uint64_t number = 1; number <= crowd; ++number) {
        Address made = address("2001:db8:0:1::");
        std::uint64_t halves[2];
        std::memcpy(halves, made.bytes.data(), sizeof halves);
        halves[1] = (number * buckets << 7) * inverse(second) ^ halves[0] * first;
        REQUIRE(((halves[0] * first ^ halves[1]) * second >> 7) % buckets == 0);
        std::memcpy(made.bytes.data(), halves, sizeof halves);
        addresses.insert(made);
        longest = std::max(longest, addresses.bucket_size(addresses.bucket(made)));
    }
    CHECK(addresses.size() == crowd);
    CHECK(addresses.bucket_count() == buckets);
    CHECK(longest < 20);
}

TEST_CASE("labels can not be made to meet", "[siphash]") {
    ExtrasPool pool(some_key);
    for (std::uint32_t number = 0; number < crowd; ++number) {
        Extras extras;
        extras.has_labels = true;
        crafted_text(number).copy(reinterpret_cast<char*>(extras.labels.data()),
                                  extras.labels.size());
        pool.intern(extras);
    }
    CHECK(pool.size() == crowd + 1);
    CHECK(pool.displacement() < fair * crowd);
}
