// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "natstat/answer/removing.hpp"

#include "tests/catch.hpp"

#include <cerrno>

using namespace natstat;

namespace {

/// Removes all of them with these answers, one after the other, and gives the last word.
std::string told(std::vector<int> answers) {
    std::size_t asked = 0;
    Removing removing([&](const Flow&) { return answers[asked++]; });
    removing.start(std::vector<Flow>(answers.size()));
    std::string last;
    while (removing.is_busy())
        last = removing.step();
    return last;
}

} // namespace

TEST_CASE("the end of one flow is told in its own words", "[removing]") {
    CHECK(told({0}) == "deleted");
    CHECK(told({ENOENT}) == "not deleted: it has ended already");
    CHECK(told({EPERM}) == "not deleted: Operation not permitted");
    CHECK(told({EPROTONOSUPPORT}) ==
          "not deleted: this libnetfilter_conntrack can not name flows of the protocol");
}

TEST_CASE("of several flows each is asked for, and each outcome counted", "[removing]") {
    CHECK(told({0, 0, 0}) == "deleted 3 of 3");
    CHECK(told({0, ENOENT, 0, EPROTONOSUPPORT, ENOENT}) ==
          "deleted 2 of 5, 2 had ended already, 1 this libnetfilter_conntrack can not name");
    CHECK(told({0, EPERM, 0}) == "deleted 1 of 3: Operation not permitted"); // it would be for all
}

TEST_CASE("many flows are deleted some at a time", "[removing]") {
    std::size_t asked = 0;
    Removing removing([&](const Flow&) {
        ++asked;
        return 0;
    });
    removing.start(std::vector<Flow>(1000));
    CHECK(removing.step() == "deleted 64 of 1000");
    CHECK(removing.is_busy());
    removing.start(std::vector<Flow>(10)); // behind those
    while (removing.is_busy())
        removing.step();
    CHECK(asked == 1010);
    CHECK(removing.step().empty());
}
