// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is worth a look, and in which order.
#include "natstat/model/health.hpp"

#include "tests/catch.hpp"

#include <algorithm>

using namespace natstat;

namespace {

std::vector<std::string> names_of(const Health& health) {
    std::vector<std::string> names;
    for (const Finding& each : findings(health))
        names.push_back(each.name);
    return names;
}

using Names = std::vector<std::string>;

Health table_of(std::uint64_t entries, std::uint64_t limit) {
    Health health;
    health.entries = entries;
    health.limit = limit;
    return health;
}

} // namespace

TEST_CASE("a table is nearly full from 80 per cent on", "[model][health]") {
    REQUIRE(names_of(table_of(799, 1000)).empty());
    REQUIRE(names_of(table_of(800, 1000)) == Names{"table"});
    REQUIRE(findings(table_of(800, 1000))[0].reason.starts_with("nearly full: 800 of 1000"));
    REQUIRE(findings(table_of(1000, 1000))[0].reason.starts_with("full: 1000 of 1000"));
    REQUIRE(names_of(table_of(5, 6)) == Names{"table"});
    REQUIRE(names_of(table_of(UINT64_MAX, UINT64_MAX)) == Names{"table"});
}

TEST_CASE("how full it is can be unknown", "[model][health]") {
    REQUIRE(table_of(500, 1000).percent_full() == 50.0);
    REQUIRE_FALSE(table_of(500, 0).percent_full()); // no limit
    REQUIRE(names_of(table_of(500, 0)).empty());
    REQUIRE_FALSE(Health{}.percent_full());
    REQUIRE_FALSE(Health{}.entries_per_bucket());
    REQUIRE(names_of(Health{}).empty());
    Health health = table_of(500, 1000);
    health.buckets = 0;
    REQUIRE_FALSE(health.entries_per_bucket());
    health.buckets = 250;
    REQUIRE(health.entries_per_bucket() == 2.0);
}

TEST_CASE("the worst is first, and counters at zero are none", "[model][health]") {
    Health health = table_of(9, 10);
    health.expectations = 8;
    health.expectation_limit = 10;
    health.statistics = Statistics{
        {{"found", 3}, {"early_drop", 1}, {"insert_failed", 33}, {"drop", 2}, {"chaintoolong", 0}},
        1};
    Allowances allowances;
    allowances.interface = "eth0";
    allowances.values[0] = 7; // conntrack_allowance_exceeded
    allowances.values[1] = 9; // conntrack_allowance_available
    allowances.values[2] = 0;
    health.allowances = {allowances};
    REQUIRE(names_of(health) == Names{"table", "drop", "insert_failed", "early_drop",
                                      "conntrack_allowance_exceeded", "expectations"});
    REQUIRE(findings(health)[2].reason.starts_with("33 new flows"));
    REQUIRE(findings(health)[4].interface == "eth0");
}

TEST_CASE("each timeout has one default", "[model][health]") {
    const auto& list = timeout_settings();
    REQUIRE(list.size() == 33);
    for (const TimeoutSetting& each : list) {
        INFO(each.name);
        REQUIRE(std::count_if(list.begin(), list.end(), [&each](const TimeoutSetting& other) {
                    return other.name == each.name;
                }) == 1);
        REQUIRE(each.seconds > 0);
    }
}
