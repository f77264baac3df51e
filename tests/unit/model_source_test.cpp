// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a list condition lets through, each part by itself and all together; and the reuse of a
// batch.
#include "natstat/model/source.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

const MakeFlow sample = MakeFlow("tcp", "198.51.100.7:1000", "203.0.113.10:80")
                            .reply("203.0.113.10:80", "192.0.2.1:2000")
                            .status(status::seen_reply | status::src_nat)
                            .mark(0x12)
                            .zone(3);

template <typename Change>
bool admits_with(Change&& change, const Flow& flow = sample) {
    ListCondition condition;
    change(condition);
    return admits(condition, flow);
}

} // namespace

TEST_CASE("an empty condition admits everything", "[source]") {
    Dice dice(5);
    for (int i = 0; i < 1000; ++i)
        REQUIRE(admits({}, random_flow(dice)));
    REQUIRE(admits({}, Flow{}));
}

TEST_CASE("family, protocol and zone admit what is equal", "[source]") {
    REQUIRE(admits_with([](auto& c) { c.family = Family::ipv4; }));
    REQUIRE_FALSE(admits_with([](auto& c) { c.family = Family::ipv6; }));
    REQUIRE(admits_with([](auto& c) { c.protocol = protocol::tcp; }));
    REQUIRE_FALSE(admits_with([](auto& c) { c.protocol = protocol::udp; }));
    REQUIRE(admits_with([](auto& c) { c.zone = std::uint16_t{3}; }));
    REQUIRE_FALSE(admits_with([](auto& c) { c.zone = std::uint16_t{0}; }));
}

TEST_CASE("a flow without a zone is in the default one", "[source]") {
    const Flow flow = MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2");
    REQUIRE(admits_with([](auto& c) { c.zone = std::uint16_t{0}; }, flow));
}

TEST_CASE("masks choose the bits that count", "[source]") {
    REQUIRE(admits_with([](auto& c) { c.status_mask = c.status_value = status::src_nat; }));
    REQUIRE_FALSE(admits_with([](auto& c) { c.status_mask = c.status_value = status::dst_nat; }));
    REQUIRE(admits_with([](auto& c) { c.status_mask = status::dst_nat; }));
    REQUIRE_FALSE(admits_with([](auto& c) { c.status_mask = status::src_nat; }));
    REQUIRE(admits_with([](auto& c) { c.mark_mask = 0xF0, c.mark_value = 0x10; }));
    REQUIRE_FALSE(admits_with([](auto& c) { c.mark_mask = 0xFF, c.mark_value = 0x10; }));
    REQUIRE_FALSE(admits_with([](auto& c) { c.mark_mask = 0xFFFF'FFFF; }));
}

TEST_CASE("each side is compared with its own tuple", "[source]") {
    REQUIRE(admits_with([](auto& c) { c.original.source = address("198.51.100.7"); }));
    REQUIRE_FALSE(admits_with([](auto& c) { c.original.source = address("192.0.2.1"); }));
    REQUIRE(admits_with([](auto& c) { c.original.destination = address("203.0.113.10"); }));
    REQUIRE_FALSE(admits_with([](auto& c) { c.original.destination = address("198.51.100.7"); }));
    REQUIRE(admits_with([](auto& c) { c.reply.source = address("203.0.113.10"); }));
    REQUIRE(admits_with([](auto& c) { c.reply.destination = address("192.0.2.1"); }));
    REQUIRE_FALSE(admits_with([](auto& c) { c.reply.destination = address("198.51.100.7"); }));
}

TEST_CASE("ports are compared beside protocol and family", "[source]") {
    const auto with_ports = [](auto&& change) {
        return admits_with([&](ListCondition& c) {
            c.protocol = protocol::tcp;
            c.family = Family::ipv4;
            change(c);
        });
    };
    REQUIRE(with_ports([](auto& c) { c.original.source_port = std::uint16_t{1000}; }));
    REQUIRE_FALSE(with_ports([](auto& c) { c.original.source_port = std::uint16_t{2000}; }));
    REQUIRE(with_ports([](auto& c) { c.original.destination_port = std::uint16_t{80}; }));
    REQUIRE(with_ports([](auto& c) { c.reply.destination_port = std::uint16_t{2000}; }));
    REQUIRE_FALSE(with_ports([](auto& c) { c.reply.destination_port = std::uint16_t{1000}; }));
}

TEST_CASE("a port without protocol and family is ignored, as the condition says", "[source]") {
    REQUIRE(admits_with([](auto& c) { c.original.source_port = std::uint16_t{9}; }));
}

TEST_CASE("an absent port is not port 0", "[source]") {
    const Flow flow = MakeFlow("esp", "192.0.2.1", "192.0.2.2");
    REQUIRE_FALSE(admits_with(
        [](auto& c) {
            c.protocol = std::uint8_t{50};
            c.family = Family::ipv4;
            c.original.source_port = std::uint16_t{0};
        },
        flow));
}

TEST_CASE("all parts must hold", "[source]") {
    const auto change = [](ListCondition& c) {
        c.family = Family::ipv4;
        c.protocol = protocol::tcp;
        c.status_mask = c.status_value = status::src_nat;
        c.reply.destination = address("192.0.2.1");
    };
    REQUIRE(admits_with(change));
    REQUIRE_FALSE(admits_with([&](auto& c) { change(c), c.mark_mask = 1, c.mark_value = 1; }));
}

TEST_CASE("a cleared batch holds nothing", "[source]") {
    Batch batch;
    batch.events.emplace_back();
    batch.odd = 3;
    Extras extras;
    extras.helper = "sip";
    (void)batch.extras.intern(extras);
    batch.clear();
    REQUIRE(batch.events.empty());
    REQUIRE(batch.odd == 0);
    REQUIRE(batch.extras.size() == 1);
}

TEST_CASE("without the flags of NAT nothing else is left out of a query", "[source]") {
    ListCondition condition;
    condition.status_mask = status::src_nat | status::dst_nat | status::assured;
    condition.status_value = status::dst_nat | status::assured;
    condition.protocol = 6;
    const ListQuery query = without_nat_status({condition, {}});
    REQUIRE(query.size() == 2);
    CHECK(query[0].status_mask == status::assured);
    CHECK(query[0].status_value == status::assured);
    CHECK(query[0].protocol == 6);
    CHECK(query[1] == ListCondition{});
}
