// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A listing keeps flows and extras as they were given and walks them in order. std::stable_sort
// with the whole order is the oracle.
#include "natstat/table/listing.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

Order order_by(std::string_view text) {
    return std::get<Order>(Order::parse(text));
}

/// Rows whose ids are all different, so that every order has one right answer.
std::vector<Scene> many_scenes(std::size_t count) {
    Dice dice(15);
    std::vector<Scene> scenes(count);
    std::uint32_t number = 0;
    for (Scene& scene : scenes) {
        scene.flow = random_flow(dice);
        scene.flow.set(Part::id);
        scene.flow.id = number++;
        if (dice.roll(4) != 0)
            continue;
        scene.extras.helper = "h" + std::to_string(dice.roll(6));
        scene.flow.extras = 1; // some index in a pool: the row has extras
    }
    return scenes;
}

std::vector<std::uint32_t> ids_by_oracle(const std::vector<Scene>& scenes, const Order& order) {
    std::vector<const Scene*> sorted;
    for (const Scene& scene : scenes)
        sorted.push_back(&scene);
    std::stable_sort(sorted.begin(), sorted.end(), [&](const Scene* a, const Scene* b) {
        return order.before(a->row(), b->row());
    });
    std::vector<std::uint32_t> ids;
    for (const Scene* scene : sorted)
        ids.push_back(scene->flow.id);
    return ids;
}

std::vector<std::uint32_t> ids(Listing& listing) {
    std::vector<std::uint32_t> result;
    listing.for_each([&](const Row& row) { result.push_back(row.flow.id); });
    return result;
}

std::vector<std::uint32_t> counted(std::uint32_t count) {
    std::vector<std::uint32_t> numbers(count);
    for (std::uint32_t i = 0; i < count; ++i)
        numbers[i] = i;
    return numbers;
}

const Surroundings nothing_around;

} // namespace

TEST_CASE("ten thousand rows are in the order that stable_sort finds", "[listing]") {
    const auto scenes = many_scenes(10'000);
    for (const auto* text : {"proto,source", "-bytes,helper", "state,-timeout,gateway",
                             "helper,-id", "-reply", "family"}) {
        INFO(text);
        const Order order = order_by(text);
        Listing listing(&order, nothing_around);
        for (const Scene& scene : scenes)
            listing.add(scene.row());
        REQUIRE(listing.size() == scenes.size());
        REQUIRE((ids(listing) == ids_by_oracle(scenes, order)));
    }
}

TEST_CASE("many rows are split into parts, and in one order", "[listing]") {
    const auto scenes = many_scenes(60'000);
    const Order order = order_by("proto,-sport");
    Listing listing(&order, nothing_around);
    for (const Scene& scene : scenes)
        listing.add(scene.row());
    const auto expected = ids_by_oracle(scenes, order);
    REQUIRE((ids(listing) == expected));
    REQUIRE((ids(listing) == expected)); // walking it changes nothing
    REQUIRE(listing.parts() > 1);
    std::vector<std::uint32_t> by_parts;
    Listing::Walk walk(listing);
    for (std::size_t part = 0; part < listing.parts(); ++part) {
        REQUIRE(listing.size_of(part) > 0);
        walk.visit(part, [&](const Row& row) { by_parts.push_back(row.flow.id); });
    }
    REQUIRE((by_parts == expected));
}

TEST_CASE("rows that begin alike are in the order of their rest, few and many", "[listing]") {
    Dice dice(21);
    for (const std::size_t count : {2U, 1000U, 6000U, 40'000U}) {
        CAPTURE(count);
        auto scenes = many_scenes(count);
        for (Scene& scene : scenes) { // what is alike fills a prefix
            scene.extras.helper =
                "a long name that is the same in front " + std::to_string(dice.roll(900));
            scene.flow.extras = 1;
        }
        const Order order = order_by("helper,-id");
        Listing listing(&order, nothing_around);
        for (const Scene& scene : scenes)
            listing.add(scene.row());
        const auto expected = ids_by_oracle(scenes, order);
        REQUIRE((ids(listing) == expected));
        std::vector<std::uint32_t> first;
        listing.for_each([&](const Row& row) { first.push_back(row.flow.id); }, count / 2);
        REQUIRE(
            (first == std::vector(expected.begin(),
                                  expected.begin() + static_cast<std::ptrdiff_t>(first.size()))));
    }
}

TEST_CASE("any number of rows is walked whole", "[listing]") {
    const Order order = order_by("id");
    for (const std::uint32_t count :
         {1U, 15U, 16U, 17U, 4096U, 4097U, 16383U, 16384U, 16385U, 32768U}) {
        Listing listing(&order, nothing_around);
        Scene scene{MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2").id(0)};
        for (std::uint32_t i = count; i-- > 0;) {
            scene.flow.id = i;
            listing.add(scene.row());
        }
        INFO(count);
        REQUIRE(listing.size() == count);
        REQUIRE((ids(listing) == counted(count)));
    }
}

TEST_CASE("rows may be added after a walk", "[listing]") {
    const Order order = order_by("id");
    Listing listing(&order, nothing_around);
    Scene scene{MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2").id(0)};
    for (const std::uint32_t id : {4U, 0U, 2U}) {
        scene.flow.id = id;
        listing.add(scene.row());
    }
    REQUIRE(ids(listing) == std::vector<std::uint32_t>{0, 2, 4});
    for (const std::uint32_t id : {3U, 1U}) {
        scene.flow.id = id;
        listing.add(scene.row());
    }
    REQUIRE(ids(listing) == counted(5));
}

TEST_CASE("without an order rows come as they were added", "[listing]") {
    const auto scenes = many_scenes(20'000);
    Listing listing(nullptr, nothing_around);
    for (const Scene& scene : scenes)
        listing.add(scene.row());
    REQUIRE((ids(listing) == counted(20'000)));
}

TEST_CASE("unordered, every row comes once", "[listing]") {
    const auto scenes = many_scenes(20'000);
    const Order by_proto = order_by("proto");
    for (const Order* order : {static_cast<const Order*>(nullptr), &by_proto}) {
        Listing listing(order, nothing_around);
        for (const Scene& scene : scenes)
            listing.add(scene.row());
        std::vector<std::uint32_t> seen;
        listing.for_each_unordered([&](const Row& row) { seen.push_back(row.flow.id); });
        std::sort(seen.begin(), seen.end());
        REQUIRE((seen == counted(20'000)));
    }
}

TEST_CASE("the first rows of an order can be walked alone", "[listing]") {
    const auto scenes = many_scenes(40'000);
    const Order order = order_by("-id");
    Listing listing(&order, nothing_around);
    for (const Scene& scene : scenes)
        listing.add(scene.row());
    for (const std::size_t limit : {0U, 1U, 500U, 39'999U, 40'000U, 50'000U}) {
        std::vector<std::uint32_t> seen;
        listing.for_each([&](const Row& row) { seen.push_back(row.flow.id); }, limit);
        auto expected = ids_by_oracle(scenes, order);
        expected.resize(std::min(limit, expected.size()));
        REQUIRE((seen == expected));
    }
}

TEST_CASE("flows and extras are kept as they were", "[listing]") {
    const Order order = order_by("id");
    Listing listing(&order, nothing_around);
    {
        const auto scenes = many_scenes(300);
        for (const Scene& scene : scenes)
            listing.add(scene.row());
    } // what was added is gone; the listing has copies
    const auto scenes = many_scenes(300);
    listing.for_each([&](const Row& row) {
        const Scene& scene = scenes[row.flow.id];
        if (!(row.extras == scene.extras) || row.flow.address != scene.flow.address ||
            row.flow.parts != scene.flow.parts || row.flow.bytes_up != scene.flow.bytes_up)
            FAIL("row " << row.flow.id << " is not what was added");
    });
}

TEST_CASE("equal rows are all kept", "[listing]") {
    const Order order = order_by("proto");
    const Scene scene = full_scene();
    Listing listing(&order, scene.around);
    for (int i = 0; i < 5'000; ++i)
        listing.add(scene.row());
    REQUIRE(listing.size() == 5'000);
    REQUIRE(ids(listing).size() == 5'000);
}

TEST_CASE("an empty listing is empty", "[listing]") {
    const Order order = order_by("proto");
    Listing listing(&order, nothing_around);
    REQUIRE(listing.size() == 0);
    REQUIRE(ids(listing).empty());
}

TEST_CASE("a cleared listing starts anew", "[listing]") {
    const Order order = order_by("id");
    const auto scenes = many_scenes(17'000);
    Listing listing(&order, nothing_around);
    for (const Scene& scene : scenes)
        listing.add(scene.row());
    listing.clear();
    REQUIRE(listing.size() == 0);
    REQUIRE(ids(listing).empty());
    listing.add(scenes[7].row());
    listing.add(scenes[3].row());
    REQUIRE(ids(listing) == std::vector<std::uint32_t>{3, 7});
}

TEST_CASE("columns of the surroundings sort too", "[listing]") {
    Surroundings around;
    around.now = Time{} + std::chrono::seconds{1'000};
    const Order order = order_by("-age");
    Listing listing(&order, around);
    for (const std::uint32_t id : {1U, 2U, 3U}) {
        const Flow flow = MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2")
                              .id(id)
                              .start_ms((id == 2 ? 100 : 500 + id) * 1'000);
        const Extras none;
        listing.add({flow, none, around});
    }
    REQUIRE(ids(listing) == std::vector<std::uint32_t>{2, 1, 3});
}
