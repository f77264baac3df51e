// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// "Did you mean": near words are found, far ones are not suggested.
#include "natstat/table/column.hpp"

#include "tests/catch.hpp"

using namespace natstat;

namespace {

std::string_view near_column(std::string_view word) {
    return nearest(word, column_names());
}

} // namespace

TEST_CASE("each kind of slip is forgiven", "[nearest]") {
    REQUIRE(near_column("sorce") == "source");   // left out
    REQUIRE(near_column("soource") == "source"); // too much
    REQUIRE(near_column("sourse") == "source");  // another
    REQUIRE(near_column("suorce") == "source");  // swapped
    REQUIRE(near_column("destinaton") == "destination");
    REQUIRE(near_column("byte_up") == "bytes_up");
    REQUIRE(near_column("packet") == "packets");
}

TEST_CASE("a swap of neighbours is one slip", "[nearest]") {
    static constexpr std::string_view names[] = {"ba"};
    REQUIRE(nearest("ab", names) == "ba");
}

TEST_CASE("the right word is nearest to itself", "[nearest]") {
    for (const std::string_view name : column_names())
        REQUIRE(near_column(name) == name);
}

TEST_CASE("far words are not suggested", "[nearest]") {
    for (const auto* word : {"", "x", "zzzzzz", "bandwidth", "sourcesourcesource", "qqqq"})
        REQUIRE(near_column(word).empty());
}

TEST_CASE("at most a third of the letters may be wrong", "[nearest]") {
    static constexpr std::string_view names[] = {"abcdef"};
    REQUIRE(nearest("abxyef", names) == "abcdef");
    REQUIRE(nearest("axyzef", names).empty());
}

TEST_CASE("the first of equally near words is taken", "[nearest]") {
    static constexpr std::string_view names[] = {"cat", "car"};
    REQUIRE(nearest("cax", names) == "cat");
    REQUIRE(nearest("car", names) == "car");
}

TEST_CASE("without names there is nothing near", "[nearest]") {
    REQUIRE(nearest("source", {}).empty());
}

TEST_CASE("a hostile word is turned down before it costs anything", "[nearest]") {
    REQUIRE(near_column(std::string(10'000'000, 's')).empty());
    static const std::string long_name(64, 'a');
    const std::string_view names[] = {long_name};
    REQUIRE(nearest(std::string(63, 'a') + "b", names) == long_name);
    REQUIRE(nearest(std::string(64, 'a') + "b", names).empty());
}

TEST_CASE("an unknown column is named, with what was meant or where to look", "[nearest]") {
    REQUIRE(unknown_column("sorce") == "unknown column 'sorce' (did you mean 'source'?)");
    REQUIRE(unknown_column("zzzzzz") == "unknown column 'zzzzzz' (--list-columns lists them)");
    REQUIRE(unknown_column("") == "unknown column '' (--list-columns lists them)");
}
