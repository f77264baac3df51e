// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A flow taken apart into ends and tuples for every protocol, and the pool of extras.
#include "natstat/model/flow.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <map>
#include <set>

using namespace natstat;
using namespace natstat::test;

namespace {

constexpr auto client = "198.51.100.7";
constexpr auto server = "203.0.113.10";
constexpr auto outside = "192.0.2.1";

} // namespace

TEST_CASE("protocols with ports have a port at each end", "[flow]") {
    const auto protocol =
        GENERATE(as<std::string>{}, "tcp", "udp", "sctp", "dccp", "udplite", "gre", "253");
    const Flow flow = MakeFlow(protocol, "198.51.100.7:1", "203.0.113.10:2")
                          .reply("203.0.113.10:3", "192.0.2.1:4");
    REQUIRE(flow.end(End::original_source) == endpoint("198.51.100.7:1"));
    REQUIRE(flow.end(End::original_destination) == endpoint("203.0.113.10:2"));
    REQUIRE(flow.end(End::reply_source) == endpoint("203.0.113.10:3"));
    REQUIRE(flow.end(End::reply_destination) == endpoint("192.0.2.1:4"));
    REQUIRE(flow.tuple(Direction::original) ==
            Tuple{endpoint("198.51.100.7:1"), endpoint("203.0.113.10:2")});
    REQUIRE(flow.tuple(Direction::reply) ==
            Tuple{endpoint("203.0.113.10:3"), endpoint("192.0.2.1:4")});
}

TEST_CASE("protocols without ports have none at any end", "[flow]") {
    const Flow flow = MakeFlow("esp", client, server);
    for (const End end : {End::original_source, End::original_destination, End::reply_source,
                          End::reply_destination})
        REQUIRE_FALSE(flow.end(end).port);
}

TEST_CASE("port 0 that was said is a port", "[flow]") {
    const Flow flow = MakeFlow("udp", "198.51.100.7:0", "203.0.113.10:0");
    REQUIRE(flow.end(End::original_source).port == std::uint16_t{0});
}

TEST_CASE("ports that came with one tuple only are at that tuple only", "[flow]") {
    const Flow flow = MakeFlow("tcp", "198.51.100.7:1", "203.0.113.10:2").reply(server, client);
    MakeFlow half("tcp", client, server);
    half.reply("203.0.113.10:2", "198.51.100.7:1");
    REQUIRE(half.flow().end(End::reply_destination).port);
    REQUIRE_FALSE(half.flow().end(End::original_source).port);
    REQUIRE(flow.end(End::original_source).port);
}

TEST_CASE("the ICMP id belongs to the end that opened the flow", "[flow]") {
    const Flow flow = MakeFlow("icmp", client, server).reply(server, outside).icmp(77, 8, 0, 1024);
    REQUIRE(flow.is_icmp());
    REQUIRE(flow.end(End::original_source) == endpoint("198.51.100.7:77"));
    REQUIRE_FALSE(flow.end(End::original_destination).port);
    REQUIRE_FALSE(flow.end(End::reply_source).port);
    REQUIRE(flow.end(End::reply_destination) == endpoint("192.0.2.1:1024"));
}

TEST_CASE("ICMP type and code are read in each direction", "[flow]") {
    Flow flow = MakeFlow("icmpv6", "2001:db8::1", "2001:db8::2").icmp(5, 128, 129, 5);
    flow.port[1] = 128 << 8 | 3;
    REQUIRE(flow.is_icmp());
    const auto there = flow.icmp(Direction::original);
    const auto back = flow.icmp(Direction::reply);
    REQUIRE(there == IcmpKind{128, 3});
    REQUIRE(back == IcmpKind{129, 0});
    const Flow unknown = MakeFlow("icmpv6", "[2001:db8::1]:5", "2001:db8::2");
    REQUIRE_FALSE(unknown.icmp(Direction::original));
}

TEST_CASE("ends keep the family of the flow", "[flow]") {
    const Flow flow = MakeFlow("tcp", "[2001:db8::1]:1000", "[2001:db8::2]:443");
    REQUIRE(flow.end(End::original_source) == endpoint("[2001:db8::1]:1000"));
    REQUIRE(flow.end(End::reply_source).address.family == Family::ipv6);
}

TEST_CASE("a connection is known by family, protocol, original tuple and zone", "[flow]") {
    const MakeFlow base("tcp", "198.51.100.7:1", "203.0.113.10:2");
    REQUIRE(
        same_connection(base, MakeFlow(base).reply("192.0.2.9:9", "192.0.2.8:8").id(7).mark(3)));
    REQUIRE_FALSE(same_connection(base, MakeFlow("udp", "198.51.100.7:1", "203.0.113.10:2")));
    REQUIRE_FALSE(same_connection(base, MakeFlow("tcp", "198.51.100.7:3", "203.0.113.10:2")));
    REQUIRE_FALSE(same_connection(base, MakeFlow("tcp", "198.51.100.7:1", "203.0.113.10:3")));
    REQUIRE_FALSE(same_connection(base, MakeFlow("tcp", "198.51.100.8:1", "203.0.113.10:2")));
    REQUIRE_FALSE(same_connection(base, MakeFlow("tcp", "198.51.100.7:1", "203.0.113.11:2")));
    REQUIRE_FALSE(same_connection(base, MakeFlow(base).zone(1)));
    REQUIRE_FALSE(same_connection(base, MakeFlow(base).zone(1, Direction::original)));
    REQUIRE(same_connection(base, MakeFlow(base).zone(1, Direction::reply)));
    REQUIRE(same_connection(MakeFlow(base).zone(1), MakeFlow(base).zone(1, Direction::original)));
    REQUIRE_FALSE(same_connection(MakeFlow(base).zone(5, Direction::original),
                                  MakeFlow(base).zone(5, Direction::reply)));
}

TEST_CASE("ICMP flows of different type are different connections", "[flow]") {
    const MakeFlow base("icmp", client, server);
    REQUIRE_FALSE(
        same_connection(MakeFlow(base).icmp(7, 8, 0, 7), MakeFlow(base).icmp(7, 13, 14, 7)));
}

TEST_CASE("the largest state and the largest start fit", "[flow]") {
    Flow flow;
    flow.state = state_limit - 1;
    flow.start_ms = start_mask;
    flow.reach = Reach::routed;
    flow.zone = 0xFFFF;
    flow.family = Family::ipv6;
    REQUIRE(flow.state == 63);
    REQUIRE(flow.start_ms == 35'184'372'088'831U);
    REQUIRE(flow.reach == Reach::routed);
    REQUIRE(flow.zone == 65535);
    REQUIRE(flow.family == Family::ipv6);
}

TEST_CASE("a start and an age that nanoseconds can not hold become the latest", "[flow]") {
    for (const std::int64_t ms :
         {std::int64_t{35'184'372'088'831}, std::int64_t{-1}, std::int64_t{9'223'372'036'855}}) {
        Flow flow;
        flow.set_age(std::chrono::milliseconds{ms});
        CHECK(flow.age() == std::chrono::milliseconds{latest_start});
        flow.set_start(std::chrono::milliseconds{ms});
        CHECK(flow.start_ms == latest_start);
    }
    Flow now;
    now.set_start(std::chrono::milliseconds{1'796'000'000'123});
    CHECK(now.start_ms == 1'796'000'000'123U);
    constexpr std::chrono::nanoseconds latest = std::chrono::milliseconds{latest_start};
    CHECK(latest + std::chrono::hours{24} > latest); // there is room to reckon
}

TEST_CASE("the pool holds each distinct extras once", "[flow]") {
    ExtrasPool pool;
    REQUIRE(pool.size() == 1);
    REQUIRE(pool.intern({}) == 0);
    Extras ftp;
    ftp.helper = "ftp";
    Extras same_words_elsewhere;
    same_words_elsewhere.secctx = "ftp";
    Extras no_bits;
    no_bits.has_labels = true;
    const auto a = pool.intern(ftp);
    const auto b = pool.intern(same_words_elsewhere);
    const auto c = pool.intern(no_bits);
    REQUIRE(std::set<std::uint32_t>{0, a, b, c}.size() == 4);
    REQUIRE(pool.intern(ftp) == a);
    REQUIRE(pool.intern(no_bits) == c);
    REQUIRE(pool[a].helper == "ftp");
    REQUIRE(pool.size() == 4);
}

TEST_CASE("the pool keeps thousands of extras apart", "[flow]") {
    ExtrasPool pool;
    Dice dice(4);
    std::map<std::uint32_t, std::uint32_t> index_of;
    for (int i = 0; i < 20'000; ++i) {
        const std::uint32_t number = dice.roll(5'000);
        Extras extras;
        extras.helper = "h" + std::to_string(number % 7);
        extras.secctx = "s" + std::to_string(number);
        const auto index = pool.intern(extras);
        const auto [known, is_new] = index_of.try_emplace(number, index);
        if (known->second != index || !(pool[index] == extras))
            FAIL("extras " << number << " are mixed up");
    }
    REQUIRE(pool.size() == index_of.size() + 1);
}

TEST_CASE("a cleared pool starts anew", "[flow]") {
    ExtrasPool pool;
    Extras extras;
    for (int i = 0; i < 100; ++i) {
        extras.helper = std::to_string(i);
        (void)pool.intern(extras);
    }
    pool.clear();
    REQUIRE(pool.size() == 1);
    REQUIRE(pool[0] == Extras{});
    REQUIRE(pool.intern(extras) == 1);
    REQUIRE(pool.intern(extras) == 1);
}

TEST_CASE("a zone holds for both tuples, or for one", "[flow]") {
    const auto zones = [](std::uint16_t number, std::optional<Direction> only) {
        const Flow flow = MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2").zone(number, only);
        return std::pair(flow.zone_of(Direction::original), flow.zone_of(Direction::reply));
    };
    using Pair = std::pair<std::uint16_t, std::uint16_t>;
    REQUIRE(zones(5, {}) == Pair(5, 5));
    REQUIRE(zones(5, Direction::original) == Pair(5, 0));
    REQUIRE(zones(5, Direction::reply) == Pair(0, 5));
    REQUIRE_FALSE(MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2").zone(0).flow().has(Part::zone));
}

TEST_CASE("the answer of an ICMP query, and back", "[flow]") {
    REQUIRE(icmp_answer(protocol::icmp, 8) == std::uint8_t{0});
    REQUIRE(icmp_answer(protocol::icmp, 14) == std::uint8_t{13});
    REQUIRE(icmp_answer(protocol::icmpv6, 128) == std::uint8_t{129});
    REQUIRE_FALSE(icmp_answer(protocol::icmp, 3));
    REQUIRE_FALSE(icmp_answer(protocol::icmpv6, 8));
}
