// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What was packed comes back byte for byte.
#include "natstat/table/packed_flows.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <cstring>

using namespace natstat;
using namespace natstat::test;

namespace {

void require_same(const Flow& a, const Flow& b) {
    REQUIRE((std::memcmp(&a, &b, sizeof a) == 0)); // it has no padding
}

/// A few flows of every size: with and without each part, zero and not.
std::vector<Flow> many_flows() {
    Dice dice(81);
    std::vector<Flow> flows;
    for (int i = 0; i < 30'000; ++i) {
        Flow flow = random_flow(dice);
        if (dice.roll(2) == 0)
            flow.packets_up = flow.packets_down = flow.bytes_up = flow.bytes_down = 0;
        if (dice.roll(4) == 0)
            flow.bytes_down = std::uint64_t{1} << 40;
        if (dice.roll(2) == 0)
            flow.mark = flow.timeout = flow.status = flow.id = 0;
        if (dice.roll(2) == 0) { // not translated
            flow.address[2] = flow.address[1];
            flow.address[3] = flow.address[0];
            flow.port = {7, 9, 9, 7};
        }
        flow.extras = 0;
        flows.push_back(flow);
    }
    return flows;
}

} // namespace

TEST_CASE("packed flows come back as they were", "[packed]") {
    const auto flows = many_flows();
    PackedFlows packed;
    std::vector<PackedFlows::Place> places;
    places.reserve(flows.size());
    for (const Flow& flow : flows)
        places.push_back(packed.add(flow, 0));
    for (std::size_t i = 0; i < flows.size(); ++i)
        require_same(packed.get(places[i]), flows[i]);
}

TEST_CASE("a packed flow has the extras that it was given", "[packed]") {
    PackedFlows packed;
    Flow flow = MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2");
    flow.extras = 3;
    REQUIRE(packed.get(packed.add(flow, 8)).extras == 8);
    REQUIRE(packed.get(packed.add(flow, 0)).extras == 0);
}

TEST_CASE("cleared, packed flows use their memory again", "[packed]") {
    const auto flows = many_flows();
    PackedFlows packed;
    for (int round = 0; round < 3; ++round) {
        packed.clear();
        REQUIRE(packed.add(flows[0], 0) == 0);
        for (const Flow& flow : flows)
            require_same(packed.get(packed.add(flow, 0)), flow);
    }
}

TEST_CASE("a usual flow is packed into a few words", "[packed]") {
    PackedFlows packed;
    Flow flow = MakeFlow("tcp", "192.0.2.1:1000", "203.0.113.1:80")
                    .reply("203.0.113.1:80", "198.51.100.1:1000");
    flow.status = 0x1BE;
    flow.timeout = 431999;
    flow.id = 77;
    const auto first = packed.add(flow, 0);
    constexpr std::size_t bytes_in_place = 4;
    REQUIRE((packed.add(flow, 0) - first) * bytes_in_place <= 44);
}
