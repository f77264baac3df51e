// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Text of addresses, networks and endpoints both ways. inet_ntop(3) and inet_pton(3) are the
// oracles.
#include "natstat/model/address.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <arpa/inet.h>
#include <set>

using namespace natstat;
using namespace natstat::test;

namespace {

std::string oracle_text(const Address& address) {
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(address.family == Family::ipv4 ? AF_INET : AF_INET6, address.bytes.data(), text,
              sizeof text);
    return text;
}

/// glibc writes the deprecated IPv4-compatible addresses (::/96) in dotted form; natstat does not.
bool is_compatible(const Address& address) {
    return address.family == Family::ipv6 &&
           std::all_of(address.bytes.begin(), address.bytes.begin() + 12,
                       [](auto b) { return b == 0; });
}

void require_like_oracle(const Address& address) {
    const std::string text = to_text(address);
    if (!is_compatible(address) && text != oracle_text(address))
        FAIL(text << " should be " << oracle_text(address));
    if (parse_address(text) != address)
        FAIL(text << " is read as something else");
    if (text.size() > address_text_max)
        FAIL(text << " is longer than address_text_max");
}

} // namespace

TEST_CASE("addresses are written as inet_ntop writes them and read back", "[address]") {
    Dice dice(1);
    for (int i = 0; i < 50'000; ++i)
        require_like_oracle(random_address(dice, dice.coin() ? Family::ipv4 : Family::ipv6));
    for (int pattern = 0; pattern < 256; ++pattern) {
        Address address{Family::ipv6, {}};
        for (std::size_t group = 0; group < 8; ++group)
            if ((pattern >> group & 1) != 0)
                address.bytes[2 * group + 1] = 1;
        require_like_oracle(address);
    }
}

TEST_CASE("IPv4 octets of each length are written", "[address]") {
    for (unsigned octet = 0; octet < 256; ++octet) {
        Address address{Family::ipv4, {}};
        address.bytes[0] = address.bytes[3] = static_cast<std::uint8_t>(octet);
        require_like_oracle(address);
    }
}

TEST_CASE("IPv6 text is canonical", "[address]") {
    const auto text =
        GENERATE(as<std::string>{}, "::", "::1", "1::", "2001:db8::1", "2001:db8:0:1:1:1:1:1",
                 "2001:db8::1:0:0:1", "::ffff:192.0.2.1", "::ffff:0.0.0.0", "fe80::1:2:3:4",
                 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "1:0:0:2::3", "64:ff9b::c000:201");
    REQUIRE(to_text(address(text)) == text);
}

TEST_CASE("what is not an address is not read as one", "[address]") {
    const auto text =
        GENERATE(as<std::string>{}, "", " ", "192.0.2", "192.0.2.256", "192.0.2.1 ", " 192.0.2.1",
                 "192.0.2.01", "192.0.2.1.1", "0x7f.0.0.1", "[2001:db8::1]", "fe80::1%eth0",
                 "2001:db8:::1", "1::2::3", "g::", "12345::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                 "::ffff:192.0.2.256", "3221225985");
    REQUIRE_FALSE(parse_address(text));
}

TEST_CASE("an address with a NUL inside or beyond any length is refused", "[address]") {
    REQUIRE_FALSE(parse_address(std::string_view("192.0.2.1\0", 10)));
    REQUIRE_FALSE(parse_address(std::string(5000, '1')));
    REQUIRE(parse_address("0000:0000:0000:0000:0000:ffff:255.255.255.255"));
}

TEST_CASE("random text is read just as inet_pton reads it", "[address]") {
    Dice dice(2);
    static constexpr std::string_view letters = "0123456789abcdefF.:::..g%/ ";
    for (int i = 0; i < 50'000; ++i) {
        std::string text(dice.roll(20), '\0');
        for (char& c : text)
            c = letters[dice.roll(static_cast<std::uint32_t>(letters.size()))];
        std::array<std::uint8_t, 16> bytes{};
        const bool oracle = inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
                            inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
        const auto read = parse_address(text);
        if (read.has_value() != oracle || (read && read->bytes != bytes))
            FAIL("'" << text << "' is read otherwise than inet_pton does");
    }
}

TEST_CASE("addresses are ordered by family, then as numbers", "[address]") {
    REQUIRE(address("9.0.0.1") < address("192.0.2.2"));
    REQUIRE(address("192.0.2.2") < address("192.0.2.10"));
    REQUIRE(address("255.255.255.255") < address("::"));
    REQUIRE(address("2001:db8::2") < address("2001:db8::10"));
}

TEST_CASE("make_address reads no more than the family's bytes", "[address]") {
    const std::uint8_t bytes[4] = {192, 0, 2, 1};
    REQUIRE(make_address(Family::ipv4, bytes) == address("192.0.2.1"));
}

TEST_CASE("the hash tells addresses apart", "[address]") {
    std::set<std::size_t> hashes;
    for (unsigned i = 0; i < 4096; ++i) {
        Address one{Family::ipv4,
                    {192, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}};
        hashes.insert(AddressHash{}(one));
    }
    REQUIRE(hashes.size() > 4000);
}

TEST_CASE("networks are read, masked, and asked", "[address]") {
    const auto network = parse_network("192.0.2.77/24");
    REQUIRE(network);
    REQUIRE(network->base == address("192.0.2.0"));
    REQUIRE(network->contains(address("192.0.2.255")));
    REQUIRE_FALSE(network->contains(address("192.0.3.0")));
    REQUIRE_FALSE(network->contains(address("2001:db8::1")));
    REQUIRE(parse_network("192.0.2.1") == Network{address("192.0.2.1"), 32});
    REQUIRE(parse_network("2001:db8::1") == Network{address("2001:db8::1"), 128});
    REQUIRE(parse_network("0.0.0.0/0")->contains(address("255.1.2.3")));
    REQUIRE_FALSE(parse_network("0.0.0.0/0")->contains(address("::")));
}

TEST_CASE("a network holds an address when the first bits agree", "[address]") {
    Dice dice(3);
    for (int i = 0; i < 20'000; ++i) {
        const Family family = dice.coin() ? Family::ipv4 : Family::ipv6;
        const Address base = random_address(dice, family);
        Address other = base;
        const auto bits = static_cast<std::uint32_t>(8 * address_size(family));
        const unsigned flipped = dice.roll(bits);
        other.bytes[flipped / 8] ^= static_cast<std::uint8_t>(0x80U >> flipped % 8);
        const unsigned prefix = dice.roll(bits + 1);
        const auto network = parse_network(to_text(base) + "/" + std::to_string(prefix));
        if (!network || !network->contains(base) || network->contains(other) != (flipped >= prefix))
            FAIL(to_text(base) << "/" << prefix << " with bit " << flipped << " flipped");
    }
}

TEST_CASE("what is not a network is not read as one", "[address]") {
    const auto text =
        GENERATE(as<std::string>{}, "", "/", "/8", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1",
                 "192.0.2.0/+8", "192.0.2.0/8/8", "2001:db8::/129", "192.0.2.0/ 8", "192.0.2/24",
                 "192.0.2.0/255.255.255.0", "192.0.2.0/99999999999999999999", "[2001:db8::]/32");
    REQUIRE_FALSE(parse_network(text));
}

TEST_CASE("endpoints are written and read back", "[address]") {
    const auto text =
        GENERATE(as<std::string>{}, "192.0.2.1", "192.0.2.1:0", "192.0.2.1:65535", "2001:db8::1",
                 "[2001:db8::1]:443", "[::]:0", "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
    REQUIRE(to_text(endpoint(text)) == text);
    REQUIRE(text.size() <= endpoint_text_max);
}

TEST_CASE("an address in brackets needs no port", "[address]") {
    REQUIRE(parse_endpoint("[2001:db8::1]") == Endpoint{address("2001:db8::1"), std::nullopt});
    REQUIRE(parse_endpoint("::1:80") == Endpoint{address("::1:80"), std::nullopt});
}

TEST_CASE("what is not an endpoint is not read as one", "[address]") {
    const auto text =
        GENERATE(as<std::string>{}, "", ":", ":80", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1",
                 "192.0.2.1:+1", "192.0.2.1:80:80", "192.0.2.1:http", "192.0.2.1: 80",
                 "[192.0.2.1]:80", "[2001:db8::1", "[]", "[]:80", "[", "]", "[2001:db8::1]80",
                 "[2001:db8::1]:", "[2001:db8::1]:65536", "[[2001:db8::1]]:80", "2001:db8::1]:80",
                 "192.0.2.1:99999999999999999999");
    REQUIRE_FALSE(parse_endpoint(text));
}

TEST_CASE("no port is before port 0", "[address]") {
    REQUIRE(endpoint("192.0.2.1") < endpoint("192.0.2.1:0"));
    REQUIRE(endpoint("192.0.2.1:9") < endpoint("192.0.2.1:20"));
    REQUIRE(endpoint("192.0.2.1:65535") < endpoint("192.0.2.2"));
}
