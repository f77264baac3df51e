// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// natstat-crafted: many flows of one IPv6 network, that are followed and summed up by source, for a
// tool that counts instructions. The sources are at random, or what somebody sends who can
// calculate a hash backwards (tests/unit/crafted.hpp). It counts nothing itself.
#include "natstat/model/tracker.hpp"
#include "natstat/table/groups.hpp"

#include "crafted.hpp"

#include <iostream>

namespace {

using namespace natstat;

constexpr std::string_view usage_text = "usage: natstat-crafted random|tuples|groups FLOWS\n"
                                        "Follows FLOWS flows and sums them up, of sources at "
                                        "random, whose tuples would meet, or whose\n"
                                        "groups would meet.\n";

void put_source(Flow& flow, std::uint64_t first, std::uint64_t second) {
    std::memcpy(flow.address[0].data(), &first, sizeof first);
    std::memcpy(flow.address[0].data() + sizeof first, &second, sizeof second);
}

/// A group by an IPv6 source is kept by 17 bytes, of which the first says that it is IPv6.
void craft_group(Flow& flow, std::uint32_t number) {
    std::uint8_t key[17] = {3};
    std::memcpy(key + 1, flow.address[0].data(), 16);
    std::uint64_t first = 0;
    std::memcpy(&first, key, sizeof first);
    const std::uint64_t second = test::craft_text(first, number, {"\1", 1});
    std::memcpy(key + sizeof first, &second, sizeof second);
    key[16] = 1;
    std::memcpy(flow.address[0].data(), key + 1, 16);
}

void choose_source(Flow& flow, std::string_view kind, std::uint32_t number) {
    std::uint64_t first = 0;
    std::memcpy(&first, flow.address[0].data(), sizeof first);
    if (kind == "random")
        put_source(flow, first, test::TupleHash::mix(1, number));
    else if (kind == "tuples")
        test::craft_source(flow, number);
    else
        craft_group(flow, number);
}

void run(std::string_view kind, std::uint32_t count) {
    const Surroundings around;
    const ExtrasPool none;
    Tracker tracker;
    Groups groups(std::get<GroupKeys>(parse_group_keys("src")), Distinct{true, true, {}}, around);
    Event event;
    event.kind = EventKind::created;
    event.flow = test::MakeFlow("tcp", "[2001:db8:0:1::1]:40000", "[2001:db8::2]:443")
                     .reply("[2001:db8::2]:443", "[2001:db8:ff::1]:40000");
    for (std::uint32_t number = 0; number < count; ++number) {
        choose_source(event.flow, kind, number);
        tracker.apply(event, none, {});
        groups.add(Row(event.flow, none[0], around));
    }
    std::cout << tracker.size() << " flows, " << groups.size() << " groups\n";
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << usage_text;
        return 2;
    }
    run(argv[1], static_cast<std::uint32_t>(std::stoul(argv[2])));
    return 0;
}
