// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which network an address is in, beside a reading that looks at all of them; lists as people and
// AWS write them, and as nobody should.
#include "who/network_lists.hpp"
#include "who/network_map.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

Network network(std::string_view text) {
    return sure(parse_network(text), text);
}

/// Of few first bytes, so that they overlap.
Network random_network(Dice& dice) {
    const Address base = random_address(dice, dice.coin() ? Family::ipv4 : Family::ipv6);
    return network_of(base, dice.roll(base.family == Family::ipv4 ? 33 : 129));
}

struct Known {
    Network network;
    std::uint8_t rank;
};

/// The one that counts, found by looking at each.
std::optional<std::uint32_t> slowly(const std::vector<Known>& all, const Address& address) {
    std::optional<std::uint32_t> best;
    for (std::uint32_t i = 0; i < all.size(); ++i) {
        if (!all[i].network.contains(address))
            continue;
        const auto weight = [&](std::uint32_t each) {
            return std::pair(all[each].rank, all[each].network.prefix);
        };
        if (!best || weight(i) >= weight(*best))
            best = i;
    }
    return best;
}

NetworkLists lists(std::string_view text) {
    NetworkLists made;
    CHECK(made.take(text).empty());
    made.finish();
    return made;
}

std::string service(const NetworkLists& from, std::string_view text) {
    const auto range = from.range(address(text));
    return std::string(range.service) + " " + std::string(range.region);
}

std::string wrong(std::string_view text) {
    return NetworkLists().take(text);
}

} // namespace

TEST_CASE("networks: the highest rank counts, then the longest, then the last", "[who]") {
    Dice dice(17);
    for (int round = 0; round < 200; ++round) {
        std::vector<Known> all;
        NetworkMap map;
        for (std::uint32_t i = dice.roll(40); i > 0; --i) {
            all.push_back({random_network(dice), static_cast<std::uint8_t>(dice.roll(3))});
            map.add(all.back().network, static_cast<std::uint32_t>(all.size() - 1),
                    all.back().rank);
        }
        map.finish();
        for (int i = 0; i < 100; ++i) {
            const Address asked = random_address(dice, dice.coin() ? Family::ipv4 : Family::ipv6);
            CHECK(map.find(asked) == slowly(all, asked));
        }
        for (const Known& each : all) // the first addresses of all of them
            CHECK(map.find(each.network.base) == slowly(all, each.network.base));
    }
}

TEST_CASE("networks: to the ends of the address space", "[who]") {
    NetworkMap map;
    map.add(network("0.0.0.0/0"), 1);
    map.add(network("255.255.255.255"), 2);
    map.add(network("::/1"), 3);
    map.add(network("ffff::/16"), 4);
    map.finish();
    CHECK(map.find(address("0.0.0.0")) == 1);
    CHECK(map.find(address("255.255.255.254")) == 1);
    CHECK(map.find(address("255.255.255.255")) == 2);
    CHECK(map.find(address("7fff::1")) == 3);
    CHECK_FALSE(map.find(address("8000::")));
    CHECK(map.find(address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")) == 4);
    CHECK_FALSE(NetworkMap().find(address("192.0.2.1")));
}

TEST_CASE("networks: lines that people write", "[who]") {
    const NetworkLists own = lists("# sites\n"
                                   "192.0.2.0/24\tBerlin, ground floor  # until May\r\n"
                                   "\n"
                                   "  192.0.2.128/25 vpc-a\n"
                                   "2001:db8:1::/48 Wien\n"
                                   "198.51.100.7 printer");
    CHECK(own.name(address("192.0.2.1")) == "Berlin, ground floor");
    CHECK(own.name(address("192.0.2.200")) == "vpc-a");
    CHECK(own.name(address("2001:db8:1::9")) == "Wien");
    CHECK(own.name(address("198.51.100.7")) == "printer");
    CHECK(own.name(address("198.51.100.8")).empty());
    CHECK(own.range(address("192.0.2.1")).service.empty());
}

TEST_CASE("networks: what is no list is said", "[who]") {
    CHECK(wrong("").empty());
    CHECK(wrong("192.0.2.0/24 a\n192.0.2.0/33 b\n") == "line 2 is no network and its name");
    CHECK(wrong("\x7f"
                "ELF\n192.0.2.0/24\n\nx") == "line 1 is no network and its name, nor are 2 more");
    CHECK(wrong("{\"prefixes\":[{\"ip_prefix\":\"x\",\"service\":\"S3\"},"
                "{\"ip_prefix\":\"192.0.2.0/24\"}]}") ==
          "2 of its prefixes are no networks with a service");
    CHECK_THAT(wrong("{\"prefixes\":["), Catch::StartsWith("it is no ip-ranges.json from byte 13"));
    CHECK_THAT(wrong("{\"a\":" + std::string(1'000'000, '[')),
               Catch::StartsWith("it is no ip-ranges.json"));
}

TEST_CASE("networks: the most special service counts, then the longest network", "[who]") {
    const NetworkLists aws = lists(R"({"syncToken": "1", "createDate": "2026-11-30-00-00-00",
      "prefixes": [
        {"ip_prefix": "192.0.2.0/25", "region": "eu-west-1", "service": "S3",
         "network_border_group": "eu-west-1"},
        {"ip_prefix": "192.0.2.0/24", "region": "eu-west-1", "service": "AMAZON",
         "network_border_group": "eu-west-1"},
        {"ip_prefix": "192.0.2.0/26", "region": "eu-west-1", "service": "AMAZON"},
        {"ip_prefix": "192.0.2.0/27", "region": "eu-west-1", "service": "EC2"},
        {"service": "EC2", "region": "us-east-1", "ip_prefix": "192.0.2.240/28"}],
      "ipv6_prefixes": [
        {"ipv6_prefix": "2001:db8::/32", "region": "GLOBAL", "service": "CLOUDFRONT"},
        {"ipv6_prefix": "2001:db8::/33", "region": "GLOBAL", "service": "AMAZON"}]})");
    CHECK(service(aws, "192.0.2.1") == "S3 eu-west-1");
    CHECK(service(aws, "192.0.2.129") == "AMAZON eu-west-1");
    CHECK(service(aws, "192.0.2.241") == "EC2 us-east-1");
    CHECK(service(aws, "192.0.3.1") == " ");
    CHECK(service(aws, "2001:db8::1") == "CLOUDFRONT GLOBAL");
    CHECK(aws.name(address("192.0.2.1")).empty());
}
