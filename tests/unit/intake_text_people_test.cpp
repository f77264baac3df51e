// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Text as people have it: what loggers and others put before an entry, what vendors put into it,
// and what terminals, mail and full disks make of it. Each kind in several protocols and both
// families.
#include "natstat/intake/text_source.hpp"

#include "natstat/model/protocol.hpp"
#include "natstat/model/state.hpp"
#include "natstat/model/tracker.hpp"
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

void use_zone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
}

struct Told {
    std::vector<Event> events;     // without the ends of lists
    std::vector<std::size_t> ends; // how many entries had been told at the end of each list
    std::uint64_t odd = 0;
    FileNotes notes;
    std::string failure;
};

Told read(std::string_view text, TextFormat format = TextFormat::conntrack) {
    const int file = ::memfd_create("natstat-test", MFD_CLOEXEC);
    REQUIRE(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    REQUIRE(::lseek(file, 0, SEEK_SET) == 0);
    TextSource source(file, "test", {}, format);
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
    return told;
}

/// An entry of each kind, without its end.
constexpr std::string_view entries[] = {
    "tcp      6 431 ESTABLISHED src=192.0.2.1 dst=203.0.113.2 sport=40000 dport=80 "
    "src=203.0.113.2 dst=198.51.100.3 sport=80 dport=40000 [ASSURED] mark=0",
    "udp      17 28 src=2001:db8::1 dst=2001:db8::2 sport=1 dport=53 [UNREPLIED] "
    "src=2001:db8::2 dst=2001:db8::1 sport=53 dport=1 mark=5",
    "icmp     1 28 src=192.0.2.1 dst=203.0.113.2 type=8 code=0 id=7 src=203.0.113.2 "
    "dst=198.51.100.3 type=0 code=0 id=7 mark=0",
    "icmpv6   58 28 src=2001:db8::1 dst=2001:db8::2 type=128 code=0 id=7 src=2001:db8::2 "
    "dst=2001:db8::1 type=129 code=0 id=7 mark=0",
    "sctp     132 199 ESTABLISHED src=192.0.2.1 dst=203.0.113.2 sport=40000 dport=80 "
    "src=203.0.113.2 dst=198.51.100.3 sport=80 dport=40000 mark=0",
    "gre      47 170 timeout=30, stream_timeout=180 src=192.0.2.1 dst=203.0.113.2 srckey=0x0 "
    "dstkey=0x7 src=203.0.113.2 dst=198.51.100.3 srckey=0x7 dstkey=0x0 mark=0",
    "unknown  50 500 src=192.0.2.1 dst=203.0.113.2 src=203.0.113.2 dst=198.51.100.3 mark=0",
    "ipv4     2 udplite  136 28 src=192.0.2.1 dst=203.0.113.2 sport=4 dport=5 src=203.0.113.2 "
    "dst=198.51.100.3 sport=5 dport=4 mark=0",
    "ipv6     10 dccp     33 28 OPEN src=2001:db8::1 dst=2001:db8::2 sport=1 dport=53 "
    "src=2001:db8::2 dst=2001:db8::1 sport=53 dport=1 mark=5",
};

std::string listed(std::string_view entry) {
    return std::string(entry) + " use=1";
}

Flow flow_of(std::string_view line) {
    Batch batch;
    CAPTURE(line);
    REQUIRE(parse_conntrack_line(line, batch) == TextLine::flow);
    return batch.events.front().flow;
}

bool same(const Flow& a, const Flow& b) {
    return std::memcmp(&a, &b, sizeof a) == 0;
}

} // namespace

TEST_CASE("text: what stands before an entry, and its time", "[intake][text]") {
    use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    constexpr auto ten = 1795428000s; // 2026-11-23 10:00:00 UTC
    const std::string date = "the times in front of the entries have no date: not taken";
    const std::string year = "the times in front of the entries have no year: not taken";
    const std::string zone =
        "the times in front of the entries name no time zone: read as local time";
    const std::string boot = "the times in front of the entries count from an unknown start of a "
                             "machine: not taken";
    struct Prefix {
        std::string text;
        std::chrono::nanoseconds time;
        std::string remark;
    };
    const std::vector<Prefix> prefixes = {
        {"17:14:21 ", 0s, date},
        {"17:14:21.000123 ", 0s, date},
        {"[17:14:21] ", 0s, date},
        {"Nov 23 10:00:00 ", 0s, year},
        {"Nov  3 10:00:00 gw1 conntrack[812]: ", 0s, year},
        {"<134>Nov 23 10:00:00 gw1 conntrack: ", 0s, year},
        {"<134>1 2026-11-23T10:00:00.5Z gw1 ct 812 - - ", ten + 500ms, ""},
        {"<134>1 2026-11-23T11:00:00+01:00 gw1 ct 812 ID47 [x@1 a=\"b\"] ", ten, ""},
        {"2026-11-23T10:00:00+0000 gw1 conntrack[812]: ", ten, ""},
        {"2026-11-23T05:00:00.000001-0500 gw1 conntrack[812]: ", ten + 1us, ""},
        {"2026-11-23T10:00:00.123456789Z ", ten + 123456789ns, ""},
        {"2026-11-23T10:00:00.1Z stdout F ", ten + 100ms, ""},
        {"2026-11-23 10:00:00,250 UTC INFO ", ten + 250ms, ""},
        {"2026-11-23 11:00:00 ", ten, zone},
        {"2026/11/23 11:00:00 [INFO] ", ten, zone},
        {"Mon Nov 23 11:00:00 2026 ", ten, zone},
        {"[Mon Nov 23 11:00:00 2026] ", ten, zone},
        {"Mon Nov 23 10:00:00 UTC 2026: ", ten, ""},
        {"Mon 2026-11-23 10:00:00 UTC gw1 conntrack[812]: ", ten, ""},
        {"10.0.0.1 - - [23/Nov/2026:10:00:00 +0000] ", ten, ""},
        {"Nov 23 2026 11:00:00 gw1 : ", ten, zone},
        {"1795428000 ", ten, ""},
        {"1795428000.25 gw1: ", ten + 250ms, ""},
        {"[1234.567890] ", 0s, boot},
        {"[    4.567890] ", 0s, boot},
        {"gw1: ", 0s, ""},
        {"gw1:", 0s, ""},
        {"ct.log:", 0s, ""},
        {"ct.log:12:", 0s, ""},
        {"ct.log-12-", 0s, ""},
        {"12-", 0s, ""},
        {"> ", 0s, ""},
        {">", 0s, ""},
        {"> > ", 0s, ""},
        {"< ", 0s, ""},
        {"+", 0s, ""},
        {"- ", 0s, ""},
        {"| ", 0s, ""},
        {"     1\t", 0s, ""},
        {"    12  ", 0s, ""},
        {"\t", 0s, ""},
        {"* ", 0s, ""},
        {"2026-13-23T10:00:00Z ", 0s, ""}, // no date
        {"2026-11-23T25:00:00Z ", 0s, ""},
        {"9999999999999 ", 0s, ""},
        {"9795314772 ", 0s, ""}, // beyond nanoseconds in 64 bits
    };
    for (const Prefix& prefix : prefixes)
        for (const std::string_view entry : entries) {
            const std::string line = prefix.text + listed(entry);
            CAPTURE(line);
            const Told told = read(line + "\n");
            REQUIRE(told.failure.empty());
            REQUIRE(told.odd == 0);
            REQUIRE(told.events.size() == 1);
            CHECK(told.events.front().kind == EventKind::listed);
            CHECK(same(told.events.front().flow, flow_of(listed(entry))));
            CHECK(told.events.front().time == Time{prefix.time});
            CHECK(told.notes.remarks == (prefix.remark.empty()
                                             ? std::vector<std::string>{}
                                             : std::vector<std::string>{prefix.remark}));
            // The time of conntrack itself is nearer.
            const Told event =
                read(prefix.text + "[1795428007.000009]\t    [NEW] " + std::string(entry) + "\n");
            REQUIRE(event.events.size() == 1);
            CHECK(event.events.front().kind == EventKind::created);
            CHECK(event.events.front().time == Time{1795428007s + 9us});
            CHECK(read(prefix.text + "[DESTROY] " + std::string(entry) + "\n").events.at(0).kind ==
                  EventKind::destroyed);
        }
    use_zone("UTC0");
}

TEST_CASE("text: kinds of events that are not known", "[intake][text]") {
    for (const auto* prefix : {"[PARTY] ", "17:14:21 [EXPIRED] ", "gw1: [FOO]"}) {
        const Told told = read(prefix + listed(entries[0]) + "\n" + listed(entries[2]) + "\n");
        CHECK(told.events.size() == 1);
        CHECK(told.odd == 1);
        CHECK(told.notes.first_odd.find("' is not understood") != std::string::npos);
    }
}

TEST_CASE("text: a difference of two lists says that it is one", "[intake][text]") {
    const std::string both = "-" + listed(entries[0]) + "\n+" + listed(entries[2]) + "\n";
    CHECK(read(both).notes.remarks ==
          std::vector<std::string>{
              "a difference of two lists: 1 entry of the first one is shown as well"});
    CHECK(read("> " + listed(entries[0]) + "\n").notes.remarks.empty());
}

TEST_CASE("text: what conntrack has deleted is said to be", "[intake][text]") {
    const auto remarks = [](const std::string& number) {
        return read(listed(entries[0]) + "\nconntrack v1.4.7 (conntrack-tools): " + number +
                    " flow entries have been deleted.\n")
            .notes.remarks.size();
    };
    CHECK(remarks("1") == 1);
    CHECK(remarks("0") == 0);
}

TEST_CASE("text: words of vendors in the tail", "[intake][text]") {
    for (const std::string_view entry : entries) {
        const Flow plain = flow_of(listed(entry));
        for (const auto* words :
             {"slan", "swan", "nomac swan no_if attrs=", "[RTCACHE o33/r37] nmark=256 sc=0 ifw=37",
              "[FASTNAT] mac=00:00:5e:00:53:14 slan attrs=", "[active since 3s] [SWFLOW]",
              "fasttrack hw-offload srcnat", "vrf=7 l3mdev 12 34", "flags=0x4 timeout_left"})
            CHECK(same(flow_of(std::string(entry) + " " + words + " use=2"), plain));
    }
}

TEST_CASE("text: numbers in hexadecimal", "[intake][text]") {
    const std::string udp(entries[1].substr(0, entries[1].find(" mark=")));
    CHECK(flow_of(udp + " mark=0x12d zone=0x10 use=1 id=0xffffffff").mark == 0x12d);
    CHECK(flow_of(udp + " mark=0x12d zone=0x10 use=1 id=0xffffffff").zone == 16);
    CHECK(flow_of(udp + " mark=0x12d zone=0x10 use=1 id=0xffffffff").id == 0xffffffff);
}

TEST_CASE("text: what is not understood is named with its line", "[intake][text]") {
    const auto first_odd = [](const std::string& line) {
        return read("\n" + listed(entries[0]) + "\n" + line + "\nnonsense\n").notes.first_odd;
    };
    CHECK(first_odd(std::string(entries[2]) + " mark=0x12z use=1")
              .starts_with("line 3: 'mark=0x12z' is not understood: icmp     1 28 src="));
    CHECK(first_odd("hello") == "line 3: hello");
    CHECK(first_odd("udp 17 9 ESTABLISHED src=192.0.2.1") ==
          "line 3: 'ESTABLISHED' is not understood: udp 17 9 ESTABLISHED src=192.0.2.1");
    CHECK(first_odd(std::string(entries[6])).find("its pieces make no entry") != std::string::npos);
    CHECK(read(std::string(entries[0]) + " use=x\n").failure ==
          "cannot read test: not conntrack text (line 1: 'use=x' is not understood: "
          "tcp      6 431 ESTABLISHED src=192.0.2.1 dst=203.0.113.2 spo...)");
}

TEST_CASE("text: a piece of an entry of a list is not told", "[intake][text]") {
    for (const std::string_view entry : entries) {
        const std::string line = listed(entry) + " id=12";
        const std::size_t end = line.find(" use=1") + 6;
        for (std::size_t size = 1; size < end; ++size) {
            CAPTURE(line.substr(0, size));
            CHECK(read(listed(entries[0]) + "\n" + line.substr(0, size)).events.size() == 1);
            CHECK(read(listed(entries[0]) + "\n" + line.substr(0, size) + "\n").events.size() == 1);
        }
        CHECK(read(line + "\n").events.size() == 1);
    }
    const Told told = read(listed(entries[0]) + "\n" +
                           std::string(entries[0].substr(0, entries[0].find(" [ASSURED]"))) + "\n");
    CHECK(told.odd == 1);
    CHECK(told.notes.first_odd.starts_with("line 2: it ends too early: tcp"));
}

TEST_CASE("text: an event that a file ends in the middle of is not told", "[intake][text]") {
    const std::string line = "[NEW] " + std::string(entries[0].substr(0, entries[0].find(" [ASS")));
    CHECK(read("[NEW] " + std::string(entries[1]) + "\n" + line).events.size() == 1);
    CHECK(read("[NEW] " + std::string(entries[1]) + "\n" + line + "\n").events.size() == 2);
    CHECK(read(line + " [ASSURED]").events.size() == 1);
}

TEST_CASE("text: wrapped lines are put together again", "[intake][text]") {
    for (const std::string_view entry : entries) {
        const std::string line = listed(entry);
        for (std::size_t width = 30; width < line.size(); ++width) {
            std::string wrapped;
            std::string quoted;
            for (std::size_t at = 0; at < line.size(); at += width) {
                wrapped += line.substr(at, width) + "\n";
                quoted += "> " + line.substr(at, width) + "\n";
            }
            for (const std::string& text : {wrapped, quoted}) {
                CAPTURE(text);
                const Told told = read(text + listed(entries[0]) + "\n");
                // Where it can be read in two ways, or begins anew in its middle, it is not told.
                REQUIRE(told.events.size() + told.odd >= 2);
                CHECK(told.events.size() <= 2);
                if (told.events.size() == 2)
                    CHECK(same(told.events.front().flow, flow_of(line)));
            }
        }
    }
    SECTION("by words, with blanks in front of what goes on") {
        const Told told = read("ipv4     2 tcp      6\n   src=192.0.2.3 dst=203.0.113.4 "
                               "sport=34018 dport=33396 packets=3941992\nbytes=264113427\n"
                               "   src=203.0.113.4 dst=198.51.100.3 sport=33396 dport=34018 "
                               "packets=4\nbytes=218 [HW_OFFLOAD]\n   mark=0 "
                               "secctx=system_u:object_r:unlabeled_t:s0 zone=0 use=3\n");
        REQUIRE(told.events.size() == 1);
        CHECK(told.odd == 0);
        CHECK(told.events.front().flow.bytes_up == 264113427);
        CHECK((told.events.front().flow.status & status::hw_offload) != 0);
    }
    SECTION("in the middle of a number") {
        const Told told = read("tcp      6 430665 ESTABLISHED src=192.0.2.129 dst=203.0.113.85 "
                               "sport=3881 dport=80 src=203.0.113.85 dst=198.51.100.129 sport=80 "
                               "dport=388\n1 [ASSURED] use=1\n");
        REQUIRE(told.events.size() == 1);
        CHECK(told.events.front().flow.port[3] == 3881);
        // An event, whose end does not show.
        const Told event = read("[NEW] tcp 6 9 SYN_SENT src=192.0.2.129 dst=203.0.113.85 "
                                "sport=3881 dport=80 [UNREPLIED] src=203.0.113.85 "
                                "dst=198.51.100.129 sport=80 dport=388\n1 mark=4\n");
        REQUIRE(event.events.size() == 1);
        CHECK(event.events.front().flow.port[3] == 3881);
        CHECK(event.events.front().flow.mark == 4);
    }
}

TEST_CASE("text: an event does not wait for the line after it", "[intake][text]") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    TextSource source(ends[0], "pipe");
    const std::string line = "[NEW] " + std::string(entries[1]) + "\n";
    REQUIRE(::write(ends[1], line.data(), line.size()) > 0);
    Batch batch;
    CHECK(source.read(batch) == Progress::more);
    CHECK(source.read(batch) == Progress::idle);
    CHECK(batch.events.size() == 1);
    ::close(ends[1]);
}

TEST_CASE("text: while it is unpacked an event waits for what may be the rest of it",
          "[intake][text]") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    TextSource source(ends[0], "pipe", {}, TextFormat::conntrack, TextSource::Pause::of_unpacking);
    const auto write = [&](std::string_view text) {
        REQUIRE(::write(ends[1], text.data(), text.size()) > 0);
    };
    write("[NEW] tcp 6 9 SYN_SENT src=192.0.2.129 dst=203.0.113.85 sport=3881 dport=80 [UNREPLIED] "
          "src=203.0.113.85 dst=198.51.100.129 sport=80 dport=388\n");
    Batch batch;
    CHECK(source.read(batch) == Progress::more);
    CHECK(source.read(batch) == Progress::idle);
    CHECK(batch.events.empty());
    write("1 mark=4\n");
    ::close(ends[1]);
    while (source.read(batch) != Progress::ended)
        continue;
    REQUIRE(batch.events.size() == 1);
    CHECK(batch.events.front().flow.port[3] == 3881);
    CHECK(batch.events.front().flow.mark == 4);
}

TEST_CASE("text: several lists", "[intake][text]") {
    const std::string a = listed(entries[0]) + "\n", b = listed(entries[2]) + "\n",
                      c = listed(entries[4]) + "\n";
    const auto shown = [](int number) {
        return "conntrack v1.4.7 (conntrack-tools): " + std::to_string(number) +
               " flow entries have been shown.\n";
    };
    using Ends = std::vector<std::size_t>;
    const auto ends = [](const std::string& text) { return read(text).ends; };
    CHECK(ends(a + b) == Ends{2});
    CHECK(ends(a + b + shown(2)) == Ends{2});
    CHECK(ends(a + shown(1) + shown(0)) == Ends{1, 1});
    CHECK(ends(a + shown(1) + b + c + shown(2)) == Ends{1, 3});
    // The remark is not buffered: it comes before its list, or into the middle of it.
    CHECK(ends(shown(2) + a + b + shown(1) + c) == Ends{2, 3});
    CHECK(ends(a + shown(2) + b + c + shown(1)) == Ends{2, 3});
    // A date, a prompt, nothing.
    CHECK(ends(a + b + "Mon Nov 23 10:00:00 UTC 2026\n" + a + c) == Ends{2, 4});
    CHECK(ends("2026-11-23T10:00:00+00:00\n" + a + "2026-11-23T10:00:05+00:00\n" + c) ==
          Ends{1, 2});
    CHECK(ends("# conntrack -L\n" + a + "root@gw:~# cat /proc/net/nf_conntrack\n" + c) ==
          Ends{1, 2});
    CHECK(ends(a + b + a + c) == Ends{2, 4});
    CHECK(ends(a + "nonsense\n" + b) == Ends{2});
    CHECK(ends(a + a) == Ends{2});
    CHECK(ends("# conntrack -L\n" + a + "# \n2026-11-23T10:00:05Z\n" + shown(1)) == Ends{1});
    const Told told = read("\n" + a + b + shown(2) + a + shown(1));
    CHECK(told.notes.lists == 2);
    CHECK(told.notes.last_list_line == 5);
    CHECK(told.odd == 0);
}

TEST_CASE("text: two entries of one tuple are both kept", "[intake][text]") {
    const std::string tuple = "udp 17 9 src=192.0.2.1 dst=192.0.2.2 sport=1 dport=2 ";
    const std::string one = tuple + "src=192.0.2.2 dst=192.0.2.1 sport=2 dport=1 use=1";
    const std::string other = tuple + "src=192.0.2.2 dst=198.51.100.1 sport=2 dport=1 use=1";
    const auto flows = [](const std::string& text) {
        Tracker tracker;
        for (const int file : {0, 1}) {
            static_cast<void>(file); // a second list finds them again
            const Told told = read(text);
            for (const Event& event : told.events)
                tracker.apply(event, ExtrasPool(), {});
            Event end;
            end.kind = EventKind::list_end;
            tracker.apply(end, ExtrasPool(), {});
        }
        return std::pair(tracker.size(), tracker.repeated());
    };
    using Counts = std::pair<std::size_t, std::uint64_t>;
    CHECK(flows(one + "\n" + other + "\n") == Counts{2, 0});
    CHECK(flows(one + " id=7\n" + one + " id=8\n") == Counts{2, 0});
    CHECK(flows(one + " id=7\n" + one + " id=7\n") == Counts{1, 2});
    CHECK(flows(one + "\n" + one + "\n") == Counts{1, 2});
    CHECK(flows("1795428000 " + one + "\n1795428001 " + other + "\n") == Counts{2, 0});
}

TEST_CASE("text: several lists of natstat's own", "[intake][json]") {
    const std::string a = R"({"proto":"tcp","family":"ipv4","kind":"routed","src":"192.0.2.1",)"
                          R"("sport":1,"dst":"192.0.2.9","dport":80})";
    const std::string b = R"({"proto":"tcp","family":"ipv4","kind":"routed","src":"192.0.2.2",)"
                          R"("sport":1,"dst":"192.0.2.9","dport":80})";
    using Ends = std::vector<std::size_t>;
    const auto ends = [](const std::string& text) { return read(text, TextFormat::json).ends; };
    CHECK(ends("[\n" + a + ",\n" + b + "\n]\n") == Ends{2});
    CHECK(ends("[\n" + a + "\n]\n[\n" + b + "\n]\n") == Ends{1, 2});
    CHECK(ends("[\n" + a + "\n]\n[\n]\n") == Ends{1, 1});
    CHECK(ends(a + "\n" + b + "\n" + a + "\n") == Ends{2, 3});
}

TEST_CASE("text: ages, starts and stops", "[intake][text]") {
    use_zone("UTC0");
    const std::string tcp(entries[0]);
    const auto event = [](const std::string& line) { return read(line + "\n").events.at(0); };
    SECTION("an age alone is the age when it was printed") {
        const Flow flow = event(tcp + " delta-time=86400 use=1").flow;
        CHECK(flow.age() == 86400s);
        CHECK_FALSE(flow.has(Part::start));
        CHECK(event("[DESTROY] " + tcp + " delta-time=30").flow.age() == 30s);
    }
    SECTION("with a start, the time follows") {
        const Event listed =
            event(tcp + " delta-time=86400 [start=Sun Nov 22 10:00:00 2026] use=1");
        CHECK(listed.time == Time{1795428000s});
        CHECK(listed.flow.start_ms == 1795341600000);
        CHECK_FALSE(listed.flow.age());
    }
    SECTION("beyond what a time can be, it is absent") {
        const Event late =
            event(tcp + " delta-time=4294967295 [start=Sun Nov 22 10:00:00 2261] use=1");
        CHECK(late.time == Time{});
        CHECK(late.flow.has(Part::start));
    }
    SECTION("a stop is when it ended") {
        const Event ended = event("[DESTROY] " + tcp +
                                  " [start=Sun Nov 22 10:00:00 2026] [stop=Mon Nov 23 10:00:00 "
                                  "2026]");
        CHECK(ended.time == Time{1795428000s});
        CHECK(ended.flow.start_ms == 1795341600000);
    }
    SECTION("a start that comes later takes the place of an age") {
        Flow known = event(tcp + " delta-time=5 use=1").flow;
        merge(known, event("[1795428000.000000]\t[UPDATE] " + tcp + " delta-time=9").flow);
        CHECK_FALSE(known.age());
        CHECK(known.start_ms == 1795427991000);
        merge(known, event(tcp + " delta-time=5 use=1").flow);
        CHECK(known.start_ms == 1795427991000);
    }
}

TEST_CASE("text: a flag that [OFFLOAD] hides stays as it was", "[intake][text]") {
    const std::string udp = "udp 17 60 src=192.0.2.1 dst=203.0.113.2 sport=1 dport=2 "
                            "src=203.0.113.2 dst=192.0.2.1 sport=2 dport=1";
    const Flow assured = flow_of(udp + " [ASSURED]");
    const Flow plain = flow_of(udp);
    const Flow offloaded = flow_of(udp + " [OFFLOAD]");
    CHECK(state_of(offloaded) == std::nullopt);
    Flow known = assured;
    merge(known, offloaded);
    CHECK(state_of(known) == stateless::assured);
    CHECK((known.status & status::assured_untold) == 0);
    known = plain;
    merge(known, offloaded);
    CHECK(state_of(known) == std::nullopt);
    merge(known, assured);
    CHECK(state_of(known) == stateless::assured);
}
