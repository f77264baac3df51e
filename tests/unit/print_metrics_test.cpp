// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The text of --metrics: names, labels with hostile bytes, what is left out, bounds.
#include "natstat/print/metrics.hpp"

#include "capture.hpp"

#include "src/print/metric_family.hpp"

#include "tests/catch.hpp"

#include <algorithm>
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
    REQUIRE(label_value("\xff\xc3\xa9\033[2J") == "\\\\xff\xc3\xa9\\\\x1b[2J");
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
    REQUIRE(samples == 3 + 3 + ending_names().size());
}

TEST_CASE("the kernel's counters are one number for all CPUs, which goes round as one of 32 bits",
          "[print][metrics]") {
    const std::string text = printed(with_counter("drop", 1, 4294967290));
    REQUIRE(lines(text, "natstat_nf_conntrack_stat_drop_total") ==
            Lines{"natstat_nf_conntrack_stat_drop_total 4294967291"});
    REQUIRE(lines(text, "# HELP natstat_nf_conntrack_stat_drop_total Counter: ").size() == 1);
    REQUIRE(lines(text, "# TYPE natstat_nf_conntrack_stat_drop_total counter").size() == 1);
    REQUIRE(lines(printed(with_counter("drop", 7, 4294967295)), "natstat_nf_") ==
            Lines{"natstat_nf_conntrack_stat_drop_total 6"});
    REQUIRE(
        lines(printed(with_counter("flux", 1, 0)), "# HELP natstat_nf_conntrack_stat_") ==
        Lines{"# HELP natstat_nf_conntrack_stat_flux_total The kernel's counter of this name."});
}

TEST_CASE("what the kernel counts no more is not 0", "[print][metrics]") {
    for (const char* name : {"new", "delete", "delete_list", "searched", "ignore"}) {
        const std::string sample = std::string("natstat_nf_conntrack_stat_") + name + "_total ";
        CAPTURE(name);
        REQUIRE(lines(printed(with_counter(name, 0, 0)), sample).empty());
        REQUIRE(lines(printed(with_counter(name, 0, 3)), sample).size() == 1);
    }
    REQUIRE(lines(printed(with_counter("drop", 0, 0)), "natstat_nf_conntrack_stat_drop_total") ==
            Lines{"natstat_nf_conntrack_stat_drop_total 0"});
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
            Lines{R"(natstat_ethtool_conntrack_allowance_exceeded_total{device="e\"\\x0a\\xff"} 3)",
                  R"(natstat_ethtool_conntrack_allowance_available{device="e\"\\x0a\\xff"} 1000)"});
    REQUIRE(lines(text, "# TYPE natstat_ethtool_") ==
            Lines{"# TYPE natstat_ethtool_conntrack_allowance_exceeded_total counter",
                  "# TYPE natstat_ethtool_conntrack_allowance_available gauge"});
}

TEST_CASE("flows by kind, protocol and state; all protocols without a name are one",
          "[print][metrics]") {
    const Surroundings around{};
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

namespace {

/// NAT ports in use, counted, of a pool of ten.
class Pool {
  public:
    /// As many ports of the NAT address for this destination.
    void use(int number, const std::string& destination, const std::string& gate = "198.51.100.1") {
        for (int port = 2000; port < 2000 + number; ++port) {
            const Scene scene{MakeFlow("udp", "192.0.2.1:1", destination)
                                  .reply(destination, gate + ":" + std::to_string(port))};
            ports_.add(scene.row());
        }
    }
    [[nodiscard]] std::string text(std::size_t limit) const {
        Metrics metrics;
        metrics.ports = &ports_;
        return printed(metrics, limit);
    }

  private:
    const Surroundings around_{};
    Groups ports_{keys("gate,proto,destination,zone_reply"),
                  {true, false, PortPool{NatPorts{2000, 2009}}},
                  around_};
};

std::string destination(int host) {
    return "203.0.113." + std::to_string(host) + ":53";
}

std::string labels_of(int host) {
    return R"({gate="198.51.100.1",proto="udp",dst="203.0.113.)" + std::to_string(host) +
           R"(",dport="53"} )";
}

} // namespace

TEST_CASE("the fullest destinations, no more than the limit", "[print][metrics]") {
    Pool pool;
    for (int host = 1; host < 9; ++host)
        pool.use(1, destination(host));
    pool.use(7, destination(9));
    const std::string text = pool.text(2);
    REQUIRE(lines(text, "natstat_nat_destinations") == Lines{"natstat_nat_destinations 9"});
    REQUIRE(lines(text, "natstat_nat_ports_in_use{") ==
            Lines{"natstat_nat_ports_in_use" + labels_of(9) + "7",
                  "natstat_nat_ports_in_use" + labels_of(1) + "1"});
    REQUIRE(lines(text, "natstat_nat_ports_available{").front() ==
            "natstat_nat_ports_available" + labels_of(9) + "10");
    REQUIRE(lines(text, "natstat_nat_ports_used_ratio{").front() ==
            "natstat_nat_ports_used_ratio" + labels_of(9) + "0.7");
    REQUIRE(lines(pool.text(0), "natstat_nat_ports_").empty());
    REQUIRE(lines(pool.text(0), "natstat_nat_gateway_flows").size() == 1);
}

TEST_CASE("destinations that are nearly full do not change places", "[print][metrics]") {
    std::set<std::string> told;
    for (const int shift : {0, 1, 2, 3}) { // whichever of them is the fullest
        Pool pool;
        for (int host = 10; host < 50; ++host)
            pool.use(8 + (host + shift) % 3, destination(host));
        pool.use(5, destination(1));
        for (const std::string& line : lines(pool.text(10), "natstat_nat_ports_used_ratio{"))
            told.insert(line.substr(0, line.find(' ')));
    }
    REQUIRE(told.size() == 10);
    REQUIRE(told.contains("natstat_nat_ports_used_ratio" +
                          labels_of(10).substr(0, labels_of(10).size() - 1)));
}

TEST_CASE("NAT ports by NAT address: all that an alert needs", "[print][metrics]") {
    Pool pool;
    for (const auto& [host, number] : {std::pair{1, 10}, {2, 9}, {3, 5}, {4, 4}})
        pool.use(number, destination(host));
    pool.use(8, destination(1), "198.51.100.2");
    const std::string text = pool.text(0);
    const std::string first = R"({gate="198.51.100.1",proto="udp")";
    const std::string second = R"({gate="198.51.100.2",proto="udp")";
    const std::string name = "natstat_nat_gateway_";
    REQUIRE(lines(text, name + "ports_used_ratio") ==
            Lines{name + "ports_used_ratio" + first + "} 1",
                  name + "ports_used_ratio" + second + "} 0.8"});
    REQUIRE(lines(text, name + "flows") ==
            Lines{name + "flows" + first + "} 28", name + "flows" + second + "} 8"});
    REQUIRE(lines(text, name + "destinations{") ==
            Lines{name + "destinations" + first + "} 4", name + "destinations" + second + "} 1"});
    const std::string over = name + "destinations_over";
    REQUIRE(lines(text, over) ==
            Lines{over + first + R"(,share="0.5"} 3)", over + first + R"(,share="0.8"} 2)",
                  over + first + R"(,share="0.95"} 1)", over + first + R"(,share="1"} 1)",
                  over + second + R"(,share="0.5"} 1)", over + second + R"(,share="0.8"} 1)",
                  over + second + R"(,share="0.95"} 0)", over + second + R"(,share="1"} 0)"});
}

TEST_CASE("very many NAT addresses are put together", "[print][metrics]") {
    Pool pool;
    for (int gate = 0; gate < 300; ++gate)
        pool.use(1 + gate % 10, destination(1),
                 "198.51." + std::to_string(gate / 200) + "." + std::to_string(gate % 200 + 1));
    const auto told = lines(pool.text(0), "natstat_nat_gateway_flows");
    REQUIRE(told.size() == 256);
    REQUIRE(lines(pool.text(0), R"(natstat_nat_gateway_ports_used_ratio{gate="other"} 1)").size() ==
            1);
    REQUIRE(lines(pool.text(0), R"(natstat_nat_gateway_destinations{gate="other"} 45)").size() ==
            1);
}

TEST_CASE("counters are there from the start, at 0, and all that comes is in one of them",
          "[print][metrics]") {
    Counts counts;
    counts.since = Time{std::chrono::milliseconds{1795328158142}};
    Metrics metrics;
    metrics.counts = &counts;
    const auto told = lines(printed(metrics), "natstat_flows_");
    REQUIRE(told.size() == 5 * 5 * (1 + 1 + ending_names().size()));
    REQUIRE(std::all_of(told.begin(), told.end(),
                        [](const std::string& line) { return line.ends_with("} 0"); }));
    REQUIRE(lines(printed(metrics), "natstat_start_time_seconds") ==
            Lines{"natstat_start_time_seconds 1795328158.142"});
    REQUIRE(lines(printed(metrics), "natstat_bytes_total").empty()); // the kernel does not count
    counts.counts = true;
    counts.lost = 7;
    Counts::Flows& flows = counts.flows[static_cast<std::size_t>(FlowKind::dnat)]
                                       [static_cast<std::size_t>(CountedProtocol::other)];
    flows.created = 3;
    flows.ended[static_cast<std::size_t>(Ending::reset)] = 2;
    flows.up = {1, 1000};
    counts.flows[static_cast<std::size_t>(FlowKind::dnat)][0].up = {2, 500};
    const std::string text = printed(metrics);
    REQUIRE(lines(text, R"(natstat_flows_created_total{kind="dnat",proto="other"} 3)").size() == 1);
    REQUIRE(lines(text, R"(natstat_flows_ended_total{kind="dnat",proto="other",ending="reset"} 2)")
                .size() == 1);
    REQUIRE(lines(text, R"(natstat_bytes_total{kind="dnat",direction="original"} 1500)").size() ==
            1);
    REQUIRE(lines(text, R"(natstat_packets_total{kind="dnat",direction="original"} 3)").size() ==
            1);
    REQUIRE(lines(text, "natstat_events_lost_total") == Lines{"natstat_events_lost_total 7"});
    REQUIRE(lines(text, "# TYPE natstat_bytes_total counter").size() == 1);
}

TEST_CASE("protocols that are counted apart", "[print][metrics]") {
    for (int number = 0; number < 256; ++number) {
        const auto name = protocol_name(static_cast<std::uint8_t>(number));
        const bool own = name == "tcp" || name == "udp" || name == "icmp" || name == "icmpv6";
        CAPTURE(number);
        REQUIRE((counted_protocol(static_cast<std::uint8_t>(number)) != CountedProtocol::other) ==
                own);
    }
}

TEST_CASE("labels of a user's are of every sample", "[print][metrics]") {
    Metrics metrics = with_counter("drop", 1, 2);
    metrics.labels = {{"netns", "blue"}, {"room", "a\"b"}};
    REQUIRE(lines(printed(metrics), "natstat_nf") ==
            Lines{R"(natstat_nf_conntrack_stat_drop_total{netns="blue",room="a\"b"} 3)"});
}

TEST_CASE("an interval in which nothing happened is zeros, not silence", "[print][metrics]") {
    Metrics metrics;
    metrics.interval.emplace();
    metrics.interval->length = std::chrono::milliseconds{5003};
    metrics.interval->ended.back() = 4;
    metrics.interval->whole = false;
    const std::string text = printed(metrics);
    REQUIRE(lines(text, "natstat_interval_s") == Lines{"natstat_interval_seconds 5.003"});
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

namespace {

std::string emf(const Metrics& metrics) {
    const MemoryFile file;
    Output output(file.fd(), "test");
    print_metrics_emf(metrics, 10, output);
    output.flush();
    return file.text();
}

std::size_t times(const std::string& text, std::string_view part) {
    std::size_t number = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++number;
    return number;
}

} // namespace

TEST_CASE("emf: who tells it, when, and its dimensions", "[print][metrics]") {
    Metrics metrics;
    metrics.version = "1.2.3";
    metrics.at = Time{} + std::chrono::milliseconds(1'795'000'000'042);
    metrics.host = "nat-a";
    metrics.labels = {{"room", "a\"b\n"}};
    REQUIRE(emf(metrics) ==
            R"({"_aws":{"Timestamp":1795000000042,"CloudWatchMetrics":[{"Namespace":"natstat",)"
            R"("Dimensions":[["host","room"]],"Metrics":[{"Name":"natstat_build_info","Unit":)"
            R"("Count"},{"Name":"natstat_collected_timestamp_seconds","Unit":"Seconds"}]}]},)"
            R"("host":"nat-a","room":"a\"b\\x0a","version":"1.2.3","natstat_build_info":1,)"
            R"("natstat_collected_timestamp_seconds":1795000000.042})"
            "\n");
}

TEST_CASE("emf: a metric has a hundred values, and their sum", "[print][metrics]") {
    Metrics metrics;
    Health& health = metrics.health.emplace();
    for (std::uint64_t number = 1; number <= 150; ++number) {
        Allowances& card = health.allowances.emplace_back();
        card.interface = "ens" + std::to_string(number);
        card.values[0] = number;
    }
    const std::string text = emf(metrics);
    const std::size_t at = text.find("\":[150,149,148,");
    REQUIRE(at != std::string::npos);
    const std::string values = text.substr(at, text.find(']', at) - at);
    CHECK(std::count(values.begin(), values.end(), ',') == 99);
    CHECK(values.ends_with(",53,52," + std::to_string(51 * 52 / 2)));
}

TEST_CASE("emf: AWS's own names for a NAT gateway, as far as they are known", "[print][metrics]") {
    Metrics metrics;
    Interval& interval = metrics.interval.emplace();
    CHECK(emf(metrics).find("Count\":") == std::string::npos);
    GatewayCounts& counts = interval.gateway.emplace();
    counts.attempted = 5;
    counts.established = 4;
    counts.idled = 3;
    counts.from_source = {7, 700};
    counts.from_destination = {8, 800};
    counts.failed = 2;
    CHECK(emf(metrics).ends_with(
        R"("ConnectionAttemptCount":5,"ConnectionEstablishedCount":4,"IdleTimeoutCount":3,)"
        R"("ErrorPortAllocation":2,"BytesInFromSource":700,"BytesInFromDestination":800,)"
        R"("PacketsInFromSource":7,"PacketsInFromDestination":8})"
        "\n"));
    CHECK(emf(metrics).find(R"({"Name":"BytesInFromSource","Unit":"Bytes"})") != std::string::npos);
    counts.counts = false;
    counts.dropped = 1;
    CHECK(emf(metrics).ends_with(
        R"("IdleTimeoutCount":3,"ErrorPortAllocation":2,"PacketsDropCount":1})"
        "\n"));
    interval.whole = false; // what the kernel counts by itself misses nothing
    CHECK(emf(metrics).ends_with(R"("ErrorPortAllocation":2,"PacketsDropCount":1})"
                                 "\n"));
    CHECK(emf(metrics).find("Attempt") == std::string::npos);
}

TEST_CASE("emf: connections that are active, of a whole list", "[print][metrics]") {
    const Surroundings around{};
    Groups mix(keys("kind,proto,state"), {}, around);
    const auto add = [&](const char* protocol, const char* state, bool translated) {
        MakeFlow flow(protocol, "192.0.2.1:1", "203.0.113.1:80");
        if (translated)
            flow.reply("203.0.113.1:80", "198.51.100.1:1");
        if (*state != '\0')
            flow.state(state);
        const Scene scene{flow};
        mix.add(scene.row());
    };
    add("tcp", "ESTABLISHED", true);
    add("tcp", "ESTABLISHED", true);
    add("tcp", "SYN_SENT", true);
    add("tcp", "TIME_WAIT", true);
    add("tcp", "ESTABLISHED", false);
    add("udp", "", true);
    Metrics metrics;
    metrics.mix = &mix;
    CHECK(emf(metrics).find("ActiveConnectionCount") == std::string::npos);
    metrics.whole = false;
    CHECK(emf(metrics).find("ActiveConnectionCount") == std::string::npos);
    metrics.whole = true;
    CHECK(emf(metrics).ends_with("\"ActiveConnectionCount\":2}\n"));
}

TEST_CASE("emf: a directive has a hundred metrics", "[print][metrics]") {
    Metrics metrics;
    Statistics& statistics = metrics.health.emplace().statistics.emplace();
    for (int number = 0; number < 120; ++number)
        statistics.counters.push_back({"counter" + std::to_string(number), 1});
    const std::string text = emf(metrics);
    CHECK(times(text, "\"Namespace\"") == 2);
    const std::string first = text.substr(0, text.rfind("\"Namespace\""));
    CHECK(times(first, "\"Name\"") == 100);
    CHECK(times(text, "\"Name\"") == 121);
}

namespace {

/// What --metrics-by src tells of hosts with so many flows each.
std::string by_hosts(const std::vector<unsigned>& flows, std::size_t limit) {
    const Surroundings around{};
    const Extras extras;
    const GroupKeys by_keys = keys("src");
    Groups by(by_keys, {}, around);
    for (std::size_t host = 0; host < flows.size(); ++host)
        for (unsigned port = 1; port <= flows[host]; ++port) {
            const Flow flow =
                MakeFlow("udp", "192.0.2." + std::to_string(10 + host) + ":" + std::to_string(port),
                         "203.0.113.1:53")
                    .up(1, 100);
            by.add(Row(flow, extras, around));
        }
    Metrics metrics;
    metrics.by = &by;
    metrics.by_keys = &by_keys;
    return printed(metrics, limit);
}

} // namespace

TEST_CASE("by a column: the largest, and the others as one", "[print][metrics]") {
    const std::string text = by_hosts({1, 9, 2, 40, 3, 17}, 2);
    CHECK(lines(text, "natstat_by_values") == Lines{"natstat_by_values 6"});
    CHECK(lines(text, "natstat_by_flows") == Lines{R"(natstat_by_flows{src="192.0.2.13"} 40)",
                                                   R"(natstat_by_flows{src="192.0.2.15"} 17)",
                                                   R"(natstat_by_flows{src="other"} 15)"});
    CHECK(lines(text, "natstat_by_bytes") ==
          Lines{R"(natstat_by_bytes{src="192.0.2.13",direction="original"} 4000)",
                R"(natstat_by_bytes{src="192.0.2.15",direction="original"} 1700)",
                R"(natstat_by_bytes{src="other",direction="original"} 1500)"});
    CHECK(lines(by_hosts({1, 2}, 2), "natstat_by_flows").size() == 2); // no others
    CHECK(lines(by_hosts({1, 2}, 0), "natstat_by_flows") ==
          Lines{R"(natstat_by_flows{src="other"} 3)"});
}

TEST_CASE("by a column: hosts that are alike do not change places", "[print][metrics]") {
    const auto told = [](const std::vector<unsigned>& flows) {
        Lines labels = lines(by_hosts(flows, 2), "natstat_by_flows{");
        for (std::string& line : labels)
            line.erase(line.rfind(' '));
        return labels;
    };
    CHECK(told({20, 21, 22, 23, 1}) == told({31, 16, 25, 18, 15}));
    CHECK(told({20, 21, 22, 23, 1}) != told({20, 21, 22, 32, 1}));
}
