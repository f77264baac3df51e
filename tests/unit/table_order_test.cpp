// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Sorting by columns: reading the list of them, the order of rows, and prefixes that never disagree
// with it.
#include "natstat/table/order.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

Order order_by(std::string_view text) {
    auto result = Order::parse(text);
    if (const auto* error = std::get_if<std::string>(&result))
        FAIL(*error);
    return std::get<Order>(result);
}

std::string error_of(std::string_view text) {
    const auto result = Order::parse(text);
    return std::holds_alternative<std::string>(result) ? std::get<std::string>(result) : "";
}

bool before(std::string_view order, const Flow& a, const Flow& b) {
    const Scene x{a}, y{b};
    return order_by(order).before(x.row(), y.row());
}

/// Whether a is before b, and b is not before a.
bool strictly_before(std::string_view order, const Flow& a, const Flow& b) {
    return before(order, a, b) && !before(order, b, a);
}

MakeFlow udp(unsigned port) {
    return {"udp", "198.51.100.7:" + std::to_string(port), "203.0.113.10:53"};
}

std::vector<Scene> random_scenes(Dice& dice, std::size_t count) {
    std::vector<Scene> scenes(count);
    for (Scene& scene : scenes) {
        scene.flow = random_flow(dice);
        if (dice.coin())
            scene.extras.helper =
                std::string(1 + dice.roll(3), static_cast<char>('a' + dice.roll(2)));
        if (dice.roll(3) == 0)
            scene.extras.secctx = "system_u:object_r:" + std::to_string(dice.roll(5));
        if (dice.roll(3) == 0)
            scene.extras.labels[dice.roll(16)] = static_cast<std::uint8_t>(dice.roll(256));
        scene.extras.has_labels = dice.coin();
        scene.around.now = Time{} + std::chrono::hours{400'000};
    }
    return scenes;
}

std::string random_order(Dice& dice) {
    std::string text;
    for (std::uint32_t i = 0, keys = 1 + dice.roll(4); i < keys; ++i) {
        const auto names = column_names();
        text += (i == 0 ? "" : ",") + std::string(dice.coin() ? "-" : "");
        text += names[dice.roll(static_cast<std::uint32_t>(names.size()))];
    }
    return text;
}

} // namespace

TEST_CASE("a list of columns is read, - turns one round", "[order]") {
    const Order order = order_by("proto,-bytes,src-port");
    REQUIRE(order.keys().size() == 3);
    REQUIRE(order.keys()[0].column == &column("proto"));
    REQUIRE_FALSE(order.keys()[0].descending);
    REQUIRE(order.keys()[1].column == &column("bytes"));
    REQUIRE(order.keys()[1].descending);
    REQUIRE(order.keys()[2].column == &column("sport"));
}

TEST_CASE("a wrong word is named", "[order]") {
    REQUIRE(error_of("proto,sorce") == "unknown column 'sorce' (did you mean 'source'?)");
    REQUIRE(error_of("-sorce") == "unknown column 'sorce' (did you mean 'source'?)");
    for (const auto* text : {"", "-", ",", "src,", "--src"})
        REQUIRE_FALSE(error_of(text).empty());
}

TEST_CASE("the default order is protocol, then source as a number", "[order]") {
    const MakeFlow tcp9("tcp", "9.0.0.1:1", "192.0.2.1:1");
    const MakeFlow tcp10("tcp", "198.51.100.2:1", "192.0.2.1:1");
    const MakeFlow tcp10b("tcp", "198.51.100.10:1", "192.0.2.1:1");
    REQUIRE(strictly_before("proto,source", tcp9, tcp10));
    REQUIRE(strictly_before("proto,source", tcp10, tcp10b));
    REQUIRE(strictly_before("proto,source", tcp10b, MakeFlow("udp", "9.0.0.1:1", "192.0.2.1:1")));
    REQUIRE(strictly_before("proto,source", udp(9), udp(20)));
}

TEST_CASE("descending turns the order round", "[order]") {
    REQUIRE(strictly_before("bytes_up", MakeFlow(udp(1)).up(1, 9), MakeFlow(udp(1)).up(1, 10)));
    REQUIRE(strictly_before("-bytes_up", MakeFlow(udp(1)).up(1, 10), MakeFlow(udp(1)).up(1, 9)));
    REQUIRE(strictly_before("-src", MakeFlow("udp", "[2001:db8::1]:1", "[2001:db8::2]:2"), udp(1)));
}

TEST_CASE("absent is last in both directions", "[order]") {
    const auto* name =
        GENERATE("bytes_up", "mark", "timeout", "state", "gateway", "kind", "zone", "id", "reply");
    const Scene everything = full_scene();
    const Scene nothing;
    INFO(name);
    for (const auto& order : {std::string(name), "-" + std::string(name)}) {
        REQUIRE(order_by(order).before(everything.row(), nothing.row()));
        REQUIRE_FALSE(order_by(order).before(nothing.row(), everything.row()));
        REQUIRE(order_by(order).prefix(everything.row()) < order_by(order).prefix(nothing.row()));
    }
}

TEST_CASE("ties go to the next column, then to the tuples, protocol, zone and id", "[order]") {
    REQUIRE(strictly_before("proto,-timeout", MakeFlow(udp(2)).timeout(9),
                            MakeFlow(udp(1)).timeout(8)));
    REQUIRE(strictly_before("proto", udp(1), udp(2)));
    REQUIRE(strictly_before("-proto", udp(1), udp(2)));
    REQUIRE(strictly_before("family", MakeFlow(udp(1)).zone(1), MakeFlow(udp(1)).zone(2)));
    REQUIRE(strictly_before("family", MakeFlow(udp(1)).id(1), MakeFlow(udp(1)).id(2)));
    REQUIRE(strictly_before("family", MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2"),
                            MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2")));
    REQUIRE(strictly_before("family", MakeFlow(udp(1)).reply("203.0.113.10:53", "192.0.2.1:1"),
                            MakeFlow(udp(1)).reply("203.0.113.10:53", "192.0.2.1:2")));
    REQUIRE_FALSE(before("family", udp(1), udp(1)));
}

TEST_CASE("no two different connections are equal in an order", "[order]") {
    const MakeFlow ping("icmp", "192.0.2.1", "192.0.2.2");
    const Flow echo = MakeFlow(ping).icmp(7, 8, 0, 7);
    const Flow stamp = MakeFlow(ping).icmp(7, 13, 14, 7);
    REQUIRE_FALSE(same_connection(echo, stamp));
    REQUIRE((before("proto", echo, stamp) || before("proto", stamp, echo)));
}

TEST_CASE("a descending text with a NUL inside has a prefix that agrees", "[order]") {
    Scene shorter = full_scene(), longer = full_scene();
    shorter.extras.helper = "a";
    longer.extras.helper = std::string("a\0b", 3);
    const Order order = order_by("-helper");
    REQUIRE(order.before(longer.row(), shorter.row()));
    REQUIRE_FALSE(order.prefix(shorter.row()) < order.prefix(longer.row()));
}

TEST_CASE("a smaller prefix is always before, for any columns", "[order]") {
    Dice dice(13);
    const auto scenes = random_scenes(dice, 300);
    for (int round = 0; round < 150; ++round) {
        const std::string text = random_order(dice);
        const Order order = order_by(text);
        for (int i = 0; i < 150; ++i) {
            const Scene& a = scenes[dice.roll(300)];
            const Scene& b = scenes[dice.roll(300)];
            const OrderPrefix x = order.prefix(a.row());
            const OrderPrefix y = order.prefix(b.row());
            if ((x < y && !order.before(a.row(), b.row())) ||
                (y < x && !order.before(b.row(), a.row())))
                FAIL("the prefix by " << text << " disagrees with the order");
        }
    }
}

TEST_CASE("before is a strict order, for any columns", "[order]") {
    Dice dice(14);
    const auto scenes = random_scenes(dice, 60);
    for (int round = 0; round < 20; ++round) {
        const std::string text = random_order(dice);
        const Order order = order_by(text);
        std::vector<Row> rows;
        for (const Scene& scene : scenes)
            rows.push_back(scene.row());
        std::vector<std::size_t> index(rows.size());
        for (std::size_t i = 0; i < index.size(); ++i)
            index[i] = i;
        std::sort(index.begin(), index.end(),
                  [&](auto i, auto j) { return order.before(rows[i], rows[j]); });
        for (std::size_t i = 0; i < index.size(); ++i)
            for (std::size_t j = i; j < index.size(); ++j)
                if (order.before(rows[index[j]], rows[index[i]]))
                    FAIL("by " << text << " a later row is before an earlier one");
    }
}

TEST_CASE("prefixes of small numbers reach the second column", "[order]") {
    const Scene a{MakeFlow(udp(1)).timeout(10).mark(1)}, b{MakeFlow(udp(1)).timeout(10).mark(2)};
    REQUIRE(order_by("timeout,mark").prefix(a.row()) < order_by("timeout,mark").prefix(b.row()));
    REQUIRE(order_by("timeout,-mark").prefix(b.row()) < order_by("timeout,-mark").prefix(a.row()));
}

TEST_CASE("every protocol has a prefix that agrees, in both directions", "[order]") {
    for (const auto* text : {"proto", "-proto"}) {
        const Order order = order_by(text);
        for (unsigned number = 0; number < 256; ++number) {
            const Scene tcp{MakeFlow("tcp", "192.0.2.1", "192.0.2.2")};
            const Scene other{MakeFlow(std::to_string(number), "192.0.2.1", "192.0.2.2")};
            if (order.prefix(other.row()) < order.prefix(tcp.row()) &&
                !order.before(other.row(), tcp.row()))
                FAIL("by " << text << " the prefix puts protocol " << number << " before tcp");
            if (order.prefix(tcp.row()) < order.prefix(other.row()) &&
                !order.before(tcp.row(), other.row()))
                FAIL("by " << text << " the prefix puts protocol " << number << " after tcp");
        }
    }
}
