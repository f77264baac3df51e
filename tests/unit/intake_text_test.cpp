// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Conntrack text: each kind of line field by field, lines that want to do harm, and whole captures
// from a real NAT box (tests/unit/data) in pieces of any size.
#include "natstat/intake/text_source.hpp"

#include "natstat/model/protocol.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <sys/mman.h>
#include <unistd.h>

using namespace natstat;
using namespace std::chrono_literals;

namespace {

/// The dates in the texts are local; these tests live in UTC.
void use_utc() {
    ::setenv("TZ", "UTC0", 1);
    ::tzset();
}

/// The one event of a line that must be a flow.
Event event_of(std::string_view line, Batch& batch) {
    batch.clear();
    CAPTURE(line);
    REQUIRE(parse_conntrack_line(line, batch) == TextLine::flow);
    REQUIRE(batch.events.size() == 1);
    REQUIRE(batch.odd == 0);
    return batch.events.front();
}

Flow flow_of(std::string_view line) {
    Batch batch;
    return event_of(line, batch).flow;
}

bool is_odd(std::string_view line) {
    Batch batch;
    const bool odd = parse_conntrack_line(line, batch) == TextLine::odd;
    CHECK(batch.odd == (odd ? 1U : 0U));
    CHECK(batch.events.empty() == odd);
    return odd;
}

std::string ends(const Flow& flow) {
    std::string text;
    for (const End end : {End::original_source, End::original_destination, End::reply_source,
                          End::reply_destination})
        text += (text.empty() ? "" : " ") + to_text(flow.end(end));
    return text;
}

std::uint16_t parts_of(std::initializer_list<Part> parts) {
    std::uint16_t bits = 0;
    for (const Part part : parts)
        bits = static_cast<std::uint16_t>(bits | static_cast<std::uint16_t>(part));
    return bits;
}

const auto tuples = {Part::original, Part::reply, Part::original_ports, Part::reply_ports,
                     Part::status};

std::uint16_t tuples_and(std::initializer_list<Part> more) {
    return static_cast<std::uint16_t>(parts_of(tuples) | parts_of(more));
}

/// What a flow says, as text that shows a difference when a comparison fails.
std::string told(const Event& event, const ExtrasPool& extras) {
    const Flow& flow = event.flow;
    std::ostringstream text;
    text << int(event.kind) << event.whole << ' ' << event.time.time_since_epoch().count() << ' '
         << int(flow.protocol) << ' ' << ends(flow) << " parts " << flow.parts << " status "
         << flow.status << " state " << int(flow.state) << " timeout " << flow.timeout
         << " counters " << flow.packets_up << ' ' << flow.packets_down << ' ' << flow.bytes_up
         << ' ' << flow.bytes_down << " start " << flow.start_ms << " zone " << flow.zone
         << " mark " << flow.mark << " id " << flow.id << ' ' << extras[flow.extras].helper << ' '
         << extras[flow.extras].secctx;
    return text.str();
}

std::vector<std::string> told(const Batch& batch) {
    std::vector<std::string> all;
    for (const Event& event : batch.events)
        all.push_back(told(event, batch.extras));
    return all;
}

std::string capture(const std::string& name) {
    const auto path = std::filesystem::path(__FILE__).parent_path() / "data" / name;
    std::ifstream file(path, std::ios::binary);
    INFO("reading " << path);
    REQUIRE(file.is_open());
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A descriptor at the start of a file that holds this.
int file_with(std::string_view text) {
    const int descriptor = ::memfd_create("natstat-test", MFD_CLOEXEC);
    REQUIRE(descriptor >= 0);
    REQUIRE(::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    REQUIRE(::lseek(descriptor, 0, SEEK_SET) == 0);
    return descriptor;
}

Batch read_all(std::string_view text) {
    TextSource source(file_with(text), "test");
    Batch batch;
    while (source.read(batch) != Progress::ended)
        continue;
    return batch;
}

std::string failure_of(std::string_view text) {
    try {
        static_cast<void>(read_all(text));
    } catch (const Failure& failure) {
        return failure.what();
    }
    return "no failure";
}

constexpr std::string_view plain_tcp =
    "tcp      6 431996 ESTABLISHED src=192.0.2.10 dst=203.0.113.10 sport=40002 dport=80 packets=3 "
    "bytes=164 src=203.0.113.10 dst=203.0.113.1 sport=80 dport=40002 packets=2 bytes=117 [ASSURED] "
    "mark=0 delta-time=3 use=1";

constexpr std::string_view bare_udp =
    "udp      17 28 src=192.0.2.10 dst=203.0.113.10 sport=1 dport=2 "
    "src=203.0.113.10 dst=192.0.2.10 sport=2 dport=1 use=1";

} // namespace

TEST_CASE("text: a listed TCP flow", "[intake][text]") {
    Batch batch;
    const Event event = event_of(plain_tcp, batch);
    const Flow& flow = event.flow;
    CHECK(event.kind == EventKind::listed);
    CHECK(event.time == Time{});
    CHECK(flow.family == Family::ipv4);
    CHECK(flow.protocol == protocol::tcp);
    CHECK(flow.timeout == 431996);
    CHECK(state_name(flow.protocol, flow.state) == "ESTABLISHED");
    CHECK(ends(flow) == "192.0.2.10:40002 203.0.113.10:80 203.0.113.10:80 203.0.113.1:40002");
    CHECK(flow.packets_up == 3);
    CHECK(flow.bytes_up == 164);
    CHECK(flow.packets_down == 2);
    CHECK(flow.bytes_down == 117);
    CHECK(flow.status == (status::seen_reply | status::assured | status::src_nat));
    CHECK(flow.mark == 0);
    CHECK(flow.extras == 0);
    CHECK(flow.parts == tuples_and({Part::timeout, Part::state, Part::counters_up,
                                    Part::counters_down, Part::mark}));
}

TEST_CASE("text: what is not printed is absent", "[intake][text]") {
    const Flow flow = flow_of(bare_udp);
    CHECK(flow.parts == tuples_and({Part::timeout}));
    CHECK(flow.status == status::seen_reply);
    // Offloaded flows have neither timeout nor state.
    CHECK(
        flow_of(
            "tcp 6 src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2 src=192.0.2.2 dst=192.0.2.1 sport=2 "
            "dport=1 [OFFLOAD] mark=0 use=2")
            .parts == tuples_and({Part::mark}));
}

TEST_CASE("text: the other fields of the extended format", "[intake][text]") {
    use_utc();
    Batch batch;
    const Event event = event_of("ipv4     2 tcp      6 431996 SYN_SENT2 src=192.0.2.10 "
                                 "dst=203.0.113.10 sport=40004 dport=21 "
                                 "packets=18446744073709551615 bytes=164 src=203.0.113.10 "
                                 "dst=203.0.113.1 sport=21 dport=40004 "
                                 "packets=0 bytes=0 [ASSURED] mark=4294967295 "
                                 "secctx=system_u:object_r:ftp_packet_t:s0 zone=65535 "
                                 "delta-time=3 [start=Sun Nov 22 02:15:32 2026] helper=ftp use=1 "
                                 "id=1714902350 labels=one,two",
                                 batch);
    const Flow& flow = event.flow;
    CHECK(state_name(flow.protocol, flow.state) == "SYN_SENT2");
    CHECK(flow.packets_up == 18446744073709551615U);
    CHECK(flow.mark == 4294967295U);
    CHECK(flow.zone == 65535);
    CHECK(flow.start_ms == 1795313732000);
    CHECK(flow.id == 1714902350);
    CHECK(batch.extras[flow.extras].helper == "ftp");
    CHECK(batch.extras[flow.extras].secctx == "system_u:object_r:ftp_packet_t:s0");
    CHECK_FALSE(batch.extras[flow.extras].has_labels);
    CHECK(flow.parts ==
          tuples_and({Part::timeout, Part::state, Part::counters_up, Part::counters_down,
                      Part::mark, Part::zone, Part::start, Part::id}));
}

TEST_CASE("text: protocols", "[intake][text]") {
    SECTION("IPv6, as conntrack and as the kernel print it") {
        const Flow flow =
            flow_of("tcp 6 9 TIME_WAIT src=2001:db8:1::10 dst=2001:db8:2::10 sport=7 dport=8 "
                    "src=2001:db8:2::10 dst=2001:db8:2::1 sport=8 dport=7 [ASSURED] use=1");
        CHECK(flow.family == Family::ipv6);
        CHECK(ends(flow) ==
              "[2001:db8:1::10]:7 [2001:db8:2::10]:8 [2001:db8:2::10]:8 [2001:db8:2::1]:7");
        const Flow whole = flow_of(
            "ipv6     10 tcp      6 9 TIME_WAIT src=2001:0db8:0001:0000:0000:0000:0000:0010 "
            "dst=2001:0db8:0002:0000:0000:0000:0000:0010 sport=7 dport=8 "
            "src=2001:0db8:0002:0000:0000:0000:0000:0010 "
            "dst=2001:0db8:0002:0000:0000:0000:0000:0001 sport=8 dport=7 [ASSURED] use=1");
        CHECK(ends(whole) == ends(flow));
        CHECK(whole.family == Family::ipv6);
    }
    SECTION("ICMP keeps the id of its tuples apart from the flow's") {
        const Flow flow =
            flow_of("icmp 1 26 src=192.0.2.10 dst=203.0.113.77 type=8 code=3 id=779 "
                    "[UNREPLIED] src=203.0.113.77 dst=203.0.113.1 type=0 code=4 id=780 "
                    "mark=0 use=1 id=4000000000");
        CHECK(flow.protocol == protocol::icmp);
        CHECK(flow.end(End::original_source).port == 779);
        CHECK(flow.end(End::reply_destination).port == 780);
        CHECK_FALSE(flow.end(End::original_destination).port);
        CHECK(flow.icmp(Direction::original) == IcmpKind{8, 3});
        CHECK(flow.icmp(Direction::reply) == IcmpKind{0, 4});
        CHECK(flow.id == 4000000000U);
        CHECK(flow.status == status::src_nat);
        CHECK(flow.parts == tuples_and({Part::icmp, Part::timeout, Part::mark, Part::id}));
        CHECK_FALSE(flow_of("icmpv6 58 26 src=2001:db8::1 dst=2001:db8::2 type=128 code=0 id=1 "
                            "src=2001:db8::2 dst=2001:db8::1 type=129 code=0 id=1")
                        .has(Part::id));
    }
    SECTION("GRE, with keys, the kernel's own timeouts in front, and without keys") {
        const Flow flow = flow_of(
            "ipv4     2 gre      47 26 timeout=30, stream_timeout=180 src=192.0.2.10 "
            "dst=203.0.113.10 "
            "srckey=0x0 dstkey=0xffff [UNREPLIED] src=203.0.113.10 dst=203.0.113.1 srckey=0xffff "
            "dstkey=0x0 mark=0 zone=0 use=2");
        CHECK(flow.protocol == protocol::gre);
        CHECK(flow.timeout == 26);
        CHECK(ends(flow) == "192.0.2.10:0 203.0.113.10:65535 203.0.113.10:65535 203.0.113.1:0");
        CHECK_FALSE(
            flow_of("unknown 47 26 src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1 use=1")
                .has(Part::original_ports));
    }
    SECTION("protocols without ports, known and unknown here") {
        for (const auto* line :
             {"unknown  253 598 src=192.0.2.1 dst=192.0.2.2 [UNREPLIED] src=192.0.2.2 "
              "dst=192.0.2.1 use=1",
              "unknown  50 598 src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1",
              "esp 50 5 src=192.0.2.1 dst=192.0.2.2 srcid=0x1 dstid=0x1 src=192.0.2.2 "
              "dst=192.0.2.1 srcid=0x1 dstid=0x1 use=2",
              "homegrown 200 5 src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1",
              // A kernel without SCTP tracks it by address alone.
              "unknown 132 5 src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1"}) {
            const Flow flow = flow_of(line);
            CHECK(ends(flow) == "192.0.2.1 192.0.2.2 192.0.2.2 192.0.2.1");
            CHECK(flow.parts ==
                  parts_of({Part::original, Part::reply, Part::status, Part::timeout}));
        }
    }
    SECTION("states are those of the protocol") {
        const auto state_of = [](const std::string& head) {
            const Flow flow =
                flow_of(head + " src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2 src=192.0.2.2 "
                               "dst=192.0.2.1 sport=2 dport=1 use=1");
            return flow.has(Part::state) ? std::string(state_name(flow.protocol, flow.state))
                                         : "absent";
        };
        CHECK(state_of("sctp 132 199 SHUTDOWN_ACK_SENT") == "SHUTDOWN_ACK_SENT");
        CHECK(state_of("dccp 33 199 PARTOPEN") == "PARTOPEN");
        // The mix-up of libnetfilter_conntrack before 1.0.9: SCTP's fourth name for DCCP's fourth
        // state.
        CHECK(state_of("dccp 33 199 ESTABLISHED") == "OPEN");
        CHECK(state_of("tcp 6 199 LISTEN") == "absent");
        CHECK(state_of("tcp 6 199") == "absent");
        CHECK(state_of("tcp 6 NONE") == "NONE");
        CHECK(state_of("udplite 136 199") == "absent");
    }
}

TEST_CASE("text: status flags", "[intake][text]") {
    const auto status_of = [](const std::string& flag, const std::string& unreplied = "") {
        return flow_of("udp 17 9 src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2 " + unreplied +
                       "src=192.0.2.2 dst=192.0.2.1 sport=2 dport=1 " + flag + "mark=0 use=1")
            .status;
    };
    CHECK(status_of("") == status::seen_reply);
    CHECK(status_of("", "[UNREPLIED] ") == 0);
    CHECK(status_of("[ASSURED] ") == (status::seen_reply | status::assured));
    // They stand in the place of [ASSURED].
    CHECK(status_of("[OFFLOAD] ") ==
          (status::seen_reply | status::offload | status::assured_untold));
    CHECK(status_of("[HW_OFFLOAD] ") ==
          (status::seen_reply | status::offload | status::hw_offload | status::assured_untold));
    CHECK(status_of("[OFFLOAD] [ASSURED] ") ==
          (status::seen_reply | status::offload | status::assured));
    CHECK(status_of("[SOMETHING NEW] ") == status::seen_reply);
}

TEST_CASE("text: zones", "[intake][text]") {
    const auto line = [](const std::string& original, const std::string& reply,
                         const std::string& tail) {
        return "udp 17 9 src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2 " + original +
               "src=192.0.2.2 dst=192.0.2.1 sport=2 dport=1 " + reply + "mark=0 " + tail + "use=1";
    };
    const Flow original = flow_of(line("zone-orig=8 ", "", ""));
    CHECK(original.zone == 8);
    CHECK(original.has(Part::zone));
    CHECK(original.has(Part::zone_original_only));
    const Flow reply = flow_of(line("", "zone-reply=9 ", ""));
    CHECK(reply.zone == 9);
    CHECK(reply.has(Part::zone_reply_only));
    CHECK_FALSE(flow_of(line("", "", "zone=0 ")).has(Part::zone)); // as /proc says the default one
    CHECK_FALSE(flow_of(line("zone-orig=0 ", "", "")).has(Part::zone_original_only));
    CHECK(is_odd(line("", "", "zone=0 zone=7 ")));
    const Flow both = flow_of(line("", "", "zone=7 "));
    CHECK(both.has(Part::zone));
    CHECK_FALSE(both.has(Part::zone_original_only));
    CHECK_FALSE(both.has(Part::zone_reply_only));
    // The default one, which conntrack tells by saying nothing; the kernel prints it.
    for (const std::string& text :
         {line("", "", "zone=0 "), line("zone-orig=0 ", "", ""), line("", "zone-reply=0 ", "")}) {
        const Flow flow = flow_of(text);
        CHECK(flow.zone == 0);
        CHECK_FALSE(flow.has(Part::zone));
        CHECK_FALSE(flow.has(Part::zone_original_only));
        CHECK_FALSE(flow.has(Part::zone_reply_only));
    }
    CHECK(is_odd(line("zone-orig=8 ", "", "zone=7 ")));
    CHECK(is_odd(line("zone=7 ", "", "")));
    CHECK(is_odd(line("", "", "zone=65536 ")));
}

TEST_CASE("text: events", "[intake][text]") {
    use_utc();
    Batch batch;
    const std::string body = "udp      17 30 src=192.0.2.10 dst=203.0.113.10 sport=1 dport=2 "
                             "src=203.0.113.10 dst=203.0.113.1 sport=2 dport=1";
    SECTION("kinds") {
        CHECK(event_of("    [NEW] " + body, batch).kind == EventKind::created);
        CHECK(event_of(" [UPDATE] " + body, batch).kind == EventKind::updated);
        CHECK(event_of("[DESTROY] " + body, batch).kind == EventKind::destroyed);
        CHECK(event_of(" [UPDATE] " + body, batch).time == Time{});
        CHECK(is_odd("[PARTY] " + body));
    }
    SECTION("times, with zeros in front as now and with blanks behind as before") {
        const auto time_of = [&](const std::string& prefix) {
            return event_of(prefix + "\t    [NEW] " + body, batch).time.time_since_epoch();
        };
        CHECK(time_of("[1795313732.000042]") == 1795313732000042us);
        CHECK(time_of("[1795313732.42    ]") == 1795313732000042us);
        CHECK(time_of("[1234    .999999]") == 1234999999us);
        // Not conntrack's; a logger's are fractions, or no time.
        CHECK(time_of("[1795313732.1000000]") == 1795313732100ms);
        CHECK(time_of("[1795313732]") == 1795313732s);
        CHECK(time_of("[17953137320000000000.1]") == 0s);
        CHECK(time_of("[1795313732.]") == 0s);
        CHECK(time_of("[1234.999999]") == 0s); // the kernel's log
    }
    SECTION("status: a flag that is not there is off, at the end as well") {
        const Flow flow = event_of("[DESTROY] " + body + " packets=1 bytes=2", batch).flow;
        CHECK(flow.has(Part::status));
        CHECK(flow.status == (status::seen_reply | status::src_nat));
        CHECK(flow.has(Part::counters_down));
        CHECK_FALSE(flow.has(Part::counters_up));
    }
    SECTION("who did it is passed over, whatever it is called") {
        const Flow flow =
            event_of("    [NEW] " + body + " mark=7 [USERSPACE] portid=9 progname=a src=b [", batch)
                .flow;
        CHECK(flow.mark == 7);
    }
    SECTION("start: exact from the date, in the zone that time and age tell") {
        const auto start_of = [&](const std::string& tail) {
            const Flow flow = event_of("[1795313768.548618]\t[DESTROY] " + body + tail, batch).flow;
            return flow.has(Part::start) ? std::int64_t(flow.start_ms) : -1;
        };
        CHECK(start_of(" delta-time=4") == 1795313764000);
        CHECK(start_of(" [start=Sun Nov 22 02:16:04 2026]") == 1795313764000);
        CHECK(start_of(" delta-time=4 [start=Sun Nov 22 02:16:04 2026]") == 1795313764000);
        // Written east of here, and read a minute late.
        CHECK(start_of(" delta-time=64 [start=Sun Nov 22 07:46:04 2026]") == 1795313764000);
        CHECK(start_of("") == -1);
        CHECK(start_of(" delta-time=1795313769") == -1);
        CHECK(is_odd("[DESTROY] " + body + " delta-time=-4"));
    }
    SECTION("an age alone is no start: nobody knows when the list was made") {
        CHECK_FALSE(flow_of(plain_tcp).has(Part::start));
    }
}

TEST_CASE("text: dates", "[intake][text]") {
    use_utc();
    const auto seconds = [](std::string_view text) {
        const auto date = parse_local_date(text);
        return date ? date->time_since_epoch().count() : -1;
    };
    CHECK(seconds("Thu Jan  1 00:00:00 1970") == 0);
    CHECK(seconds("Thu Feb 29 23:59:59 2024") == 1709251199);
    for (const auto* text :
         {"", "Thu Feb 29 23:59:59 2023", "Wed Dec 31 23:59:59 1969", "Thu Foo 29 23:59:59 2024",
          "Thu Feb 29 24:00:00 2024", "Thu Feb 29 23:60:00 2024", "Thu Feb 29 23:59:61 2024",
          "Thu Feb 29 23:59:59 2O24", "Thu Feb -1 23:59:59 2024", "Thu Feb 29 23:59:59 20244",
          "Thu Feb 29 23.59.59 2024"})
        CHECK(seconds(text) == -1);
    ::setenv("TZ", "EST5", 1);
    ::tzset();
    CHECK(seconds("Thu Jan  1 00:00:00 1970") == 18000);
    // Clocks go forward on 29 March 2026 at 02:00 and back on 25 October at 03:00.
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    ::tzset();
    CHECK(seconds("Sun Mar 29 01:59:59 2026") == 1774745999);
    CHECK(seconds("Sun Mar 29 03:00:00 2026") == 1774746000);
    CHECK(seconds("Sun Oct 25 01:59:59 2026") == 1792886399);
    CHECK(seconds("Sun Oct 25 03:00:00 2026") == 1792893600);
    use_utc();
}

TEST_CASE("text: words in values are not states or protocols", "[intake][text]") {
    Batch batch;
    Event event =
        event_of(std::string(bare_udp) + " mark=0 secctx=tcp_ESTABLISHED_src=1 use=1", batch);
    CHECK(event.flow.protocol == protocol::udp);
    CHECK_FALSE(event.flow.has(Part::state));
    CHECK(batch.extras[event.flow.extras].secctx == "tcp_ESTABLISHED_src=1");
    event = event_of(std::string(bare_udp) + " mark=0 secctx=docker-default (enforce) zone=3 use=1",
                     batch);
    CHECK(batch.extras[event.flow.extras].secctx == "docker-default (enforce)");
    CHECK(event.flow.zone == 3);
    event = event_of(std::string(bare_udp) + " helper=[ASSURED] use=1 labels", batch);
    CHECK(event.flow.status == status::seen_reply);
    CHECK(batch.extras[event.flow.extras].helper == "[ASSURED]");
}

TEST_CASE("text: lines that are no flow and no mistake", "[intake][text]") {
    Batch batch;
    for (const auto* line :
         {"", "   ", "\t", "\r",
          "conntrack v1.4.6 (conntrack-tools): 5 flow entries have been shown.",
          "conntrack v1.4.7 (conntrack-tools): 56 flow events have been shown.",
          "conntrack v1.4.7 (conntrack-tools): 0 flow entries have been deleted.",
          "This message means that the current netlink socket buffer size is too small.",
          "Please, check --buffer-size in conntrack(8) manpage."})
        CHECK(parse_conntrack_line(line, batch) == TextLine::note);
    CHECK(batch.events.empty());
    CHECK(batch.odd == 0);
    CHECK(parse_conntrack_line("WARNING: We have hit ENOBUFS! We are losing events.", batch) ==
          TextLine::note);
    REQUIRE(batch.events.size() == 1);
    CHECK(batch.events.front().kind == EventKind::lost);
}

TEST_CASE("text: odd lines", "[intake][text]") {
    const std::string original = "src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2 ";
    const std::string reply = "src=192.0.2.2 dst=192.0.2.1 sport=2 dport=1 ";
    REQUIRE_FALSE(is_odd("udp 17 9 " + original + reply + "use=1"));
    const std::vector<std::string> lines = {
        "conntrack v1.4.7 (conntrack-tools): Operation failed: you must be root",
        "conntrack v1.4.7 (conntrack-tools): many flow entries have been shown.",
        "300 proto=6 src=192.0.2.1 dst=192.0.2.2 sport=0 dport=20 mask-src=0.0.0.0",
        "-A -t 199 -s 192.0.2.1 -d 192.0.2.2 -p udp --sport 5 --dport 6",
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
        "udp " + original + reply,     // no number
        "udp 6 9 " + original + reply, // another protocol's
        "udp 256 9 " + original + reply,
        "udp -17 9 " + original + reply,
        "udp 17 4294967296 " + original + reply, // timeouts have 32 bits
        "udp 17 9 9 " + original + reply,
        "udp 17 9 ESTABLISHED " + original + reply, // UDP has no states
        "tcp 6 9 CLOSE CLOSE " + original + reply,
        "tcp 6 9 Close-ish " + original + reply,
        "ipv6 10 udp 17 9 " + original + reply, // addresses of the other family
        "ipv4 10 udp 17 9 " + original + reply,
        "udp 17 9 " + original + "src=2001:db8::2 dst=2001:db8::1 sport=2 dport=1",
        "udp 17 9 " + original,                       // one tuple
        "udp 17 9 " + original + reply + reply,       // three
        "udp 17 9 " + original + "sport=1 " + reply,  // twice the same
        "udp 17 9 dst=192.0.2.2 " + original + reply, // not in its place
        "udp 17 9 mark=1 " + original + "mark=1 " + reply,
        "udp 17 9 src=192.0.2.1 sport=1 dport=2 " + reply, // an end is missing
        "udp 17 9 src=192.0.2.1 dst=192.0.2.2 src=192.0.2.2 dst=192.0.2.1",
        "udp 17 9 src=192.0.2.1 dst=192.0.2.2 type=8 code=0 id=1 src=192.0.2.2 dst=192.0.2.1 "
        "type=0 code=0 id=1",
        "icmp 1 9 " + original + reply,
        "gre 47 9 src=192.0.2.1 dst=192.0.2.2 srckey=0x10000 dstkey=0x1 src=192.0.2.2 "
        "dst=192.0.2.1 srckey=0x1 dstkey=0x1",
        "gre 47 9 src=192.0.2.1 dst=192.0.2.2 srckey=1 dstkey=1 src=192.0.2.2 dst=192.0.2.1 "
        "srckey=1 dstkey=1",
        "gre 47 9 src=192.0.2.1 dst=192.0.2.2 srckey=0x1 dstkey=0x1 src=192.0.2.2 dst=192.0.2.1",
        "udp 17 9 src=192.0.2.256 dst=192.0.2.2 sport=1 dport=2 " + reply,
        "udp 17 9 src=192.0.2.1 dst=192.0.2.2 sport=65536 dport=2 " + reply,
        "udp 17 9 src=192.0.2.1 dst=192.0.2.2 sport=+1 dport=2 " + reply,
        "udp 17 9 src=192.0.2.1 dst=192.0.2.2 sport= dport=2 " + reply,
        "udp 17 9 " + original + reply + "mark=4294967296",
        "udp 17 9 " + original + reply + "mark=0xg",
        "udp 17 9 " + original + reply + "mark=0x100000000",
        "udp 17 9 " + original + reply + "mark=0x",
        "udp 17 9 " + original + reply + "packets=18446744073709551616 bytes=1",
        "udp 17 9 " + original + reply + "1 [ASSURED]", // a piece of the port?
        "udp 17 9 " + original + reply + "mark=1 2",
        "udp 17 9 " + original + reply + "dport",
        "udp 17 9 " + original + reply + "+stray",
        "udp 17 9 " + original + "stray " + reply,
        "udp 17 9 " + original + reply + "=1",
        "udp 17 9 " + original + reply + "[UNREPLIED",
        "udp 17 9 " + original + reply + "[start=yesterday]",
        "udp 17 9 " + original + reply + std::string("mark=1\0", 7),
    };
    for (const std::string& line : lines) {
        CAPTURE(line);
        CHECK(is_odd(line));
    }
}

TEST_CASE("text: a line cut anywhere never gains a part", "[intake][text]") {
    use_utc();
    const std::string whole =
        "[1795313768.548618]\t[DESTROY] ipv6     10 tcp      6 110 CLOSE_WAIT "
        "src=2001:db8:1::10 dst=2001:db8:2::10 sport=41009 dport=5353 zone-orig=12 packets=345 "
        "bytes=9678 "
        "src=2001:db8:2::10 dst=2001:db8:2::1 sport=5353 dport=41009 packets=345 bytes=9678 "
        "[ASSURED] "
        "mark=4242 secctx=a:b:c delta-time=12 [start=Sun Nov 22 02:25:34 2026] helper=ftp "
        "id=2239604621 "
        "[USERSPACE] portid=21144 progname=conntrack";
    Batch batch;
    const Flow full = event_of(whole, batch).flow;
    const auto last_reply_port = whole.find("dport=41009") + std::string_view("dport=").size();
    std::size_t flows = 0;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        batch.clear();
        // A copy of its own, so that the address sanitizer sees a step over its end.
        const std::vector<char> piece(whole.begin(),
                                      whole.begin() + static_cast<std::ptrdiff_t>(size));
        const std::string_view line(piece.data(), piece.size());
        CAPTURE(line);
        if (parse_conntrack_line(line, batch) != TextLine::flow) {
            CHECK(batch.events.empty());
            continue;
        }
        ++flows;
        const Flow& flow = batch.events.front().flow;
        CHECK(size > last_reply_port);
        CHECK((flow.parts & ~full.parts) == 0);
        CHECK(flow.address == full.address);
        CHECK(flow.port[0] == full.port[0]);
        CHECK(flow.timeout == full.timeout);
        CHECK(flow.state == full.state);
        if (size >= last_reply_port + 5)
            CHECK(flow.port == full.port);
        if (flow.has(Part::counters_up))
            CHECK(flow.bytes_up == full.bytes_up);
    }
    CHECK(flows > 50);
}

TEST_CASE("text: noise in a line neither crashes nor loses count", "[intake][text]") {
    std::mt19937 random(1);
    const std::string base(plain_tcp);
    for (int round = 0; round < 20000; ++round) {
        std::string line = base;
        for (int change = 0; change < 3; ++change)
            line[random() % line.size()] = static_cast<char>(random() % 256);
        Batch batch;
        const TextLine kind = parse_conntrack_line(line, batch);
        REQUIRE(batch.events.size() == (kind == TextLine::flow ? 1U : 0U));
        REQUIRE(batch.odd == (kind == TextLine::odd ? 1U : 0U));
    }
}

TEST_CASE("text: three captures of one table tell the same flows", "[intake][text]") {
    use_utc();
    // The list was taken with standard error in the same file, so that conntrack's closing remark
    // split a line of it.
    const std::string list = capture("conntrack_list_2to1.txt");
    REQUIRE(list.find("src=203.0.113.10conntrack v1.4.7") != std::string::npos);
    const Batch plain = read_all(list);
    const Batch extended = read_all(capture("conntrack_list_extended.txt"));
    const Batch kernel = read_all(capture("proc_nf_conntrack.txt"));
    for (const Batch* batch : {&plain, &extended, &kernel}) {
        REQUIRE(batch->events.size() == 25);
        CHECK(batch->odd == 0);
        CHECK(batch->events.back().kind == EventKind::list_end);
        CHECK(batch->events.back().whole);
    }
    for (std::size_t i = 0; i < 24; ++i) {
        const Flow& first = plain.events[i].flow;
        for (const Batch* other : {&extended, &kernel}) {
            const auto match = std::find_if(
                other->events.begin(), other->events.end() - 1,
                [&](const Event& event) { return same_connection(event.flow, first); });
            REQUIRE(match != other->events.end() - 1);
            CAPTURE(ends(first));
            CHECK(ends(match->flow) == ends(first));
            CHECK(match->flow.status == first.status);
            CHECK(match->flow.state == first.state);
            CHECK(match->flow.has(Part::state) == first.has(Part::state));
            CHECK(match->flow.bytes_up == first.bytes_up);
            CHECK(match->flow.packets_down == first.packets_down);
            CHECK(match->flow.mark == first.mark);
            CHECK(match->flow.has(Part::id) == (other == &extended));
            CHECK(match->flow.has(Part::start) == (other == &extended));
            CHECK(match->flow.has(Part::zone_original_only) == first.has(Part::zone_original_only));
        }
    }
}

TEST_CASE("text: a capture of events", "[intake][text]") {
    use_utc();
    const Batch plain = read_all(capture("conntrack_events.txt"));
    const Batch full = read_all(capture("conntrack_events_full.txt"));
    REQUIRE(plain.events.size() == 29);
    REQUIRE(full.events.size() == 29);
    CHECK(plain.odd + full.odd == 0);
    const auto count = [&](EventKind kind) {
        return std::count_if(full.events.begin(), full.events.end(),
                             [&](const Event& event) { return event.kind == kind; });
    };
    CHECK(count(EventKind::created) == 10);
    CHECK(count(EventKind::updated) == 9);
    CHECK(count(EventKind::destroyed) == 10);
    for (std::size_t i = 0; i < plain.events.size(); ++i) {
        const Event& a = plain.events[i];
        const Event& b = full.events[i];
        CHECK(a.kind == b.kind);
        CHECK(a.time == Time{});
        CHECK(b.time > Time{1795314000s});
        CHECK(ends(a.flow) == ends(b.flow));
        CHECK(a.flow.status == b.flow.status);
        CHECK(b.flow.has(Part::start) == (b.kind == EventKind::destroyed));
    }
    // The life of one TCP connection, in the order of the capture.
    std::string life;
    for (const Event& event : full.events)
        if (event.flow.port[0] == 40003)
            life += std::string(state_name(protocol::tcp, event.flow.state)) + ' ';
    CHECK(life == "SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT LAST_ACK TIME_WAIT TIME_WAIT ");
}

TEST_CASE("text: pieces of any size give the same events", "[intake][text]") {
    use_utc();
    std::string text = capture("conntrack_list_2to1.txt") + "\r\n" + std::string(70000, 'x') +
                       "\n" + capture("conntrack_events_full.txt") + std::string(plain_tcp);
    const Batch expected = read_all(text);
    CHECK(expected.odd == 1);
    REQUIRE(expected.events.size() == 24 + 29 + 1 + 1);
    CHECK(expected.events.back().kind == EventKind::list_end);
    CHECK_FALSE(expected.events.back().whole); // there were events as well
    std::mt19937 random(7);
    for (const std::size_t limit : {1U, 7U, 100U, 5000U, 200000U}) {
        int pipe_ends[2];
        REQUIRE(::pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) == 0);
        TextSource source(pipe_ends[0], "pipe");
        Batch got;
        std::string_view rest = text;
        while (!rest.empty()) {
            const ssize_t written =
                ::write(pipe_ends[1], rest.data(),
                        std::min<std::size_t>(rest.size(), 1 + random() % limit));
            REQUIRE(written > 0);
            rest.remove_prefix(static_cast<std::size_t>(written));
            while (source.read(got) == Progress::more)
                continue;
        }
        CHECK(source.read(got) == Progress::idle);
        ::close(pipe_ends[1]);
        while (source.read(got) != Progress::ended)
            continue;
        CHECK(told(got) == told(expected));
        CHECK(got.odd == expected.odd);
    }
}

TEST_CASE("text: reading never waits", "[intake][text]") {
    int pipe_ends[2];
    REQUIRE(::pipe2(pipe_ends, O_CLOEXEC) == 0); // a blocking pipe, like a shell's
    TextSource source(pipe_ends[0], "pipe");
    Batch batch;
    CHECK(source.fd() == pipe_ends[0]);
    CHECK(source.read(batch) == Progress::idle);
    const std::string line = std::string(plain_tcp) + "\nudp";
    REQUIRE(::write(pipe_ends[1], line.data(), line.size()) > 0);
    CHECK(source.read(batch) == Progress::more);
    CHECK(batch.events.size() == 1);
    CHECK(source.read(batch) == Progress::idle);
    source.request_list({ListCondition{}});
    CHECK(source.read(batch) == Progress::idle);
    ::close(pipe_ends[1]);
    CHECK(source.read(batch) == Progress::ended);
    CHECK(batch.odd == 1); // "udp"
    REQUIRE(batch.events.size() == 2);
    CHECK(batch.events.back().kind == EventKind::list_end);
    CHECK(source.read(batch) == Progress::ended);
    CHECK(batch.events.size() == 2);
}

TEST_CASE("text: the end of a list", "[intake][text]") {
    CHECK(read_all("").events.empty());
    CHECK(read_all("\n\n").events.empty());
    // An empty list is a list.
    const Batch none =
        read_all("conntrack v1.4.7 (conntrack-tools): 0 flow entries have been shown.\n");
    REQUIRE(none.events.size() == 1);
    CHECK(none.events.front().kind == EventKind::list_end);
    CHECK(none.events.front().whole);
    // Events alone are no list.
    const Batch events = read_all("[NEW] " + std::string(bare_udp) + "\n");
    REQUIRE(events.events.size() == 1);
    CHECK(events.events.front().kind == EventKind::created);
    // Odd lines leave the rest alone.
    const Batch some = read_all("nonsense\r\n" + std::string(bare_udp) + "\r\nmore\n");
    REQUIRE(some.events.size() == 2);
    CHECK(some.odd == 2);
    CHECK(some.events.back().whole);
}

TEST_CASE("text: lines of any length", "[intake][text]") {
    const std::string longest =
        std::string(bare_udp) + " secctx=" + std::string(65536 - bare_udp.size() - 8, 's');
    REQUIRE(longest.size() == 65536);
    const Batch whole = read_all(longest + "\n" + longest + "s\n" + std::string(bare_udp));
    CHECK(whole.odd == 1);
    REQUIRE(whole.events.size() == 3);
    CHECK(whole.extras[whole.events[0].flow.extras].secctx.size() == 65536 - bare_udp.size() - 8);
    CHECK(whole.events[1].flow.extras == 0);
}

TEST_CASE("text: what is not conntrack text", "[intake][text]") {
    CHECK(failure_of("hello\n") == "cannot read test: not conntrack text (line 1: hello)");
    CHECK(failure_of("\n\nhel\tlo\x7f") ==
          "cannot read test: not conntrack text (line 3: hel?lo?)");
    CHECK(failure_of(std::string(61, 'x')) ==
          "cannot read test: not conntrack text (line 1: " + std::string(60, 'x') + "...)");
    CHECK(failure_of(std::string("\x7f"
                                 "ELF\0\0\n",
                                 7)) ==
          "cannot read test: not conntrack text (line 1: binary data)");
    CHECK(failure_of(std::string(100000, '\0')) ==
          "cannot read test: not conntrack text (line 1: binary data)");
    // It gives up early, and not when there is something to tell.
    std::string late;
    while (late.size() < 300000)
        late += "nonsense\n";
    CHECK(failure_of(late + std::string(bare_udp))
              .starts_with("cannot read test: not conntrack text"));
    CHECK(failure_of("nonsense\n" + std::string(bare_udp) + "\n" + std::string("\0\n", 2)) ==
          "no failure");
    TextSource directory(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "/");
    Batch batch;
    CHECK_THROWS_WITH(directory.read(batch), "cannot read /: Is a directory");
}
