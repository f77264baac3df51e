// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What two tuples mean as NAT: every shape that a NAT box makes, those that netstat-nat missed too.
// Below, 198.51.100.0/24 is inside, 192.0.2.1 the NAT box, 203.0.113.10 outside.
#include "natstat/model/nat.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

/// The three places of a row, as a view would show them.
struct Places {
    Nat nat;
    std::string source, gateway, destination;
    friend bool operator==(const Places&, const Places&) = default;
};

std::ostream& operator<<(std::ostream& out, const Places& places) {
    static constexpr std::string_view names[] = {"none", "snat", "dnat", "both"};
    return out << names[static_cast<std::size_t>(places.nat)] << ' ' << places.source << " | "
               << places.gateway << " | " << places.destination;
}

Places places(const Flow& flow) {
    const Nat nat = nat_of(flow);
    return {nat, to_text(flow.end(source_end)),
            nat == Nat::none ? "" : to_text(flow.end(gateway_end(nat))),
            to_text(flow.end(destination_end(nat)))};
}

} // namespace

TEST_CASE("a flow whose reply is the mirror is not NATed", "[nat]") {
    REQUIRE(places(MakeFlow("tcp", "198.51.100.7:1000", "203.0.113.10:80")) ==
            Places{Nat::none, "198.51.100.7:1000", "", "203.0.113.10:80"});
}

TEST_CASE("SNAT: the NAT side is the reply destination", "[nat]") {
    REQUIRE(places(MakeFlow("tcp", "198.51.100.7:1000", "203.0.113.10:80")
                       .reply("203.0.113.10:80", "192.0.2.1:1000")) ==
            Places{Nat::snat, "198.51.100.7:1000", "192.0.2.1:1000", "203.0.113.10:80"});
}

TEST_CASE("MASQUERADE that rewrote the port shows the port that the outside sees", "[nat]") {
    REQUIRE(places(MakeFlow("udp", "198.51.100.7:5353", "203.0.113.10:53")
                       .reply("203.0.113.10:53", "192.0.2.1:61234")) ==
            Places{Nat::snat, "198.51.100.7:5353", "192.0.2.1:61234", "203.0.113.10:53"});
}

TEST_CASE("DNAT: the NAT side is what the client dialled, the destination is the real server",
          "[nat]") {
    REQUIRE(places(MakeFlow("tcp", "203.0.113.10:42001", "192.0.2.1:8080")
                       .reply("198.51.100.7:80", "203.0.113.10:42001")) ==
            Places{Nat::dnat, "203.0.113.10:42001", "192.0.2.1:8080", "198.51.100.7:80"});
}

TEST_CASE("both translations with two addresses", "[nat]") {
    REQUIRE(places(MakeFlow("tcp", "198.51.100.7:1000", "192.0.2.1:80")
                       .reply("203.0.113.10:8000", "192.0.2.2:2000")) ==
            Places{Nat::both, "198.51.100.7:1000", "192.0.2.2:2000", "203.0.113.10:8000"});
}

TEST_CASE("both translations on one address of the NAT box", "[nat]") {
    REQUIRE(places(MakeFlow("tcp", "198.51.100.7:1000", "192.0.2.1:80")
                       .reply("198.51.100.20:80", "192.0.2.1:1000")) ==
            Places{Nat::both, "198.51.100.7:1000", "192.0.2.1:1000", "198.51.100.20:80"});
}

TEST_CASE("self-hairpin: a client that reaches its own address through the NAT box is NATed",
          "[nat]") {
    REQUIRE(places(MakeFlow("tcp", "198.51.100.7:1000", "192.0.2.1:80")
                       .reply("198.51.100.7:80", "192.0.2.1:1000")) ==
            Places{Nat::both, "198.51.100.7:1000", "192.0.2.1:1000", "198.51.100.7:80"});
    // Without source NAT the box still sends the client's packets back to itself.
    REQUIRE(places(MakeFlow("tcp", "198.51.100.7:1000", "192.0.2.1:80")
                       .reply("198.51.100.7:80", "198.51.100.7:1000")) ==
            Places{Nat::dnat, "198.51.100.7:1000", "192.0.2.1:80", "198.51.100.7:80"});
}

TEST_CASE("port-only SNAT is SNAT", "[nat]") {
    REQUIRE(places(MakeFlow("udp", "198.51.100.7:1000", "203.0.113.10:53")
                       .reply("203.0.113.10:53", "198.51.100.7:40000")) ==
            Places{Nat::snat, "198.51.100.7:1000", "198.51.100.7:40000", "203.0.113.10:53"});
}

TEST_CASE("REDIRECT on the same address changes the port only, and is DNAT", "[nat]") {
    REQUIRE(places(MakeFlow("tcp", "198.51.100.7:1000", "192.0.2.1:80")
                       .reply("192.0.2.1:3128", "198.51.100.7:1000")) ==
            Places{Nat::dnat, "198.51.100.7:1000", "192.0.2.1:80", "192.0.2.1:3128"});
}

TEST_CASE("ICMP with a rewritten id is SNAT, and type and code are not part of a place", "[nat]") {
    REQUIRE(places(MakeFlow("icmp", "198.51.100.7", "203.0.113.10").echo(7)).nat == Nat::none);
    REQUIRE(places(MakeFlow("icmp", "198.51.100.7", "203.0.113.10").icmp(7, 8, 0, 9)) ==
            Places{Nat::snat, "198.51.100.7:7", "198.51.100.7:9", "203.0.113.10"});
    REQUIRE(places(MakeFlow("icmp", "198.51.100.7", "203.0.113.10")
                       .reply("203.0.113.10", "192.0.2.1")
                       .icmp(7, 8, 0, 9)) ==
            Places{Nat::snat, "198.51.100.7:7", "192.0.2.1:9", "203.0.113.10"});
    REQUIRE(places(MakeFlow("icmp", "203.0.113.10", "192.0.2.1")
                       .reply("198.51.100.7", "203.0.113.10")
                       .echo(7)) ==
            Places{Nat::dnat, "203.0.113.10:7", "192.0.2.1", "198.51.100.7"});
}

TEST_CASE("IPv6 is classified as IPv4 is, down to the last bit", "[nat]") {
    REQUIRE(nat_of(MakeFlow("tcp", "[2001:db8::1]:1000", "[2001:db8:1::2]:80")) == Nat::none);
    REQUIRE(places(MakeFlow("tcp", "[2001:db8::1]:1000", "[2001:db8:1::2]:80")
                       .reply("[2001:db8:1::2]:80", "[2001:db8::3]:1000")) ==
            Places{Nat::snat, "[2001:db8::1]:1000", "[2001:db8::3]:1000", "[2001:db8:1::2]:80"});
    REQUIRE(nat_of(MakeFlow("icmpv6", "2001:db8::1", "2001:db8::2").icmp(7, 128, 129, 7)) ==
            Nat::none);
}

TEST_CASE("GRE keys count as ports", "[nat]") {
    REQUIRE(nat_of(MakeFlow("gre", "198.51.100.7:16", "203.0.113.10:32")) == Nat::none);
    REQUIRE(places(MakeFlow("gre", "198.51.100.7:16", "203.0.113.10:32")
                       .reply("203.0.113.10:32", "192.0.2.1:17"))
                .gateway == "192.0.2.1:17");
    REQUIRE(nat_of(MakeFlow("gre", "198.51.100.7:16", "203.0.113.10:32")
                       .reply("203.0.113.10:33", "198.51.100.7:16")) == Nat::dnat);
}

TEST_CASE("without ports only addresses decide", "[nat]") {
    REQUIRE(nat_of(MakeFlow("esp", "198.51.100.7", "203.0.113.10")) == Nat::none);
    REQUIRE(nat_of(MakeFlow("esp", "198.51.100.7", "203.0.113.10")
                       .reply("203.0.113.10", "192.0.2.1")) == Nat::snat);
    // Ports of one tuple alone can not be compared.
    REQUIRE(nat_of(MakeFlow("tcp", "198.51.100.7:1", "203.0.113.10:2")
                       .reply("203.0.113.10", "198.51.100.7")) == Nat::none);
}

TEST_CASE("status bits are not consulted", "[nat]") {
    const MakeFlow flow("tcp", "198.51.100.7:1", "203.0.113.10:2");
    REQUIRE(nat_of(MakeFlow(flow).status(status::src_nat | status::dst_nat)) == Nat::none);
}

TEST_CASE("without a reply tuple nothing is known of NAT", "[nat]") {
    const Flow flow = MakeFlow("tcp", "198.51.100.7:1", "203.0.113.10:2").no_reply();
    REQUIRE(places(flow) == Places{Nat::none, "198.51.100.7:1", "", "203.0.113.10:2"});
}

TEST_CASE("the parts of both", "[nat]") {
    REQUIRE((has_snat(Nat::snat) && has_snat(Nat::both) && !has_snat(Nat::dnat) &&
             !has_snat(Nat::none)));
    REQUIRE((has_dnat(Nat::dnat) && has_dnat(Nat::both) && !has_dnat(Nat::snat) &&
             !has_dnat(Nat::none)));
}
