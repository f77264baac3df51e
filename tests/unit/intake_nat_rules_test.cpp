// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is taken from the rules, of JSON that nft 1.0.6 printed, and which range is a pool's.
#include "make_flow.hpp"
#include "natstat/intake/nat_rules.hpp"

#include "tests/catch.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace natstat;
using test::address;
using test::endpoint;

namespace {

NatRules sample() {
    const auto path = std::filesystem::path(__FILE__).parent_path() / "../fuzz/corpus/rules/nft";
    std::ifstream file(path);
    REQUIRE(file);
    return parse_nat_rules(std::string(std::istreambuf_iterator<char>(file), {}));
}

std::string range(std::string_view gateway, std::uint8_t protocol, std::string_view other,
                  PortsInUse used = {}, bool failures = false) {
    static const NatRules rules = sample();
    const auto found =
        pool_range(rules, address(gateway), protocol, endpoint(other), used, failures);
    if (!found)
        return "none";
    return std::to_string(found->ports.first) + "-" + std::to_string(found->ports.last) +
           (found->by == RangeBy::rule       ? " rule"
            : found->by == RangeBy::inferred ? " inferred"
                                             : "");
}

} // namespace

TEST_CASE("rules: what they give", "[rules]") {
    const NatRules rules = sample();
    CHECK(rules.known);
    CHECK(rules.has_untold);        // a map, and a rule of iptables
    CHECK(rules.rules.size() == 8); // that for tcp and udp is two
}

TEST_CASE("rules: the range of a pool", "[rules]") {
    CHECK(range("198.51.100.1", protocol::tcp, "203.0.113.50:5432") == "20000-20049 rule");
    CHECK(range("198.51.100.1", protocol::tcp, "203.0.113.50:5433") == "5000-6000 rule");
    CHECK(range("198.51.100.3", protocol::udp, "203.0.113.9:53") == "1000-2000 rule"); // 1001 each
    CHECK(range("198.51.100.5", protocol::udp, "203.0.113.9:53") == "5000-6000 rule");
    CHECK(range("2001:db8::4", protocol::tcp, "[2001:db8:f0::1]:80") == "4000-5000 rule");
    CHECK(range("2001:db8::a", protocol::tcp, "[2001:db8:f0::1]:80") == "1024-65535");
    CHECK(range("198.51.100.1", protocol::icmp, "203.0.113.9") == "0-65535");
    CHECK(range("198.51.100.1", protocol::gre, "203.0.113.9") == "none");
}

TEST_CASE("rules: a port in use that lies outside says that the rule is another one", "[rules]") {
    PortsInUse used;
    used.add(20001, true);
    CHECK(range("198.51.100.1", protocol::tcp, "203.0.113.50:5432", used) == "20000-20049 rule");
    used.add(30000, true);
    CHECK(range("198.51.100.1", protocol::tcp, "203.0.113.50:5432", used) == "1024-65535");
}

TEST_CASE("rules: without one, the ports in use tell where nothing between is free", "[rules]") {
    PortsInUse used;
    for (std::uint16_t port = 40000; port < 40005; ++port)
        used.add(port, port != 40002);
    CHECK(range("198.51.100.1", protocol::sctp, "203.0.113.9:80", used, true) ==
          "40000-40004 inferred");
    CHECK(range("198.51.100.1", protocol::sctp, "203.0.113.9:80", used, false) == "1024-65535");
    used.add(40006, true);
    CHECK(range("198.51.100.1", protocol::sctp, "203.0.113.9:80", used, true) == "1024-65535");
}

TEST_CASE("rules: what is no JSON of rules is not known", "[rules]") {
    for (const char* text : {"", "{", "[]", "{}", "{\"nftables\": 1}", "nonsense"})
        CHECK_FALSE(parse_nat_rules(text).known);
    CHECK(parse_nat_rules("{\"nftables\": []}").known);
    const NatRules odd = parse_nat_rules(R"({"nftables": [{"rule": {"family": "ip", "expr": [
        {"snat": {"addr": 7, "port": {"range": [9, 3]}}}]}}]})");
    REQUIRE(odd.rules.size() == 1);
    CHECK_FALSE(odd.rules[0].ports);
    CHECK(odd.has_untold);
}
