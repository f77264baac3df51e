// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The text and the JSON of --health, whole, from facts that are all there and from none.
#include "natstat/print/health.hpp"

#include "capture.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

std::string printed_by(void (*print)(const Health&, Output&), const Health& health) {
    const MemoryFile file;
    Output output(file.fd(), "test");
    print(health, output);
    output.flush();
    return file.text();
}

Health busy() {
    Health health;
    health.entries = 240000;
    health.limit = 262144;
    health.limit_scope = LimitScope::shared;
    health.buckets = 65536;
    health.expectation_limit = 1024;
    health.statistics = Statistics{
        {{"found", 12}, {"invalid", 0}, {"insert_failed", 33}, {"flux", 4}, {"ignore", 0}}, 2};
    health.settings = {0, 1, 2, 1, 1, 0, std::nullopt};
    health.timeouts = {{"tcp_timeout_established", 7200, 432000}};
    Allowances allowances;
    allowances.interface = "e\033[2J\"\xff";
    allowances.values[0] = 3;
    allowances.values[1] = 1000;
    health.allowances = {allowances};
    health.databases = {{"GeoLite2-ASN", Time{std::chrono::seconds{1'795'324'211}}},
                        {"odd\033", Time{}}};
    return health;
}

} // namespace

TEST_CASE("health for people has the worst first", "[print][health]") {
    REQUIRE(health_text(busy()) == R"(Attention
  table           nearly full: 240000 of 262144 entries. New connections are
                  dropped when it is full; net.netfilter.nf_conntrack_max is its
                  limit.
  insert_failed   33 new flows that found no place: no NAT port was free, or
                  another flow with the same addresses and ports came first.
  conntrack_allowance_exceeded  e\x1b[2J"\xff: 3 packets that AWS dropped or
                  held back, as the instance was above its allowance.
Table
  entries         240000 of 262144 (91.6 %)
  limit           net.netfilter.nf_conntrack_max of the initial network
                  namespace: one setting for all, against which each network
                  namespace counts its own entries.
  buckets         65536, shared by all network namespaces; 3.7 entries of this
                  one in each
  expectations    at most 1024 (how many there are, only root is told)
Other counters since this network namespace was made, summed over 2 CPUs
  found           12 NAT ports that were tried and already taken
  flux            4
Switched on or off
  accounting      off: no packets and bytes. This counts them, of flows from
                  then on:
                  sysctl -w net.netfilter.nf_conntrack_acct=1
  time stamps     on: the kernel tells when a flow began
  events          when somebody listens: a flow that began before has none, and
                  what becomes of it is found in lists
  checksum        on: packets with a wrong checksum are invalid
  tcp_loose       on: TCP flows are taken up in their middle as well
  tcp_be_liberal  off: TCP packets outside the window are invalid
Timeouts that are not the kernel's defaults
  tcp_timeout_established  7200 s (default 432000 s)
AWS allowances of e\x1b[2J"\xff (of what security groups track, not netfilter)
  conntrack_allowance_exceeded  3
  conntrack_allowance_available  1000
Databases of owners and countries
  GeoLite2-ASN    made on 2026-11-22
  odd\x1b         does not say when it was made
)");
}

TEST_CASE("health for programs is one object", "[print][health]") {
    REQUIRE(
        printed_by(print_health_json, busy()) ==
        R"({"findings":["table","insert_failed","conntrack_allowance_exceeded"],)"
        R"("entries":240000,"limit":262144,"percent_full":91.552,"limit_scope":"shared",)"
        R"("buckets":65536,"entries_per_bucket":3.662,"expectations":null,)"
        R"("expectation_limit":1024,"cpus":2,"statistics":{"found":12,"invalid":0,)"
        R"("insert_failed":33,"flux":4,"ignore":null},"settings":{"acct":0,"timestamp":1,"events":2,)"
        R"("checksum":1,"tcp_loose":1,"tcp_be_liberal":0,"helper":null},)"
        R"("changed_timeouts":{"tcp_timeout_established":{"seconds":7200,"default":432000}},)"
        R"("allowances":[{"interface":"e\\x1b[2J\"\\xff","conntrack_allowance_exceeded":3,)"
        R"("conntrack_allowance_available":1000,"bw_in_allowance_exceeded":null,)"
        R"("bw_out_allowance_exceeded":null,"pps_allowance_exceeded":null,)"
        R"("linklocal_allowance_exceeded":null}],)"
        R"("databases":[{"type":"GeoLite2-ASN","built":"2026-11-22T05:10:11.000000Z"},)"
        R"({"type":"odd\\x1b","built":null}]})"
        "\n");
    REQUIRE(printed_by(print_health_json, {}) ==
            R"({"findings":[],"entries":null,"limit":null,"percent_full":null,"limit_scope":null,)"
            R"("buckets":null,"entries_per_bucket":null,"expectations":null,)"
            R"("expectation_limit":null,"cpus":null,"statistics":null,"settings":{"acct":null,)"
            R"("timestamp":null,"events":null,"checksum":null,"tcp_loose":null,)"
            R"("tcp_be_liberal":null,"helper":null},"changed_timeouts":{},"allowances":[],)"
            R"("databases":[]})"
            "\n");
}

TEST_CASE("what is not known is not said", "[print][health]") {
    REQUIRE(health_text({}) == R"(Table
  entries         -
Counters
  none            This kernel has no /proc/net/stat/nf_conntrack; what was
                  dropped or not inserted is not known.
)");
    Health health;
    health.entries = 7;
    health.limit = 0;
    REQUIRE(health_text(health).find("7, without a limit\n") != std::string::npos);
}
