// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is wrong, in the live view: found in what it follows as --diagnose finds it, and the view of
// it. That the kernel shows it so is tested in tests/kernel/problems_test.sh.
#include "live_screen.hpp"

#include "natstat/live/examination.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <algorithm>

using namespace natstat;
using namespace natstat::test;
using std::chrono::seconds;

namespace {

constexpr Time start = Time{seconds{1'000'000}};

/// Flows as a source tells of them, and how the kernel fared meanwhile.
struct Followed {
    Tracker tracker;
    Departures departures;
    Surroundings around;
    ExtrasPool extras;
    Circumstances told;

    Followed() {
        Health health;
        health.entries = 10;
        health.limit = 1000;
        health.statistics = {{{"insert_failed", 3}, {"drop", 3}, {"early_drop", 0}}, 1};
        told.since = start;
        told.length = seconds{10};
        told.before = told.after = health;
        around.now = start + seconds{10};
        take(EventKind::list_begin, Flow{}, Time{});
        take(EventKind::list_end, Flow{}, start - seconds{60});
    }
    void take(EventKind kind, const Flow& flow, Time time) {
        Event event;
        event.kind = kind;
        event.flow = flow;
        event.time = time;
        tracker.apply(event, extras, [this](const Transition& step) {
            if (step.kind == TransitionKind::ended)
                departures.take(step, tracker.extras(), step.time);
        });
    }
    void begin(const char* source, const char* destination, seconds after, std::uint32_t id) {
        take(EventKind::created,
             MakeFlow("tcp", source, destination).state("SYN_SENT").status(0).timeout(100).id(id),
             start + after);
    }
    void refuse(const char* source, const char* destination, seconds after, std::uint32_t id) {
        take(EventKind::destroyed,
             MakeFlow("tcp", source, destination).state("CLOSE").status(0).id(id), start + after);
    }
    [[nodiscard]] Diagnosis examined() const {
        Examination examination(tracker, departures, around, told);
        while (!examination.advance(3))
            ;
        return examination.result();
    }
};

const Ailment* of_kind(const Diagnosis& diagnosis, std::string_view kind) {
    const auto found =
        std::find_if(diagnosis.found.begin(), diagnosis.found.end(),
                     [kind](const Ailment& each) { return each.kind->name == kind; });
    return found == diagnosis.found.end() ? nullptr : &*found;
}

Ailment finding(std::size_t kind, Grade grade, std::string what) {
    Ailment ailment;
    ailment.kind = &ailment_kinds()[kind];
    ailment.grade = grade;
    ailment.what = std::move(what);
    return ailment;
}

/// One of each grade; the worst as long as they come.
Diagnosis three() {
    Diagnosis diagnosis;
    diagnosis.time = half_way().around.now;
    diagnosis.length = seconds{5};
    Ailment ports =
        finding(1, Grade::fail, "NAT ports for [2001:db8:f0::30]:5432 (tcp) are used up");
    ports.seen = "2001:db8:2::1 tcp: 50 of 50 (20000-20049, as a rule says), 48 attempts found no "
                 "free one in 5 s";
    ports.hosts = {{address("2001:db8:1::16"), 31}, {address("2001:db8:1::17"), 11}};
    ports.other_hosts = 2;
    ports.means = "nobody can open another connection to it through 2001:db8:2::1 until a port is "
                  "free (a closed connection keeps its own for another 120 s, TIME_WAIT)";
    ports.remedy = "a wider range in the rule, or a second address; connections that are kept open";
    ports.filter = "proto tcp and dst host 203.0.113.10 and dst port 80";
    ports.look = "natstat -nP --port-range 20000-20049 dst host 2001:db8:f0::30";
    Ailment silent =
        finding(5, Grade::warn, "203.0.113.60:443 (tcp) does not answer some of its connections");
    silent.seen = "58 of 58 connections wait for an answer";
    silent.look = "natstat -na 'dst host 203.0.113.60'";
    Ailment weight =
        finding(12, Grade::note, "many established connections have been idle for hours");
    weight.seen = "1200 connections without a packet for 6 hours or more, of 3000 flows";
    diagnosis.found = {ports, silent, weight};
    diagnosis.state =
        "table 4.8 % full, +18 entries/s; nothing dropped, nothing thrown out to make room";
    diagnosis.untold = {{"rules",
                         "the rules of NAT could not be read (there is no libnftables): how many "
                         "NAT ports there are is the kernel's own range, or inferred",
                         ""}};
    return diagnosis;
}

Screen problems(Size size) {
    Screen here = screen(half_way(), size);
    here.picture.diagnosis = three();
    here.press('6');
    return here;
}

void compare(const std::string& name, const std::string& text) {
    INFO(name);
    CHECK(text == expected_frame(name, text));
}

bool shows(const Screen& here, std::string_view words) {
    return here.text().find(words) != std::string::npos;
}

} // namespace

TEST_CASE("what waits for an answer is found once it waits for too long", "[problems]") {
    Followed followed;
    for (std::uint32_t i = 0; i < 12; ++i)
        followed.begin(("192.0.2.1:" + std::to_string(1000 + i)).c_str(), "203.0.113.60:443",
                       seconds{9}, 100 + i);
    CHECK(followed.examined().found.empty());
    followed.around.now += seconds{20};
    const Diagnosis later = followed.examined();
    const Ailment* const silent = of_kind(later, "no_answer");
    REQUIRE(silent != nullptr);
    CHECK(silent->what.find("203.0.113.60:443") != std::string::npos);
    REQUIRE(silent->hosts.size() == 1);
    CHECK(silent->hosts[0].count == 12);
    CHECK(later.time == followed.around.now);
}

TEST_CASE("who holds the ports of a pool that runs out is counted, each port once", "[problems]") {
    Followed followed;
    followed.told.rules.known = true;
    followed.told.rules.rules.push_back({Family::none, {}, {}, {}, {}, NatPorts{20000, 20009}});
    const auto open = [&](int number, const char* host, const char* server) {
        const std::string port = ":" + std::to_string(20000 + number % 100);
        followed.take(EventKind::created,
                      MakeFlow("tcp", host + port, server)
                          .reply(server, "198.51.100.1" + port)
                          .state("ESTABLISHED")
                          .status(status::src_nat | status::seen_reply)
                          .id(static_cast<std::uint32_t>(number)),
                      start);
    };
    for (int i = 0; i < 10; ++i) {
        open(i, i < 7 ? "192.0.2.1" : "192.0.2.2", "203.0.113.10:80");
        if (i < 5) // which has room
            open(100 + i, "192.0.2.3", "203.0.113.20:80");
    }
    const Diagnosis now = followed.examined();
    const Ailment* const ports = of_kind(now, "nat_ports");
    REQUIRE(ports != nullptr);
    REQUIRE(ports->hosts.size() == 2);
    CHECK(ports->hosts[0].address == address("192.0.2.1"));
    CHECK(ports->hosts[0].count == 7);
    CHECK(ports->hosts[1].count == 3);
}

TEST_CASE("what was refused in the watch is found, and nothing of before", "[problems]") {
    Followed followed;
    for (std::uint32_t i = 0; i < 6; ++i) {
        const std::string source = "192.0.2.1:" + std::to_string(1000 + i);
        followed.begin(source.c_str(), "203.0.113.10:81", seconds{1}, 100 + i);
        followed.refuse(source.c_str(), "203.0.113.10:81", seconds{2}, 100 + i);
    }
    const Diagnosis now = followed.examined();
    const Ailment* const refused = of_kind(now, "refused");
    REQUIRE(refused != nullptr);
    CHECK(refused->weight == 6);
    CHECK(refused->seen.find("in 10 s") != std::string::npos);
    followed.told.since = start + seconds{3};
    CHECK(of_kind(followed.examined(), "refused") == nullptr);
}

TEST_CASE("of a file there are no counters, and that is said", "[problems]") {
    Followed followed;
    followed.told = Circumstances{};
    const Diagnosis of_file = followed.examined();
    CHECK(of_file.found.empty());
    CHECK(of_file.state.empty());
    CHECK_FALSE(of_file.untold.empty());
}

TEST_CASE("the worst problem is named at the top, notes are not", "[problems]") {
    Screen here = screen(half_way(), {24, 120});
    CHECK_FALSE(shows(here, "FAIL"));
    here.picture.diagnosis = three();
    CHECK(shows(here, " FAIL nat ports and 1 more "));
    here.picture.diagnosis->found.erase(here.picture.diagnosis->found.begin());
    CHECK(shows(here, " WARN no answer "));
    here.picture.diagnosis->found.erase(here.picture.diagnosis->found.begin());
    CHECK_FALSE(shows(here, "dead weight"));
}

TEST_CASE("Enter leads to the flows of a problem, and Escape back to the filter before",
          "[problems]") {
    Screen here = problems({40, 120});
    here.ui.filter = "proto udp";
    here.ui.kinds = "snat";
    CHECK(here.press(key::enter) == Effect::rank);
    CHECK(here.ui.view == View::flows);
    CHECK(here.ui.filter == three().found[0].filter);
    CHECK(here.ui.kinds.empty());
    CHECK(here.picture.matched > 0);
    CHECK(shows(here, "problems › NAT ports for"));
    here.press(key::escape);
    CHECK(here.ui.view == View::problems);
    CHECK(here.ui.filter == "proto udp");
    CHECK(here.ui.kinds == "snat");
    here.press('j');
    CHECK(here.press(key::enter) == Effect::none); // it has no filter
    CHECK(here.ui.view == View::problems);
    CHECK(here.press('y') == Effect::copy);
    CHECK(here.ui.copied == "natstat -na 'dst host 203.0.113.60'");
}

TEST_CASE("the cursor stays on its problem; at the top it stays on the worst", "[problems]") {
    Screen here = problems({40, 120});
    here.press('j');
    const std::string what = three().found[1].what;
    CHECK(here.ui.problem == 1);
    auto& found = here.picture.diagnosis->found;
    std::swap(found[0], found[1]);
    here.look();
    CHECK(here.ui.problem == 0);
    std::swap(found[0], found[1]);
    here.look();
    CHECK(here.ui.problem == 0);
    here.press('G');
    CHECK(here.ui.problem == 2);
    found.clear();
    here.look();
    CHECK(here.ui.problem == 0);
    CHECK(here.press('j') == Effect::none);
    CHECK(here.press(key::enter) == Effect::none);
    CHECK(shows(here, "ok    table 4.8 % full"));
    here.picture.diagnosis.reset();
    here.look();
    CHECK(shows(here, "watching"));
}

TEST_CASE("frames of what is wrong", "[frames]") {
    for (const Size size :
         {Size{50, 200}, {40, 120}, {24, 80}, {10, 40}, {6, 30}, {2, 10}, {1, 1}}) {
        const std::string suffix =
            "-" + std::to_string(size.columns) + "x" + std::to_string(size.rows);
        Screen here = problems(size);
        compare("problems" + suffix, here.text());
    }
    Screen here = problems({12, 80});
    here.press('G');
    compare("problems-end", here.text());
    here.picture.diagnosis->found.clear();
    here.look();
    compare("problems-none", here.text());
}
