// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The XML of conntrack: each kind of element, beside the line of text that says the same, and what
// others make of a file of them.
#include "natstat/intake/text_source.hpp"

#include "natstat/model/protocol.hpp"
#include "tests/catch.hpp"

#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace natstat;
using namespace std::chrono_literals;

namespace {

struct Told {
    std::vector<Event> events; // without the ends of lists
    std::vector<std::size_t> ends;
    std::uint64_t odd = 0;
    FileNotes notes;
    ExtrasPool extras;
    std::string failure;
};

Told read(std::string_view text) {
    const int file = ::memfd_create("natstat-test", MFD_CLOEXEC);
    REQUIRE(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    REQUIRE(::lseek(file, 0, SEEK_SET) == 0);
    TextSource source(file, "test", {}, TextFormat::xml);
    Batch batch;
    Told told;
    try {
        while (source.read(batch) != Progress::ended)
            continue;
    } catch (const Failure& failure) {
        told.failure = failure.what();
    }
    for (const Event& event : batch.events)
        if (event.kind == EventKind::list_end)
            told.ends.push_back(told.events.size());
        else
            told.events.push_back(event);
    told.odd = batch.odd;
    told.notes = source.notes();
    told.extras = batch.extras;
    return told;
}

std::string meta(const std::string& direction, const std::string& ends, const std::string& protocol,
                 const std::string& rest = "") {
    const bool ipv6 = ends.find(':') != std::string::npos;
    return "<meta direction=\"" + direction + "\"><layer3 protonum=\"" + (ipv6 ? "10" : "2") +
           "\" protoname=\"" + (ipv6 ? "ipv6" : "ipv4") + "\">" + ends + "</layer3>" + protocol +
           rest + "</meta>";
}

std::string ends_of(const std::string& source, const std::string& destination) {
    return "<src>" + source + "</src><dst>" + destination + "</dst>";
}

std::string layer4(int number, const std::string& name, const std::string& inside) {
    return "<layer4 protonum=\"" + std::to_string(number) + "\" protoname=\"" + name + "\">" +
           inside + "</layer4>";
}

std::string ports(int source, int destination) {
    return "<sport>" + std::to_string(source) + "</sport><dport>" + std::to_string(destination) +
           "</dport>";
}

std::string flow(const std::string& inside, const std::string& type = "") {
    return "<flow" + (type.empty() ? "" : " type=\"" + type + "\"") + ">" + inside + "</flow>";
}

std::string independent(const std::string& inside) {
    return "<meta direction=\"independent\">" + inside + "</meta>";
}

const std::string tcp =
    meta("original", ends_of("192.0.2.1", "203.0.113.2"), layer4(6, "tcp", ports(40000, 80)),
         "<counters><packets>3</packets><bytes>164</bytes></counters>") +
    meta("reply", ends_of("203.0.113.2", "198.51.100.3"), layer4(6, "tcp", ports(80, 1025)),
         "<counters><packets>2</packets><bytes>117</bytes></counters>");
const std::string udp6 =
    meta("original", ends_of("2001:db8::1", "2001:db8::2"), layer4(17, "udp", ports(1, 53))) +
    meta("reply", ends_of("2001:db8::2", "2001:db8::1"), layer4(17, "udp", ports(53, 1)));

Flow flow_of(const std::string& element) {
    CAPTURE(element);
    const Told told = read(element + "\n");
    REQUIRE(told.failure.empty());
    REQUIRE(told.odd == 0);
    REQUIRE(told.events.size() == 1);
    return told.events.front().flow;
}

/// The same flow out of a line of text.
void same_as_line(const std::string& element, const std::string& line) {
    Batch batch;
    REQUIRE(parse_conntrack_line(line, batch) == TextLine::flow);
    CAPTURE(element, line);
    const Flow from_xml = flow_of(element);
    const Flow& from_line = batch.events.front().flow;
    CHECK(std::memcmp(&from_xml, &from_line, sizeof(Flow)) == 0);
}

bool is_odd(const std::string& element) {
    const Told told = read(flow(tcp) + "\n" + element + "\n" + flow(udp6) + "\n");
    CHECK(told.events.size() == (told.odd == 0 ? 3 : 2));
    return told.odd == 1;
}

} // namespace

TEST_CASE("xml: an element says what a line says", "[intake][xml]") {
    same_as_line(flow(tcp + independent("<state>ESTABLISHED</state><timeout>431</timeout>"
                                        "<mark>7</mark><zone>5</zone><use>1</use><id>9</id>"
                                        "<assured/>")),
                 "tcp 6 431 ESTABLISHED src=192.0.2.1 dst=203.0.113.2 sport=40000 dport=80 "
                 "packets=3 bytes=164 src=203.0.113.2 dst=198.51.100.3 sport=80 dport=1025 "
                 "packets=2 bytes=117 [ASSURED] mark=7 zone=5 use=1 id=9");
    same_as_line(flow(udp6 + independent("<timeout>2</timeout><mark>0</mark><unreplied/>")),
                 "udp 17 2 src=2001:db8::1 dst=2001:db8::2 sport=1 dport=53 [UNREPLIED] "
                 "src=2001:db8::2 dst=2001:db8::1 sport=53 dport=1 mark=0");
    const std::string there = ends_of("192.0.2.1", "192.0.2.2");
    const std::string back = ends_of("192.0.2.2", "192.0.2.1");
    const std::string tuples = " src=192.0.2.1 dst=192.0.2.2";
    const std::string reply = " src=192.0.2.2 dst=192.0.2.1";
    same_as_line(flow(meta("original", there, layer4(50, "unknown", "")) +
                      meta("reply", back, layer4(50, "unknown", ""))),
                 "unknown 50" + tuples + reply);
    same_as_line(
        flow(meta("original", there,
                  layer4(47, "gre", "<srckey>0x1</srckey><dstkey>0xffff</dstkey>")) +
             meta("reply", back, layer4(47, "gre", "<srckey>0xffff</srckey><dstkey>0x1</dstkey>"))),
        "gre 47" + tuples + " srckey=0x1 dstkey=0xffff" + reply + " srckey=0xffff dstkey=0x1");
    for (const auto& [number, name] : {std::pair(132, "sctp"), {33, "dccp"}, {136, "udplite"}})
        same_as_line(flow(meta("original", there, layer4(number, name, ports(1, 2))) +
                          meta("reply", back, layer4(number, name, ports(2, 1)))),
                     std::string(name) + " " + std::to_string(number) + tuples +
                         " sport=1 dport=2" + reply + " sport=2 dport=1");
    // A zone of one direction.
    same_as_line(flow(meta("original", there, layer4(17, "udp", ports(1, 2)), "<zone>8</zone>") +
                      meta("reply", back, layer4(17, "udp", ports(2, 1)))),
                 "udp 17" + tuples + " sport=1 dport=2 zone-orig=8" + reply + " sport=2 dport=1");
    same_as_line(flow(meta("original", there, layer4(17, "udp", ports(1, 2))) +
                      meta("reply", back, layer4(17, "udp", ports(2, 1)), "<zone>8</zone>")),
                 "udp 17" + tuples + " sport=1 dport=2" + reply + " sport=2 dport=1 zone-reply=8");
}

TEST_CASE("xml: ICMP has no id there, and its flow has", "[intake][xml]") {
    for (const auto& [number, name] : {std::pair(1, "icmp"), {58, "icmpv6"}}) {
        const Flow found = flow_of(
            flow(meta("original", ends_of("192.0.2.1", "192.0.2.2"), layer4(number, name, "")) +
                 meta("reply", ends_of("192.0.2.2", "192.0.2.1"), layer4(number, name, "")) +
                 independent("<id>77</id>")));
        CHECK(found.id == 77);
        CHECK(found.has(Part::id));
        CHECK_FALSE(found.has(Part::icmp));
        CHECK_FALSE(found.has(Part::original_ports));
    }
}

TEST_CASE("xml: the state of SCTP has TCP's name", "[intake][xml]") {
    const auto state = [](const std::string& protocol, int number, const std::string& name) {
        const Flow found = flow_of(flow(meta("original", ends_of("192.0.2.1", "192.0.2.2"),
                                             layer4(number, protocol, ports(1, 2))) +
                                        meta("reply", ends_of("192.0.2.2", "192.0.2.1"),
                                             layer4(number, protocol, ports(2, 1))) +
                                        independent("<state>" + name + "</state>")));
        return found.has(Part::state) ? std::string(state_name(found.protocol, found.state)) : "";
    };
    CHECK(state("tcp", 6, "FIN_WAIT") == "FIN_WAIT");
    CHECK(state("sctp", 132, "FIN_WAIT") == "ESTABLISHED"); // the number is 4
    CHECK(state("sctp", 132, "SYN_SENT") == "CLOSED");
    CHECK(state("sctp", 132, "SHUTDOWN_SENT") == "SHUTDOWN_SENT");
    CHECK(state("sctp", 132, "ESTABLISHED").empty()); // 3 or 4
    CHECK(state("udp", 17, "ESTABLISHED").empty());
    CHECK(state("tcp", 6, "PARTY").empty());
}

TEST_CASE("xml: times", "[intake][xml]") {
    ::setenv("TZ", "EST5", 1);
    ::tzset();
    const std::string when = "<when><hour>5</hour><min>00</min><sec>07</sec><wday>2</wday>"
                             "<day>23</day><month>11</month><year>2026</year></when>";
    const auto event = [](const std::string& element) { return read(element + "\n").events.at(0); };
    CHECK(event(flow(tcp + when, "new")).time == Time{1795428007s});
    // Its own start and age tell the zone of a file that comes from elsewhere.
    const std::string times = "<timestamp><start>1795424400250000000</start></timestamp>"
                              "<deltatime>7</deltatime>";
    CHECK(event(flow(tcp + independent(times) + when, "update")).time == Time{1795424407s});
    CHECK(event(flow(tcp + independent(times))).time == Time{1795424407s});
    CHECK(event(flow(tcp + independent(times))).flow.start_ms == 1795424400250);
    CHECK(event(flow(tcp +
                         independent("<timestamp><start>1795424400250000000</start>"
                                     "<stop>1795424401000000001</stop></timestamp>") +
                         when,
                     "destroy"))
              .time == Time{1795424401s + 1ns});
    CHECK(event(flow(tcp + independent("<deltatime>7</deltatime>"))).flow.age() == 7s);
    ::setenv("TZ", "UTC0", 1);
    ::tzset();
}

TEST_CASE("xml: kinds, helpers and contexts", "[intake][xml]") {
    const Told told = read(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<conntrack>\n" + flow(tcp, "new") +
        " [USERSPACE] portid=21689 progname=<flow\n" + flow(tcp, "update") + "\n" +
        flow(tcp + independent("<secctx>a:b &lt;c&gt; d</secctx><helper>ftp</helper>"), "destroy") +
        "\n</conntrack>\n");
    // A program that is called like an element takes the one behind it along at most.
    REQUIRE(told.events.size() >= 2);
    CHECK(told.events.front().kind == EventKind::created);
    CHECK(told.events.back().kind == EventKind::destroyed);
    const Extras& extras = told.extras[told.events.back().flow.extras];
    CHECK(extras.secctx == "a:b <c> d");
    CHECK(extras.helper == "ftp");
    CHECK(told.ends.empty());
}

TEST_CASE("xml: lists, one after another, in pieces, and cut off", "[intake][xml]") {
    const std::string head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<conntrack>\n";
    const std::string foot = "</conntrack>\n";
    const std::string a = flow(tcp) + "\n", b = flow(udp6) + "\n";
    using Ends = std::vector<std::size_t>;
    CHECK(read(head + a + b + foot).ends == Ends{2});
    const Told two = read(head + a + b + foot + head + b + foot);
    CHECK(two.ends == Ends{2, 3});
    CHECK(two.notes.lists == 2);
    CHECK(two.notes.last_list_line == 8);
    const std::string ping =
        flow(meta("original", ends_of("192.0.2.1", "203.0.113.2"), layer4(1, "icmp", "")) +
             meta("reply", ends_of("203.0.113.2", "192.0.2.1"), layer4(1, "icmp", ""))) +
        "\n";
    const Told alike = read(head + ping + b + ping + foot); // two that only their ids tell apart
    CHECK(alike.ends == Ends{3});
    CHECK(alike.notes.lists == 1);
    const auto shown = [](int number) {
        return "conntrack v1.4.7 (conntrack-tools): " + std::to_string(number) +
               " flow entries have been shown.\n";
    };
    CHECK(read(head + a + foot + shown(1)).ends == Ends{1});
    CHECK(read(shown(1) + head + a + foot).ends == Ends{1});
    CHECK(read(head + a + foot + shown(1) + head + foot + shown(0)).ends == Ends{1, 1});
    CHECK(read(flow(tcp) + flow(udp6)).events.size() == 2); // in one line
    std::string pretty = flow(tcp);
    for (std::size_t at = 0; (at = pretty.find("><", at)) != std::string::npos; at += 3)
        pretty.insert(at + 1, "\n ");
    CHECK(std::memcmp(&read(pretty + "\n").events.at(0).flow, &read(a).events.at(0).flow,
                      sizeof(Flow)) == 0);
    for (std::size_t size = 1; size < flow(tcp).size(); ++size) {
        const Told cut = read(b + flow(tcp).substr(0, size));
        CHECK(cut.events.size() == 1);
        CHECK(cut.odd == 1);
        const Told glued = read(b + flow(tcp).substr(0, size) + "\n" + b);
        CHECK(glued.events.size() == 2);
        CHECK(glued.odd == 1);
    }
}

TEST_CASE("xml: odd elements", "[intake][xml]") {
    REQUIRE_FALSE(is_odd(flow(tcp)));
    REQUIRE_FALSE(is_odd(flow(tcp + "<news><deep>1</deep></news>")));
    const auto changed = [](std::string from, const std::string& to) {
        std::string element = flow(tcp);
        const auto at = element.find(from);
        REQUIRE(at != std::string::npos);
        return element.replace(at, from.size(), to);
    };
    for (const std::string& element : {
             changed("<sport>40000", "<sport>4000x"),
             changed("<sport>40000", "<sport>65536"),
             changed("<sport>40000</sport>", ""),
             changed("<src>192.0.2.1<", "<src>2001:db8::1<"),
             changed("protonum=\"6\"", "protonum=\"17\""),
             changed("protonum=\"6\"", "protonum=\"x\""),
             changed("protonum=\"2\"", "protonum=\"3\""),
             changed("direction=\"reply\"", "direction=\"back\""),
             changed("</meta>", "</metal>"),
             changed("<bytes>164", "<bytes>&who;"),
             changed("<bytes>164", "<bytes>164\x01"),
             flow(tcp + independent("<timestamp><start>4294967296000000000</start></timestamp>")),
             flow(tcp + independent("<timestamp><stop>18446744073709551615</stop></timestamp>")),
             flow(tcp, "party"),
             flow(""),
             flow("<a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a>" + tcp),
             std::string("<!DOCTYPE flow [<!ENTITY a \"b\">]>"),
             std::string("hello"),
             flow(tcp + std::string(70000, ' ')),
         }) {
        CAPTURE(element.substr(0, 200));
        CHECK(is_odd(element));
    }
    CHECK(read("<conntrack>\nhello\n").failure ==
          "cannot read test: not conntrack text (line 2: hello)");
}
