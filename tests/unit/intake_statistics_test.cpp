// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// /proc/net/stat/nf_conntrack as kernels from 2.6 to 6.18 write it, and as none should.
#include "natstat/intake/statistics.hpp"

#include "tests/catch.hpp"

using namespace natstat;

namespace {

using Counters = std::vector<Statistics::Counter>;

} // namespace

TEST_CASE("the counters of a kernel are summed over its CPUs", "[intake][statistics]") {
    // Linux 6.18, two CPUs.
    const Statistics statistics = parse_statistics(
        "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop "
        "early_drop icmp_error  expect_new expect_create expect_delete search_restart\n"
        "00000fce  00000001 00000000 00000000 00000004 00000000 00000000 00000000 00000000 "
        "000000c8 000001d8 00000000 00000000  00000000 00000000 00000000 00000000\n"
        "00000fce  00000002 00000000 00000000 00000004 00000000 00000000 00000000 00000000 "
        "000000a2 0000016f 00000000 00000000  00000000 00000000 00000000 ffffffff\n");
    REQUIRE(statistics.cpus == 2);
    REQUIRE(statistics.counters.size() == 16);
    REQUIRE(statistics.of("clashres") == 3U);
    REQUIRE(statistics.of("invalid") == 8U);
    REQUIRE(statistics.of("insert_failed") == 0xc8U + 0xa2U);
    REQUIRE(statistics.of("drop") == 0x1d8U + 0x16fU);
    REQUIRE(statistics.of("search_restart") == 0xffffffffU);
    REQUIRE(statistics.of_cpus.size() == 16);
    REQUIRE(statistics.of_cpus.front() == std::vector<std::uint32_t>{1, 2});
    REQUIRE(statistics.of_cpus.back() == std::vector<std::uint32_t>{0, 0xffffffff});
    REQUIRE_FALSE(statistics.of("entries"));
    REQUIRE_FALSE(statistics.of("chaintoolong"));
}

TEST_CASE("columns go by their names", "[intake][statistics]") {
    // Before search_restart (Linux 2.6.35), with the blank that ended each line.
    const Statistics old = parse_statistics(
        "entries  searched found new invalid ignore delete delete_list insert insert_failed drop "
        "early_drop icmp_error  expect_new expect_create expect_delete\n"
        "00000001  00000010 00000020 00000030 00000040 00000050 00000060 00000070 00000080 "
        "00000090 000000a0 000000b0 000000c0  000000d0 000000e0 000000f0 \n");
    REQUIRE(old.of("insert_failed") == 0x90U);
    REQUIRE(old.of("expect_delete") == 0xf0U);
    REQUIRE_FALSE(old.of("search_restart"));
    REQUIRE(parse_statistics("drop entries\n2 9\n3 9\n").counters == Counters{{"drop", 5}});
}

TEST_CASE("sums go beyond 32 bits", "[intake][statistics]") {
    REQUIRE(parse_statistics("drop\nffffffff\nffffffff\n").of("drop") == 0x1fffffffeU);
}

TEST_CASE("what is not a number is absent, and so is what is missing", "[intake][statistics]") {
    const auto counters = [](std::string_view text) { return parse_statistics(text).counters; };
    REQUIRE(counters("").empty());
    REQUIRE(counters("\n\n\n").empty());
    REQUIRE(counters("drop insert\n").empty());
    REQUIRE(counters("drop insert\n1\n").size() == 1);
    REQUIRE(counters("drop insert\n1 2\n1").size() == 1);
    REQUIRE(counters("drop insert\n1 x\n1 2\n") == Counters{{"drop", 2}});
    REQUIRE(parse_statistics("insert drop\nx 1\n1 2\n").of_cpus ==
            std::vector<std::vector<std::uint32_t>>{{1, 2}});
    REQUIRE(counters("drop\n-1\n").empty());
    REQUIRE(counters("drop\n0x1\n").empty());
    REQUIRE(counters("drop\n100000000\n").empty());
    REQUIRE(counters("drop drop\n1 2\n") == Counters{{"drop", 1}});
    REQUIRE(counters("drop\n1 2 3 4\n") == Counters{{"drop", 1}});
    REQUIRE(counters("drop\n1") == Counters{{"drop", 1}});
    REQUIRE(counters("dr\033[2Jop \xff\xfe \"}\n1 2 3\n").empty());
    REQUIRE(counters(std::string_view("drop\0\n1\n", 8)).empty());
}

TEST_CASE("more CPUs than columns", "[intake][statistics]") {
    std::string text = "entries drop\n";
    for (int cpu = 0; cpu < 512; ++cpu)
        text += "00000001 00000010\n";
    const Statistics statistics = parse_statistics(text);
    REQUIRE(statistics.cpus == 512);
    REQUIRE(statistics.counters == Counters{{"drop", 0x2000}});
}

TEST_CASE("every counter of every kernel is explained", "[model][statistics]") {
    for (const char* name :
         {"searched",     "clashres",   "clash_resolve", "found",         "new",
          "invalid",      "ignore",     "delete",        "delete_list",   "chainlength",
          "chaintoolong", "insert",     "insert_failed", "drop",          "early_drop",
          "icmp_error",   "expect_new", "expect_create", "expect_delete", "search_restart"}) {
        INFO(name);
        REQUIRE_FALSE(statistic_meaning(name).empty());
    }
    REQUIRE(statistic_meaning("flux").empty());
}
