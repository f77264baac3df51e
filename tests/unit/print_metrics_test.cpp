// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The text of --metrics: names, labels with hostile bytes, what is left out, bounds.
#include "natstat/print/metrics.hpp"

#include "capture.hpp"

#include "src/print/metric_family.hpp"

#include "tests/catch.hpp"

#include <set>
#include <sstream>

using namespace natstat;
using namespace natstat::test;

namespace {

std::string printed(const Metrics& metrics, std::size_t limit = 10) {
    const MemoryFile file;
    Output output(file.fd(), "test");
    print_metrics(metrics, limit, output);
    output.flush();
    return file.text();
}

/// The lines that begin with this, without what is said of them before.
std::vector<std::string> lines(const std::string& text, std::string_view beginning) {
    std::vector<std::string> found;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        if (line.starts_with(beginning))
            found.push_back(line);
    return found;
}

using Lines = std::vector<std::string>;

GroupKeys keys(std::string_view text) {
    return std::get<GroupKeys>(parse_group_keys(text));
}

/// A health with one counter of each of two CPUs.
Metrics with_counter(const std::string& name, std::uint32_t first, std::uint32_t second) {
    Metrics metrics;
    metrics.health.emplace().statistics =
        Statistics{{{name, std::uint64_t{first} + second}}, 2, {{first, second}}};
    return metrics;
}

} // namespace

TEST_CASE("nothing known: only who tells it", "[print][metrics]") {
    Metrics metrics;
    metrics.version = "1.2.3";
    REQUIRE(printed(metrics) == "# HELP natstat_build_info The natstat that tells this.\n"
                                "# TYPE natstat_build_info gauge\n"
                                "natstat_build_info{version=\"1.2.3\"} 1\n"
                                "# EOF\n");
}

TEST_CASE("values of labels can not leave their quotes", "[print][metrics]") {
    REQUIRE(label_value("eth0") == "eth0");
    REQUIRE(label_value("a\"} 1\nb 2") == "a\\\"} 1\\\\x0ab 2");
    REQUIRE(label_value("\\") == "\\\\x5c");
    REQUIRE(label_value("\xff\xc3\xa9\033[2J") == "\\\\xff\\\\xc3\\\\xa9\\\\x1b[2J");
    REQUIRE(label_value(std::string_view("a\0b", 3)) == "a\\\\x00b");
    LabelSet labels;
    labels.add("absent", "");
    REQUIRE(labels.text().empty());
    labels.add("a", "1");
    labels.add("b", "\"");
    REQUIRE(labels.text() == R"(a="1",b="\"")");
}

TEST_CASE("the network namespace is a label of every sample", "[print][metrics]") {
    Metrics metrics = with_counter("drop", 1, 2);
    metrics.netns = "a\"b";
    metrics.health->entries = 7;
    metrics.interval.emplace();
    std::istringstream text(printed(metrics));
    std::size_t samples = 0;
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with('#'))
            continue;
        ++samples;
        CAPTURE(line);
        REQUIRE(line.find("{netns=\"a\\\"b\"") != std::string::npos);
    }
    REQUIRE(samples == 4 + 3 + ending_names().size());
}

TEST_CASE("counters have no type, and a sample for each CPU", "[print][metrics]") {
    const std::string text = printed(with_counter("drop", 1, 4294967295));
    REQUIRE(lines(text, "natstat_nf_conntrack_stat_drop{") ==
            Lines{"natstat_nf_conntrack_stat_drop{cpu=\"0\"} 1",
                  "natstat_nf_conntrack_stat_drop{cpu=\"1\"} 4294967295"});
    REQUIRE(lines(text, "# HELP natstat_nf_conntrack_stat_drop Counter: ").size() == 1);
    REQUIRE(lines(text, "# TYPE natstat_nf_conntrack_stat_drop").empty());
    REQUIRE(lines(printed(with_counter("flux", 1, 0)), "# HELP natstat_nf_conntrack_stat_") ==
            Lines{"# HELP natstat_nf_conntrack_stat_flux The kernel's counter of this name."});
}

TEST_CASE("what the kernel counts no more is not 0", "[print][metrics]") {
    for (const char* name : {"new", "delete", "delete_list", "searched", "ignore"}) {
        const std::string sample = std::string("natstat_nf_conntrack_stat_") + name + "{";
        CAPTURE(name);
        REQUIRE(lines(printed(with_counter(name, 0, 0)), sample).empty());
        REQUIRE(lines(printed(with_counter(name, 0, 3)), sample).size() == 2);
    }
    REQUIRE(lines(printed(with_counter("drop", 0, 0)), "natstat_nf_conntrack_stat_drop{").size() ==
            2);
}

TEST_CASE("a table without a limit has none", "[print][metrics]") {
    Metrics metrics;
    metrics.health.emplace().limit = 0;
    REQUIRE(lines(printed(metrics), "natstat_nf_conntrack_entries").empty());
    metrics.health->limit = 262144;
    metrics.health->entries = 0;
    REQUIRE(lines(printed(metrics), "natstat_nf_conntrack_entries") ==
            Lines{"natstat_nf_conntrack_entries 0", "natstat_nf_conntrack_entries_limit 262144"});
}

TEST_CASE("allowances are of interfaces, whatever their names", "[print][metrics]") {
    Metrics metrics;
    Allowances allowances;
    allowances.interface = "e\"\n\xff";
    allowances.values[0] = 3;
    allowances.values[1] = 1000;
    metrics.health.emplace().allowances = {allowances};
    const std::string text = printed(metrics);
    REQUIRE(lines(text, "natstat_ethtool_") ==
            Lines{R"(natstat_ethtool_conntrack_allowance_exceeded{device="e\"\\x0a\\xff"} 3)",
                  R"(natstat_ethtool_conntrack_allowance_available{device="e\"\\x0a\\xff"} 1000)"});
    REQUIRE(lines(text, "# TYPE natstat_ethtool_") ==
            Lines{"# TYPE natstat_ethtool_conntrack_allowance_available gauge"});
}

TEST_CASE("flows by kind, protocol and state; all protocols without a name are one",
          "[print][metrics]") {
    const Surroundings around;
    Groups mix(keys("kind,proto,state"), {}, around);
    std::vector<Scene> scenes;
    for (const char* protocol : {"253", "254", "253"})
        scenes.push_back({MakeFlow(protocol, "192.0.2.1", "203.0.113.1")
                              .reply("203.0.113.1", "198.51.100.1")
                              .status(status::seen_reply)});
    scenes.push_back({MakeFlow("tcp", "192.0.2.1:1", "203.0.113.1:80").state("SYN_SENT")});
    for (const Scene& scene : scenes)
        mix.add(scene.row());
    Metrics metrics;
    metrics.mix = &mix;
    REQUIRE(lines(printed(metrics), "natstat_flows{") ==
            Lines{"natstat_flows{kind=\"snat\",proto=\"other\",state=\"REPLIED\"} 3",
                  "natstat_flows{proto=\"tcp\",state=\"SYN_SENT\"} 1"});
}

TEST_CASE("the fullest destinations, no more than the limit", "[print][metrics]") {
    const Surroundings around;
    Groups ports(keys("gate,proto,destination,zone_reply"),
                 {true, false, PortPool{NatPorts{2000, 2003}}}, around);
    const auto add = [&](std::uint16_t port, const std::string& destination) {
        const Scene scene{MakeFlow("udp", "192.0.2.1:1", destination)
                              .reply(destination, "198.51.100.1:" + std::to_string(port))};
        ports.add(scene.row());
    };
    for (std::uint16_t port = 2000; port < 2003; ++port)
        add(port, "203.0.113.9:53");
    for (int host = 1; host < 9; ++host)
        add(2001, "203.0.113." + std::to_string(host) + ":53");
    Metrics metrics;
    metrics.ports = &ports;
    const std::string text = printed(metrics, 2);
    const std::string labels = R"({gate="198.51.100.1",proto="udp",dst="203.0.113.9",dport="53"} )";
    const std::string others = R"({gate="198.51.100.1",proto="udp",dst="203.0.113.1",dport="53"} )";
    REQUIRE(lines(text, "natstat_nat_destinations") == Lines{"natstat_nat_destinations 9"});
    REQUIRE(lines(text, "natstat_nat_ports_in_use{") ==
            Lines{"natstat_nat_ports_in_use" + labels + "3",
                  "natstat_nat_ports_in_use" + others + "1"});
    REQUIRE(lines(text, "natstat_nat_ports_available{").front() ==
            "natstat_nat_ports_available" + labels + "4");
    REQUIRE(lines(text, "natstat_nat_ports_used_ratio{").front() ==
            "natstat_nat_ports_used_ratio" + labels + "0.75");
}

TEST_CASE("an interval in which nothing happened is zeros, not silence", "[print][metrics]") {
    Metrics metrics;
    metrics.interval.emplace();
    metrics.interval->length = std::chrono::milliseconds{5003};
    metrics.interval->ended.back() = 4;
    metrics.interval->whole = false;
    const std::string text = printed(metrics);
    REQUIRE(lines(text, "natstat_interval_s") == Lines{"natstat_interval_seconds 5.003"});
    REQUIRE(lines(text, "# UNIT natstat_interval_seconds seconds").size() == 1);
    REQUIRE(lines(text, "natstat_interval_whole") == Lines{"natstat_interval_whole 0"});
    REQUIRE(lines(text, "natstat_interval_flows_created") ==
            Lines{"natstat_interval_flows_created 0"});
    REQUIRE(lines(text, "natstat_interval_flows_ended{").size() == ending_names().size());
    REQUIRE(lines(text, "natstat_interval_flows_ended{").back() ==
            "natstat_interval_flows_ended{ending=\"unknown\"} 4");
}

TEST_CASE("moments have no more digits than there are", "[print][metrics]") {
    Metrics metrics;
    metrics.at = Time{std::chrono::milliseconds{1795328158142}};
    REQUIRE(lines(printed(metrics), "natstat_collected_timestamp_seconds") ==
            Lines{"natstat_collected_timestamp_seconds 1795328158.142"});
}
