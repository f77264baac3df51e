// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The order of values: compare() is an order, absent is last, and order_bytes() never says
// otherwise than compare() does.
#include "natstat/table/value.hpp"

#include "natstat/table/holders.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

namespace {

/// What random values refer to.
struct Store {
    std::vector<Flow> flows;
    std::vector<std::string> texts;
    std::vector<PortHolders> holders;
};

Store make_store(Dice& dice) {
    Store store;
    for (int i = 0; i < 200; ++i) {
        store.flows.push_back(random_flow(dice));
        std::string text(dice.roll(24), 'a');
        for (char& c : text)
            if (dice.roll(4) == 0)
                c = static_cast<char>(dice.roll(256));
        store.texts.push_back(text);
        const std::uint32_t ports = dice.roll(3) == 0 ? 300 : dice.roll(3);
        store.holders.emplace_back().update(
            0, {dice.coin() ? text : "", random_address(dice, Family::ipv4), ports});
    }
    return store;
}

Value random_value(Dice& dice, const Store& store, Kind kind) {
    const Flow& flow = store.flows[dice.roll(200)];
    switch (kind) {
    case Kind::absent:
        return Absent{};
    case Kind::text:
        return Text{store.texts[dice.roll(200)]};
    case Kind::count:
        return Count{dice.magnitude()};
    case Kind::bytes:
        return Bytes{dice.magnitude()};
    case Kind::rate:
        return Rate{dice.magnitude()};
    case Kind::duration:
        return Duration{milliseconds{static_cast<std::int64_t>(dice.magnitude() >> 1)}};
    case Kind::time:
        return Instant{Time{nanoseconds{static_cast<std::int64_t>(dice.magnitude() >> 1)}}};
    case Kind::change:
        return Change{store.texts[dice.roll(200)], store.texts[dice.roll(200)]};
    case Kind::hex:
        return Hex{static_cast<std::uint32_t>(dice.magnitude())};
    case Kind::protocol:
        return Protocol{flow.protocol};
    case Kind::address:
        return flow.end(End::original_source).address;
    case Kind::port:
        return Port{flow.port[0], flow.protocol};
    case Kind::endpoint:
        return Place{flow.end(End::original_source), flow.protocol};
    case Kind::tuple:
        return RawTuple{&flow, Direction::original};
    case Kind::flags:
        return Flags{static_cast<std::uint32_t>(dice.magnitude())};
    case Kind::labels: {
        Labels labels{};
        labels.bits[dice.roll(16)] = static_cast<std::uint8_t>(dice.roll(256));
        labels.bits[dice.roll(16)] = static_cast<std::uint8_t>(dice.roll(3));
        return labels;
    }
    case Kind::network:
        return network_of(flow.end(End::original_source).address, dice.roll(129));
    case Kind::percent:
        return Percent{static_cast<std::uint32_t>(dice.magnitude())};
    case Kind::holders:
        return Holders{&store.holders[dice.roll(200)]};
    }
    return Absent{};
}

/// How surely the bytes must tell two values apart.
bool is_exact(Kind kind) {
    return kind != Kind::text && kind != Kind::tuple && kind != Kind::change &&
           kind != Kind::holders;
}

std::string order_key(const Value& value) {
    std::array<std::uint8_t, order_bytes_max> bytes{};
    const auto* end = order_bytes(bytes.data(), value);
    REQUIRE(end > bytes.data());
    REQUIRE(end <= bytes.data() + bytes.size());
    return std::string(bytes.begin(), bytes.begin() + (end - bytes.data()));
}

void require_consistent(Kind kind, const Value& a, const Value& b) {
    const std::string x = order_key(a);
    const std::string y = order_key(b);
    if (kind != Kind::protocol && (x[0] == 0 || (x[0] == '\xFF') != is_absent(a)))
        FAIL("kind " << kind_name(kind) << ": the first byte is wrong for " << to_text(a));
    const auto order = compare(a, b);
    if ((x < y && !(order < 0)) || (y < x && !(order > 0)) ||
        (x == y && order != 0 && is_exact(kind)))
        FAIL("kind " << kind_name(kind) << ": the bytes of '" << to_text(a) << "' and '"
                     << to_text(b) << "' do not say what compare() says");
    if (compare(b, a) != 0 <=> order)
        FAIL("kind " << kind_name(kind) << ": compare() is not the same both ways");
}

constexpr unsigned kinds = std::variant_size_v<Value>;

} // namespace

TEST_CASE("order bytes say what compare says, for every kind", "[value][order]") {
    Dice dice(8);
    const Store store = make_store(dice);
    for (unsigned number = 0; number < kinds; ++number) {
        const auto kind = static_cast<Kind>(number);
        for (int i = 0; i < 4'000; ++i) {
            const auto maybe = [&] { // a protocol is never absent
                return kind != Kind::protocol && dice.roll(10) == 0
                           ? Value{}
                           : random_value(dice, store, kind);
            };
            const Value a = maybe();
            const Value b = maybe();
            require_consistent(kind, a, b);
        }
    }
}

TEST_CASE("comparing is transitive, for every kind", "[value][order]") {
    Dice dice(9);
    const Store store = make_store(dice);
    for (unsigned number = 0; number < kinds; ++number) {
        std::vector<Value> values;
        for (int i = 0; i < 150; ++i)
            values.push_back(random_value(dice, store, static_cast<Kind>(number)));
        std::sort(values.begin(), values.end(),
                  [](const Value& a, const Value& b) { return compare(a, b) < 0; });
        for (std::size_t i = 0; i < values.size(); ++i)
            for (std::size_t j = i; j < values.size(); ++j)
                if (compare(values[i], values[j]) > 0)
                    FAIL("kind " << kind_name(static_cast<Kind>(number)) << " has no order");
    }
}

TEST_CASE("absent is after everything", "[value][order]") {
    Dice dice(10);
    const Store store = make_store(dice);
    for (unsigned number = 1; number < kinds; ++number) {
        const Value value = random_value(dice, store, static_cast<Kind>(number));
        REQUIRE((compare(value, Absent{}) < 0));
        REQUIRE((compare(Absent{}, value) > 0));
    }
    REQUIRE((compare(Absent{}, Absent{}) == 0));
}

TEST_CASE("numbers are ordered as numbers at every size", "[value][order]") {
    for (unsigned bit = 0; bit < 64; ++bit) {
        const std::uint64_t value = std::uint64_t{1} << bit;
        REQUIRE(order_key(Count{value - 1}) < order_key(Count{value}));
        REQUIRE(order_key(Count{value}) < order_key(Count{value + 1}));
    }
    REQUIRE(order_key(Count{255}) < order_key(Count{256}));
    REQUIRE(order_key(Count{~std::uint64_t{0}}) < order_key(Absent{}));
}

TEST_CASE("durations below zero are ordered as compare has them", "[value][order]") {
    const Value minus = Duration{seconds{-5}};
    const Value more_minus = Duration{seconds{-6}};
    REQUIRE((compare(more_minus, minus) < 0));
    REQUIRE_FALSE(order_key(minus) < order_key(more_minus));
}

TEST_CASE("protocols are ordered by what is shown", "[value][order]") {
    REQUIRE((compare(Protocol{protocol::icmp}, Protocol{protocol::tcp}) < 0));
    REQUIRE((compare(Protocol{protocol::tcp}, Protocol{protocol::udp}) < 0));
    for (unsigned a = 0; a < 256; ++a)
        for (unsigned b = 0; b < 256; ++b) {
            const Protocol x{static_cast<std::uint8_t>(a)}, y{static_cast<std::uint8_t>(b)};
            if ((order_key(x) < order_key(y)) != (compare(x, y) < 0) ||
                (compare(x, y) == 0) != (a == b))
                FAIL("protocols " << a << " and " << b);
        }
}

TEST_CASE("protocols without a name are ordered as numbers", "[value][order]") {
    REQUIRE((compare(Protocol{99}, Protocol{100}) < 0));
    REQUIRE((compare(Protocol{9}, Protocol{253}) < 0));
}

TEST_CASE("addresses and ports are ordered as numbers", "[value][order]") {
    REQUIRE((compare(address("9.0.0.1"), address("192.0.2.2")) < 0));
    REQUIRE((compare(address("192.0.2.2"), address("192.0.2.10")) < 0));
    REQUIRE((compare(Port{9, protocol::tcp}, Port{20, protocol::tcp}) < 0));
    REQUIRE(
        (compare(Place{endpoint("192.0.2.1:100"), 6}, Place{endpoint("192.0.2.1:1000"), 6}) < 0));
    REQUIRE((compare(Place{endpoint("192.0.2.1"), 6}, Place{endpoint("192.0.2.1:0"), 6}) < 0));
}

TEST_CASE("an empty text has order bytes too", "[value][order]") {
    REQUIRE(order_key(Text{}) == order_key(Text{""}));
    REQUIRE(order_key(Text{""}) < order_key(Text{"a"}));
    REQUIRE(order_key(Text{"a"}) < order_key(Text{"ab"}));
}
