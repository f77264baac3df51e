// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The end of --wait, as a line and as an object.
#include "natstat/print/flows_left.hpp"

#include "capture.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

std::string printed(void (*print)(const FlowsLeft&, Output&), const FlowsLeft& left) {
    const MemoryFile file;
    Output output(file.fd(), "test");
    print(left, output);
    output.flush();
    return file.text();
}
std::string line(const FlowsLeft& left) {
    return printed(print_flows_left, left);
}
std::string object(const FlowsLeft& left) {
    return printed(print_flows_left_json, left);
}

FlowsLeft some(std::uint64_t flows, std::uint64_t below) {
    FlowsLeft left;
    left.flows = flows;
    left.below = below;
    left.after = std::chrono::milliseconds(4250);
    return left;
}

FlowsLeft::Opener opener(const char* address, std::uint64_t flows) {
    return {parse_address(address).value(), flows};
}

} // namespace

TEST_CASE("few enough are left", "[print][left]") {
    CHECK(line(some(0, 1)) == "no flow is left after 4.2 s\n");
    CHECK(object(some(0, 1)) == R"({"reason":"few_enough","left":0,"below":1,"seconds":4.25,)"
                                R"("hosts":[],"others":0})"
                                "\n");
    FlowsLeft one = some(1, 2);
    one.openers = {opener("2001:db8::1", 1)};
    CHECK(line(one) == "1 flow is left after 4.2 s: 1 of 2001:db8::1\n");
}

TEST_CASE("too many are left, and whose they are", "[print][left]") {
    FlowsLeft left = some(20, 20);
    left.openers = {opener("192.0.2.1", 8), opener("192.0.2.2", 5), opener("192.0.2.3", 3),
                    opener("192.0.2.4", 2)};
    CHECK(line(left) == "20 flows are left after 4.2 s, not fewer than 20: 8 of 192.0.2.1, 5 of "
                        "192.0.2.2, 3 of 192.0.2.3, 4 of others\n");
    CHECK(object(left) ==
          R"({"reason":"time_is_up","left":20,"below":20,"seconds":4.25,"hosts":[)"
          R"({"address":"192.0.2.1","count":8},{"address":"192.0.2.2","count":5},)"
          R"({"address":"192.0.2.3","count":3},{"address":"192.0.2.4","count":2}],"others":2})"
          "\n");
}

TEST_CASE("it is not known how many are left", "[print][left]") {
    FlowsLeft left = some(0, 5);
    left.flows.reset();
    CHECK_FALSE(left.is_few());
    CHECK(line(left) == "it is not known how many flows are left after 4.2 s\n");
    CHECK(object(left) == R"({"reason":"time_is_up","left":null,"below":5,"seconds":4.25,)"
                          R"("hosts":[],"others":null})"
                          "\n");
}
