// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How each kind of value is written, and that no text is ever longer than its bound. Their order is
// in table_value_order_test.cpp.
#include "natstat/table/value.hpp"

#include "natstat/model/utf8.hpp"
#include "natstat/table/holders.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <cstring>
#include <ctime>

using namespace natstat;
using namespace natstat::test;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

namespace {

/// Names for everything, of the lengths that it is told.
class LongNames : public Naming {
  public:
    LongNames(std::size_t host, std::size_t service) : host_(host, 'h'), service_(service, 's') {}
    std::string_view host(const Address&) const override { return host_; }
    std::string_view service(std::uint16_t, std::uint8_t) const override { return service_; }

  private:
    std::string host_, service_;
};

/// A name for one address and one service.
class FewNames : public Naming {
  public:
    std::string_view host(const Address& address) const override {
        return address == test::address("2001:db8::1") || address == test::address("192.0.2.1")
                   ? "gate.example"
                   : "";
    }
    std::string_view service(std::uint16_t port, std::uint8_t protocol) const override {
        return port == 443 && protocol == protocol::tcp ? "https" : "";
    }
};

std::string place(std::string_view text, const Naming* naming,
                  std::uint8_t protocol = protocol::tcp) {
    return to_text(Place{endpoint(text), protocol}, {naming});
}

std::string tuple_text(const Flow& flow, Direction direction = Direction::original) {
    return to_text(RawTuple{&flow, direction});
}

/// Writes with guards behind the bound, where the end is and what was written over are looked at.
void require_within_bound(const Value& value, const TextStyle& style) {
    constexpr std::size_t guards = 64;
    const std::size_t bound = text_bound(value, style);
    std::string room(bound + guards, '\x7E');
    const char* end = write_text(room.data(), value, style);
    const auto size = static_cast<std::size_t>(end - room.data());
    if (size > bound || room.substr(bound) != std::string(guards, '\x7E'))
        FAIL("kind " << kind_name(static_cast<Kind>(value.index())) << ": " << size
                     << " characters, bound " << bound);
    if (room.substr(0, size) != to_text(value, style))
        FAIL("to_text says otherwise than write_text");
}

std::string hostile_bytes(Dice& dice) {
    std::string bytes(dice.roll(300), '\0');
    for (char& byte : bytes)
        byte = static_cast<char>(dice.roll(256));
    return bytes;
}

} // namespace

TEST_CASE("numbers are written plainly", "[value]") {
    REQUIRE(to_text(Absent{}) == "-");
    REQUIRE(to_text(Count{0}) == "0");
    REQUIRE(to_text(Bytes{18446744073709551615U}) == "18446744073709551615");
    REQUIRE(to_text(Rate{1500}) == "1500");
    REQUIRE(to_text(Duration{seconds{432000}}) == "432000");
    REQUIRE(to_text(Duration{milliseconds{4103}}) == "4.103");
    REQUIRE(to_text(Duration{milliseconds{-5}}) == "-0.005");
    REQUIRE(to_text(Duration{milliseconds::min()}) == "-9223372036854775.808");
    REQUIRE(to_text(Hex{0}) == "0x0");
    REQUIRE(to_text(Hex{0xDEADBEEF}) == "0xdeadbeef");
    REQUIRE(to_text(Port{65535, protocol::tcp}) == "65535");
}

TEST_CASE("moments are written in the local time zone, and in UTC for programs", "[value]") {
    const Time moment{nanoseconds{1'700'000'000'123'456'789}};
    const TextStyle utc{nullptr, true};
    REQUIRE(to_text(Instant{moment}, utc) == "2023-11-14T22:13:20.123456Z");
    REQUIRE(to_text(Instant{Time{}}, utc) == "1970-01-01T00:00:00.000000Z");
    REQUIRE(to_text(Instant{Time::max()}, utc) == "2262-04-11T23:47:16.854775Z");
    const std::time_t clock = 1'700'000'000;
    std::tm parts{};
    char local[32];
    REQUIRE(std::strftime(local, sizeof local, "%F %T.123456", localtime_r(&clock, &parts)) > 0);
    REQUIRE(to_text(Instant{moment}) == local);
}

TEST_CASE("changes are written with an arrow", "[value]") {
    REQUIRE(to_text(Change{"SYN_SENT", "SYN_RECV"}) == "SYN_SENT -> SYN_RECV");
    REQUIRE(to_text(Change{"", "SYN_SENT"}) == "-> SYN_SENT");
    REQUIRE(to_text(Change{"?", ""}) == "? -> ?");
}

TEST_CASE("protocols are written by name or number", "[value]") {
    REQUIRE(to_text(Protocol{protocol::udplite}) == "udplite");
    REQUIRE(to_text(Protocol{253}) == "253");
    REQUIRE(to_text(Protocol{0}) == "0");
}

TEST_CASE("texts from outside can not move the cursor", "[value]") {
    REQUIRE(to_text(Text{"plain text ~!"}) == "plain text ~!");
    REQUIRE(to_text(Text{"\x1b[31m\n\t\r"}) == "\\x1b[31m\\x0a\\x09\\x0d");
    REQUIRE(to_text(Text{std::string_view("\0\x7f\x80\xff", 4)}) == "\\x00\\x7f\\x80\\xff");
    REQUIRE(to_text(Text{""}).empty());
    REQUIRE(to_text(Text{}).empty());
    Dice dice(6);
    for (int i = 0; i < 300; ++i) {
        const std::string bytes = hostile_bytes(dice);
        if (without_controls(to_text(Text{bytes})) != to_text(Text{bytes}))
            FAIL("something came through");
        for (const char c : to_text(Text{bytes}, {.ascii = true}))
            if (c < ' ' || c > '~')
                FAIL("byte " << static_cast<int>(c) << " came through");
        if (unescaped(to_text(Text{bytes})) != bytes)
            FAIL("another text came out");
    }
}

TEST_CASE("letters of texts from outside are what they are, where their reader has them",
          "[value]") {
    const Text name{"Société Générale 株式会社"};
    REQUIRE(to_text(name) == name.text);
    REQUIRE(to_text(name, {.utc = true}) == name.text); // for programs
    REQUIRE(to_text(Text{"é"}, {.ascii = true}) == "\\xc3\\xa9");
    REQUIRE(to_text(Text{"é\\x1b"}) == "é\\x5cx1b");
    REQUIRE(to_text(Text{"user\u202Etxt.exe"}) == "user\\xe2\\x80\\xaetxt.exe");
    REQUIRE(to_text(Text{"a\u0301"}) == "a\u0301");
    REQUIRE(to_text(Text{"\u0301"}) == "\\xcc\\x81"); // it would stand on what is before the cell
}

TEST_CASE("places are written with names where there are any", "[value]") {
    const FewNames names;
    REQUIRE(place("192.0.2.1:443", nullptr) == "192.0.2.1:443");
    REQUIRE(place("192.0.2.1:443", &names) == "gate.example:https");
    REQUIRE(place("192.0.2.1:443", &names, protocol::udp) == "gate.example:443");
    REQUIRE(place("192.0.2.2:443", &names) == "192.0.2.2:https");
    REQUIRE(place("192.0.2.1", &names) == "gate.example");
    REQUIRE(place("[2001:db8::1]:443", &names) == "gate.example:https");
    REQUIRE(place("[2001:db8::2]:443", &names) == "[2001:db8::2]:https");
    REQUIRE(place("[2001:db8::2]:80", &names) == "[2001:db8::2]:80");
    REQUIRE(place("2001:db8::2", &names) == "2001:db8::2");
    REQUIRE(to_text(address("192.0.2.1"), TextStyle{&names}) == "gate.example");
    REQUIRE(to_text(Port{443, protocol::tcp}, TextStyle{&names}) == "https");
}

TEST_CASE("raw tuples are written in conntrack's words", "[value]") {
    REQUIRE(tuple_text(MakeFlow("tcp", "198.51.100.7:1000", "203.0.113.10:80")) ==
            "src=198.51.100.7 dst=203.0.113.10 sport=1000 dport=80");
    REQUIRE(tuple_text(MakeFlow("udp", "[2001:db8::1]:53", "[2001:db8::2]:5353"),
                       Direction::reply) == "src=2001:db8::2 dst=2001:db8::1 sport=5353 dport=53");
    REQUIRE(tuple_text(MakeFlow("gre", "192.0.2.1:16", "192.0.2.2:65535")) ==
            "src=192.0.2.1 dst=192.0.2.2 srckey=0x10 dstkey=0xffff");
    REQUIRE(tuple_text(MakeFlow("esp", "192.0.2.1", "192.0.2.2")) == "src=192.0.2.1 dst=192.0.2.2");
    const Flow ping = MakeFlow("icmp", "192.0.2.1", "192.0.2.2").icmp(77, 8, 0, 99);
    REQUIRE(tuple_text(ping) == "src=192.0.2.1 dst=192.0.2.2 type=8 code=0 id=77");
    REQUIRE(tuple_text(ping, Direction::reply) ==
            "src=192.0.2.2 dst=192.0.2.1 type=0 code=0 id=99");
}

TEST_CASE("flags and labels are written", "[value]") {
    REQUIRE(to_text(Flags{0}) == "unreplied");
    REQUIRE(to_text(Flags{status::seen_reply}).empty());
    REQUIRE(to_text(Flags{status::seen_reply | status::assured | status::offload}) ==
            "assured,offload");
    REQUIRE(to_text(Labels{}) == "0x0");
    Labels labels{};
    labels.bits[0] = 0x05;
    REQUIRE(to_text(labels) == "0x5");
    labels.bits[1] = 0x20;
    REQUIRE(to_text(labels) == "0x2005");
    labels.bits[15] = 0x80;
    REQUIRE(to_text(labels) == "0x80000000000000000000000000002005");
    // 0, 2, 13 and 127; a name from outside can have any bytes.
    const LabelNames names{"mail", "unset", "\x1b[31m", "", "voice"};
    labels.names = &names;
    REQUIRE(to_text(labels) == "mail,\\x1b[31m,13,127");
    REQUIRE(to_text(labels, {nullptr, true}) == "0x80000000000000000000000000002005");
    REQUIRE(to_text(Labels{{}, &names}) == "0x0");
    const LabelNames none;
    labels.names = &none;
    REQUIRE(to_text(labels) == "0x80000000000000000000000000002005");
}

TEST_CASE("no text of any kind is longer than its bound", "[value]") {
    Dice dice(7);
    const LongNames none(0, 0), shorter(3, 2), longer(255, 200), host_only(120, 0),
        service_only(0, 90);
    const Naming* const namings[] = {nullptr, &none, &shorter, &longer, &host_only, &service_only};
    for (int i = 0; i < 3'000; ++i) {
        const Flow flow = random_flow(dice);
        const std::string bytes = hostile_bytes(dice);
        const TextStyle style{.naming = namings[dice.roll(6)], .ascii = dice.roll(2) == 0};
        for (const Direction direction : {Direction::original, Direction::reply})
            require_within_bound(RawTuple{&flow, direction}, style);
        require_within_bound(Text{bytes}, style);
        require_within_bound(Place{flow.end(End::original_source), flow.protocol}, style);
        require_within_bound(flow.end(End::original_destination).address, style);
        require_within_bound(Port{flow.port[0], flow.protocol}, style);
        require_within_bound(Flags{static_cast<std::uint32_t>(dice.number())}, style);
        require_within_bound(Count{dice.magnitude()}, style);
        require_within_bound(Duration{milliseconds{static_cast<std::int64_t>(dice.number())}},
                             style);
        const Time moment{nanoseconds{static_cast<std::int64_t>(dice.number() >> 1)}};
        require_within_bound(Instant{moment}, style);
        require_within_bound(Change{bytes, "ESTABLISHED"}, style);
        require_within_bound(Hex{static_cast<std::uint32_t>(dice.magnitude())}, style);
        require_within_bound(Protocol{flow.protocol}, style);
    }
}

TEST_CASE("networks and per cents are written", "[value]") {
    REQUIRE(to_text(network_of(address("192.0.2.77"), 24)) == "192.0.2.0/24");
    REQUIRE(to_text(network_of(address("2001:db8::1"), 32)) == "2001:db8::/32");
    REQUIRE(to_text(Percent{0}) == "0.00");
    REQUIRE(to_text(Percent{7}) == "0.07");
    REQUIRE(to_text(Percent{9999}) == "99.99");
    REQUIRE(to_text(Percent{10000}) == "100.00");
}

TEST_CASE("who holds ports is written with how many, and how many others", "[value]") {
    PortHolders all;
    all.update(0, {"shop-api", {}, 1});
    all.update(0, {"shop-api", {}, 2});
    CHECK(to_text(Holders{&all}) == "shop-api 2");
    all.update(1, {"", address("192.0.2.17"), 1});
    all.update(2, {"evil\x1b[2J", {}, 1});
    CHECK(to_text(Holders{&all}) == "shop-api 2, evil\\x1b[2J 1, 192.0.2.17 1");
    for (const std::uint32_t ports : {1U, 2U, 3U})
        all.update(3, {"db", {}, ports});
    all.update(4, {"job", {}, 1});
    CHECK(to_text(Holders{&all}) == "db 3, shop-api 2, evil\\x1b[2J 1, 2 more");
}

TEST_CASE("the longest texts are within their bounds", "[value]") {
    const auto longest = "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535";
    require_within_bound(Place{endpoint(longest), 255}, {});
    require_within_bound(Place{endpoint("255.255.255.255:65535"), 255}, {});
    for (const auto* protocol : {"udplite", "gre", "tcp"}) {
        const Flow flow = MakeFlow(protocol, longest, longest);
        require_within_bound(RawTuple{&flow, Direction::reply}, {});
    }
    Flow ping = MakeFlow("icmpv6", longest, longest).icmp(65535, 255, 255, 65535);
    ping.port[1] = ping.port[2] = 0xFFFF;
    require_within_bound(RawTuple{&ping, Direction::original}, {});
    for (const std::uint32_t bits : {0U, ~0U, ~status::seen_reply})
        require_within_bound(Flags{bits}, {});
    Labels labels{};
    labels.bits.fill(0xFF);
    require_within_bound(labels, {});
    const LabelNames names{std::string(300, '\n'), "", "mail"};
    labels.names = &names;
    require_within_bound(labels, {});
    require_within_bound(Network{endpoint(longest).address, 128}, {});
    require_within_bound(Network{address("255.255.255.255"), 32}, {});
    require_within_bound(Percent{~0U}, {});
    PortHolders holders;
    for (const std::uint32_t ports : {1U, ~0U})
        for (std::uint32_t number = 0; number < 5; ++number)
            holders.update(number, {number == 0 ? std::string(300, '\n') : std::string(),
                                    endpoint(longest).address, ports});
    require_within_bound(Holders{&holders}, {});
    for (unsigned number = 0; number < 256; ++number)
        require_within_bound(Protocol{static_cast<std::uint8_t>(number)}, {});
    require_within_bound(Absent{}, {});
    require_within_bound(Address{}, {});
    require_within_bound(Place{}, {});
}

TEST_CASE("kinds are named and in the order of the values", "[value]") {
    const Flow flow{};
    const PortHolders holders;
    const Value values[] = {Absent{},
                            Text{},
                            Count{},
                            Bytes{},
                            Rate{},
                            Duration{},
                            Instant{},
                            Change{},
                            Hex{},
                            Protocol{},
                            Address{},
                            Port{},
                            Place{},
                            RawTuple{&flow, Direction::original},
                            Flags{},
                            Labels{},
                            Network{},
                            Percent{},
                            Holders{&holders}};
    constexpr std::string_view names[] = {"absent",   "text",    "count",    "bytes",  "rate",
                                          "duration", "time",    "change",   "hex",    "protocol",
                                          "address",  "port",    "endpoint", "tuple",  "flags",
                                          "labels",   "network", "percent",  "holders"};
    REQUIRE(std::size(values) == std::size(names));
    for (std::size_t i = 0; i < std::size(values); ++i) {
        REQUIRE(values[i].index() == i);
        REQUIRE(kind_name(static_cast<Kind>(i)) == names[i]);
    }
}
