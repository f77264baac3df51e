// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Timeouts beside the kernel's own, and what is taken out of a driver's statistics, whose names are
// any bytes.
#include "natstat/intake/health.hpp"

#include "tests/catch.hpp"

using namespace natstat;

namespace {

/// Names as a driver puts them: 32 bytes each, filled up with zeros.
std::string name_table(std::initializer_list<std::string_view> names) {
    std::string table;
    for (const std::string_view name : names)
        table += std::string(name) + std::string(name_size - name.size(), '\0');
    return table;
}

std::optional<Allowances> found_in(const std::string& names, std::vector<std::uint64_t> values) {
    return find_allowances("eth0", names, values);
}

} // namespace

TEST_CASE("only timeouts that were changed are told", "[intake][health]") {
    const auto by_default = changed_timeouts([](std::string_view name) {
        for (const TimeoutSetting& each : timeout_settings())
            if (each.name == name)
                return std::optional(each.seconds);
        return std::optional<std::uint64_t>();
    });
    REQUIRE(by_default.empty());
    const auto unknown =
        changed_timeouts([](std::string_view) { return std::optional<std::uint64_t>(); });
    REQUIRE(unknown.empty());
    const auto changed = changed_timeouts([](std::string_view name) {
        return name == "tcp_timeout_established" ? std::optional<std::uint64_t>(7200)
               : name == "udp_timeout_stream"    ? std::optional<std::uint64_t>(180) // before 5.0
                                                 : std::nullopt;
    });
    REQUIRE(changed == std::vector<ChangedTimeout>{{"tcp_timeout_established", 7200, 432000}});
}

TEST_CASE("a driver's allowances go by their names", "[intake][health]") {
    const auto found = found_in(
        name_table({"tx_timeout", "conntrack_allowance_available", "bw_in_allowance_exceeded",
                    "queue_0_tx_cnt", "conntrack_allowance_exceeded"}),
        {1, 2, 3, 4, 5});
    REQUIRE(found);
    REQUIRE(found->interface == "eth0");
    REQUIRE(found->values[0] == 5U);
    REQUIRE(found->values[1] == 2U);
    REQUIRE(found->values[2] == 3U);
    REQUIRE_FALSE(found->values[3]);
}

TEST_CASE("a driver without allowances has none", "[intake][health]") {
    REQUIRE_FALSE(found_in(name_table({"rx_packets", "tx_packets"}), {1, 2}));
    REQUIRE_FALSE(found_in("", {}));
    REQUIRE_FALSE(found_in("", {1, 2}));
}

TEST_CASE("what a driver says is not trusted", "[intake][health]") {
    const std::string name = "pps_allowance_exceeded";
    // Fewer values than names, fewer names than values, a table that breaks off.
    REQUIRE_FALSE(found_in(name_table({"x", name}), {1}));
    REQUIRE(found_in(name_table({name}), {1, 2, 3})->values[4] == 1U);
    REQUIRE_FALSE(found_in(name_table({name}).substr(0, name_size - 1), {1}));
    // Without an end, longer, shorter, with other bytes.
    REQUIRE_FALSE(found_in(std::string(name_size, 'p'), {1}));
    REQUIRE_FALSE(found_in(name_table({name + "_"}), {1}));
    REQUIRE_FALSE(found_in(name_table({name.substr(1)}), {1}));
    REQUIRE_FALSE(found_in(name_table({"\033[2J\xff\xfe"}), {1}));
    REQUIRE_FALSE(found_in(std::string(name_size, '\0'), {1}));
    // Rests behind the end are no part of the name.
    std::string rest = name_table({name});
    rest[name_size - 1] = 'x';
    REQUIRE(found_in(rest, {1}));
    // Twice: the first.
    REQUIRE(found_in(name_table({name, name}), {1, 2})->values[4] == 1U);
}

TEST_CASE("interfaces that have no allowances are asked in vain", "[intake][health]") {
    for (const Allowances& each : read_allowances()) // none, but on an AWS instance
        REQUIRE_FALSE(each.interface.empty());
}
