// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is found in evidence that is made here, flow by flow, and what is not. That the kernel shows
// it so is tested in tests/kernel/diagnose_test.sh.
#include "make_flow.hpp"
#include "natstat/diagnose/ailment.hpp"
#include "natstat/print/ailments.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using test::MakeFlow;

namespace {

constexpr Time now = Time{std::chrono::seconds{1'000'000}};

std::uint64_t ago(std::chrono::milliseconds age) {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() -
        age.count());
}

/// Flows in a watch; a filter lets through those of one source.
struct Scene {
    Surroundings around;
    Watch watch{around};
    Evidence evidence{watch};
    std::optional<Address> wanted;

    Scene() { around.now = now; }
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;
    ~Scene() = default;

    void narrow(std::string_view source) {
        evidence.narrowed = true;
        wanted = test::address(source);
    }
    void add(const Flow& flow) {
        const Row row(flow, none, around);
        watch.add(row, !wanted || flow.end(End::original_source).address == *wanted);
    }
    /// The kernel's counters rose by that.
    void fails(std::uint64_t insert_failed, std::uint64_t drop) {
        Health before, after;
        before.entries = after.entries = 100;
        before.limit = after.limit = 1000;
        before.statistics = {{{"insert_failed", 7}, {"drop", 9}, {"early_drop", 0}}, 1};
        after.statistics = {
            {{"insert_failed", 7 + insert_failed}, {"drop", 9 + drop}, {"early_drop", 0}}, 1};
        evidence.before = before;
        evidence.after = after;
        evidence.length = std::chrono::seconds{5};
    }
    [[nodiscard]] std::vector<Ailment> found() const { return diagnose(evidence); }

  private:
    static inline const Extras none;
};

std::string text(std::string_view address, int port) {
    const bool six = address.find(':') != std::string_view::npos;
    return (six ? "[" + std::string(address) + "]" : std::string(address)) + ":" +
           std::to_string(port);
}

/// An established flow through a NAT port.
Flow through(std::string_view source, int port, std::string_view gateway, int nat_port,
             std::string_view server) {
    return MakeFlow("tcp", text(source, port), server)
        .reply(server, text(gateway, nat_port))
        .state("ESTABLISHED")
        .status(status::seen_reply | status::assured | status::confirmed | status::src_nat)
        .flow();
}

Flow unanswered(std::string_view protocol, std::string_view source, std::string_view dialled,
                std::chrono::milliseconds age = std::chrono::seconds{60}) {
    MakeFlow flow(protocol, source, dialled);
    flow.status(status::confirmed).start_ms(ago(age));
    if (protocol == "tcp")
        flow.state("SYN_SENT");
    return flow.flow();
}

Flow forwarded(std::string_view source, std::string_view dialled, std::string_view inside) {
    return MakeFlow("tcp", source, dialled)
        .reply(inside, source)
        .state("SYN_SENT")
        .status(status::confirmed | status::dst_nat)
        .start_ms(ago(std::chrono::seconds{30}))
        .flow();
}

} // namespace

TEST_CASE("diagnose: a pool that is full and fails, in both families", "[diagnose]") {
    for (const auto& [gateway, server, family] :
         {std::tuple("198.51.100.1", "203.0.113.50:5432", Family::ipv4),
          std::tuple("2001:db8:ff::1", "[2001:db8:f0::50]:5432", Family::ipv6)}) {
        const bool six = family == Family::ipv6;
        Scene scene;
        for (int i = 0; i < 50; ++i)
            scene.add(through(i < 40 ? (six ? "2001:db8:1::16" : "192.0.2.16")
                                     : (six ? "2001:db8:1::17" : "192.0.2.17"),
                              50000 + i, gateway, 20000 + i, server));
        scene.fails(48, 48);
        if (six) {
            scene.evidence.rules.known = true;
            scene.evidence.rules.rules.push_back(
                {Family::none, {}, {}, {}, {}, NatPorts{20000, 20049}});
        }
        const auto found = scene.found();
        REQUIRE(found.size() == 1);
        CHECK(found[0].grade == Grade::fail);
        CHECK(found[0].kind->name == "nat_ports");
        CHECK(found[0].what == "NAT ports for " + std::string(server) + " are used up");
        CHECK(found[0].seen == "NAT address " + std::string(gateway) +
                                   ", tcp: 50 of 50 ports in use, 48 packets found none in 5 s");
        REQUIRE(found[0].hosts.size() == 2);
        CHECK(to_text(found[0].hosts[0].address) == (six ? "2001:db8:1::16" : "192.0.2.16"));
        CHECK(found[0].hosts[0].count == 40);
        CHECK(found[0].remedy.find(six ? "as a rule says" : "inferred") != std::string::npos);
        CHECK(found[0].remedy.find("20000-20049") != std::string::npos);
    }
}

TEST_CASE("diagnose: hosts are told with what they have, and with their names where they are asked "
          "for",
          "[diagnose]") {
    Scene scene;
    for (int i = 0; i < 10; ++i)
        scene.add(through(i == 0 ? "192.0.2.17" : "192.0.2.16", 50000 + i, "198.51.100.1",
                          20000 + i, "203.0.113.50:5432"));
    scene.fails(1, 1);
    auto found = scene.found();
    REQUIRE(found.size() == 1);
    const auto who = [&] {
        for (const FindingPart& each : said_of(found[0]))
            if (each.label == "who")
                return each.text;
        return std::string();
    };
    CHECK(who() == "192.0.2.16 (9 ports), 192.0.2.17 (1)");
    name_hosts(found, test::OneWho{});
    CHECK(who() == "192.0.2.16 (9 ports, shop-api), 192.0.2.17 (1, shop-api)");
    found[0].hosts[0].workload = "a\x1b[2Jb";
    CHECK(who() == "192.0.2.16 (9 ports, a\\x1b[2Jb), 192.0.2.17 (1, shop-api)");
}

TEST_CASE("diagnose: ports that are not used up", "[diagnose]") {
    Scene scene;
    SECTION("the same ports, and nothing fails") {
        for (int i = 0; i < 50; ++i)
            scene.add(
                through("192.0.2.16", 50000 + i, "198.51.100.1", 20000 + i, "203.0.113.50:80"));
        scene.fails(0, 0);
    }
    SECTION("something fails, and one of the ports between is free") {
        for (int i = 0; i < 50; ++i)
            scene.add(through("192.0.2.16", 50000 + i, "198.51.100.1", 20000 + i + (i == 49),
                              "203.0.113.50:80"));
        scene.fails(5, 5);
    }
    SECTION("something fails, and the ports are the sources' own") {
        for (int i = 0; i < 50; ++i)
            scene.add(
                through("192.0.2.16", 50000 + i, "198.51.100.1", 50000 + i, "203.0.113.50:80"));
        scene.fails(5, 5);
    }
    SECTION("each to a destination of its own") {
        scene.evidence.rules.rules.push_back(
            {Family::none, {}, {}, {}, {}, NatPorts{20000, 20049}});
        for (int i = 0; i < 50; ++i)
            scene.add(through("192.0.2.16", 50000 + i, "198.51.100.1", 20000 + i,
                              text("203.0.113.50", 80 + i)));
        scene.fails(5, 5);
    }
    SECTION("60 % of a rule's range") {
        scene.evidence.rules.rules.push_back(
            {Family::none, {}, {}, {}, {}, NatPorts{20000, 20049}});
        for (int i = 0; i < 30; ++i)
            scene.add(
                through("192.0.2.16", 50000 + i, "198.51.100.1", 20000 + i, "203.0.113.50:80"));
        scene.fails(0, 0);
    }
    CHECK(scene.found().empty());
}

TEST_CASE("diagnose: from 80 per cent of a rule's range on it is a warning", "[diagnose]") {
    Scene scene;
    scene.evidence.rules.rules.push_back({Family::ipv4, {}, {}, {}, {}, NatPorts{20000, 20049}});
    for (int i = 0; i < 40; ++i)
        scene.add(through("192.0.2.16", 50000 + i, "198.51.100.1", 20000 + i, "203.0.113.50:80"));
    const auto found = scene.found();
    REQUIRE(found.size() == 1);
    CHECK(found[0].grade == Grade::warn);
    CHECK(found[0].seen == "NAT address 198.51.100.1, tcp: 40 of 50 ports in use");
}

TEST_CASE("diagnose: a destination that does not answer", "[diagnose]") {
    Scene scene;
    for (int i = 0; i < 4; ++i)
        scene.add(unanswered("tcp", text(i < 3 ? "192.0.2.16" : "192.0.2.17", 50000 + i),
                             "203.0.113.60:443"));
    scene.add(unanswered("tcp", "192.0.2.18:50000", "203.0.113.60:443",
                         std::chrono::milliseconds{200})); // has not waited yet
    const auto found = scene.found();
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind->name == "no_answer");
    CHECK(found[0].grade == Grade::fail);
    CHECK(found[0].what == "203.0.113.60:443 (tcp) does not answer");
    CHECK(found[0].seen == "4 of 4 connections from 2 hosts in SYN_SENT, the oldest for 1 min 0 s");
    REQUIRE(found[0].hosts.size() == 2);
    CHECK(found[0].hosts[0].count == 3);
    CHECK(found[0].filter == "proto tcp and dst host 203.0.113.60 and dst port 443 and unreplied");
}

TEST_CASE("diagnose: what is no silence", "[diagnose]") {
    Scene scene;
    SECTION("few") {
        for (int i = 0; i < 2; ++i)
            scene.add(unanswered("tcp", text("192.0.2.16", 50000 + i), "203.0.113.60:443"));
    }
    SECTION("as many are answered") {
        for (int i = 0; i < 4; ++i)
            scene.add(unanswered("tcp", text("192.0.2.16", 50000 + i), "203.0.113.60:443"));
        for (int i = 0; i < 5; ++i)
            scene.add(
                through("192.0.2.16", 51000 + i, "198.51.100.1", 51000 + i, "203.0.113.60:443"));
    }
    SECTION("what is sent over UDP to a service that does not answer") {
        for (int i = 0; i < 9; ++i)
            scene.add(unanswered("udp", text("192.0.2.16", 50000 + i), "203.0.113.60:514"));
    }
    SECTION("it answers again: all that is answered began later") {
        for (int i = 0; i < 9; ++i)
            scene.add(unanswered("tcp", text("192.0.2.16", 50000 + i), "203.0.113.60:443"));
        Flow later = through("192.0.2.16", 51000, "198.51.100.1", 51000, "203.0.113.60:443");
        later.set_start(std::chrono::milliseconds(ago(std::chrono::seconds{10})));
        scene.add(later);
    }
    SECTION("flows that began a moment ago") {
        for (int i = 0; i < 9; ++i)
            scene.add(unanswered("tcp", text("192.0.2.16", 50000 + i), "203.0.113.60:443",
                                 std::chrono::milliseconds{2900}));
    }
    CHECK(scene.found().empty());
}

TEST_CASE("diagnose: events say what began in the watch, where there are no time stamps",
          "[diagnose]") {
    Scene scene;
    scene.watch.open(now - std::chrono::seconds{5});
    const auto flow = [](int port) {
        return MakeFlow("tcp", text("192.0.2.16", port), "203.0.113.60:443")
            .state("SYN_SENT")
            .status(status::confirmed)
            .flow();
    };
    for (int port : {50000, 50001, 50002})
        scene.watch.begun(flow(port), now - std::chrono::seconds{1});
    for (int port : {50000, 50001, 50002})
        scene.add(flow(port));
    CHECK(scene.found().empty());
    for (int port : {50003, 50004, 50005})
        scene.add(flow(port));
    const auto found = scene.found();
    REQUIRE(found.size() == 1);
    CHECK(found[0].seen == "3 of 3 connections from 1 host in SYN_SENT, for at least 5 s");
}

TEST_CASE("diagnose: a forwarding that leads nowhere", "[diagnose]") {
    Scene scene;
    for (int i = 0; i < 3; ++i)
        scene.add(forwarded(text("203.0.113.9", 40000 + i), "198.51.100.3:8080", "192.0.2.10:80"));
    scene.evidence.silent.push_back(test::address("192.0.2.10"));
    const auto found = scene.found();
    REQUIRE(found.size() == 1);
    CHECK(found[0].kind->name == "forwarding");
    CHECK(found[0].what == "the forwarding of 198.51.100.3:8080 (tcp) leads nowhere");
    CHECK(found[0].seen.find("it leads to 192.0.2.10:80, which does not answer ARP") !=
          std::string::npos);
    CHECK(found[0].remedy.starts_with("start 192.0.2.10"));
}

TEST_CASE("diagnose: a filter narrows, and then one flow is enough", "[diagnose]") {
    Scene scene;
    scene.narrow("192.0.2.16");
    for (int i = 0; i < 9; ++i)
        scene.add(unanswered("tcp", text("192.0.2.17", 50000 + i), "203.0.113.61:443"));
    scene.add(unanswered("tcp", "192.0.2.16:50000", "203.0.113.60:443"));
    const auto found = scene.found();
    REQUIRE(found.size() == 1);
    CHECK(found[0].what == "203.0.113.60:443 (tcp) does not answer");
}

TEST_CASE("diagnose: a table that is full, or soon will be", "[diagnose]") {
    Scene scene;
    for (int i = 0; i < 9; ++i)
        scene.add(through("192.0.2.16", 50000 + i, "198.51.100.1", 50000 + i,
                          text("203.0.113.60", 100 + i)));
    scene.fails(4, 10);
    SECTION("full, and drops; what found no NAT port counts in both") {
        scene.evidence.before->entries = scene.evidence.after->entries = 1000;
        const auto found = scene.found();
        REQUIRE(found.size() == 1);
        CHECK(found[0].kind->name == "table_full");
        CHECK(found[0].grade == Grade::fail);
        CHECK(found[0].seen == "1000 of 1000 entries (100.0 %), 6 packets dropped in 5 s");
        REQUIRE(found[0].hosts.size() == 1);
        CHECK(to_text(found[0].hosts[0].address) == "192.0.2.16");
    }
    SECTION("half full, and it grows") {
        scene.evidence.before->entries = 500;
        scene.evidence.after->entries = 600;
        const auto found = scene.found();
        REQUIRE(found.size() == 1);
        CHECK(found[0].grade == Grade::warn);
        CHECK(found[0].seen == "600 of 1000 entries (60.0 %), full in 20 s as it grows now");
    }
    SECTION("half full, and it does not") {
        scene.evidence.before->entries = scene.evidence.after->entries = 600;
        const auto found = scene.found();
        REQUIRE(found.size() == 1);
        CHECK(found[0].kind->name == "hog");
        CHECK(found[0].what == "192.0.2.16 fills the connection table");
    }
}

TEST_CASE("diagnose: the worse comes first, and unknown is not well", "[diagnose]") {
    Scene scene;
    for (int i = 0; i < 4; ++i)
        scene.add(unanswered("icmp", "192.0.2.16", "203.0.113.60"));
    for (int i = 0; i < 3; ++i)
        scene.add(forwarded(text("203.0.113.9", 40000 + i), "198.51.100.3:8080", "192.0.2.10:80"));
    const auto found = scene.found();
    REQUIRE(found.size() == 2);
    CHECK(found[0].grade == Grade::fail);
    CHECK(found[1].what == "203.0.113.60 (icmp) does not answer pings");
    scene.evidence.of_kernel = false;
    CHECK(can_not_tell(scene.evidence).size() == 2);
    CHECK(general_state(scene.evidence).empty());
}

namespace {

std::string names_of(const std::vector<Untold>& untold) {
    std::string names;
    for (const Untold& each : untold)
        names += (names.empty() ? "" : " ") + std::string(each.name);
    return names;
}

} // namespace

TEST_CASE("diagnose: what can not be told has a name, and what helps", "[diagnose]") {
    Scene scene;
    Evidence& evidence = scene.evidence;
    CHECK(names_of(can_not_tell(evidence)) == "failures rules");
    scene.fails(0, 0);
    evidence.rules.known = true;
    CHECK(can_not_tell(evidence).empty()); // of what is not known to be off nothing is said
    evidence.after->settings.fill(1);
    CHECK(can_not_tell(evidence).empty());
    evidence.rules.has_untold = true;
    CHECK(names_of(can_not_tell(evidence)) == "rules");
    evidence.after->settings.fill(0);
    evidence.rules = {};
    const auto off = can_not_tell(evidence);
    CHECK(names_of(off) == "events accounting rules");
    CHECK(off[0].remedy == "sysctl -w net.netfilter.nf_conntrack_events=2");
    CHECK(off[1].remedy == "sysctl -w net.netfilter.nf_conntrack_acct=1");
    evidence.of_kernel = false;
    evidence.before.reset();
    evidence.after.reset();
    CHECK(names_of(can_not_tell(evidence)) == "failures addresses");
}

TEST_CASE("diagnose: programs get what can not be told behind the findings", "[diagnose]") {
    const auto text = [](const std::vector<Ailment>& found, bool lines) {
        std::string all;
        Output output([&](std::string_view piece) { all += piece; }, 1);
        print_ailments_json(found, {{"events", "no \"events\"", "sysctl"}, {"rules", "none", ""}},
                            lines, output);
        output.flush();
        return all;
    };
    const std::string events =
        R"({"kind":"events","grade":"unknown","finding":"no \"events\"","remedy":"sysctl"})";
    const std::string rules = R"({"kind":"rules","grade":"unknown","finding":"none","remedy":""})";
    CHECK(text({}, true) == events + "\n" + rules + "\n");
    CHECK(text({}, false) == "[\n" + events + ",\n" + rules + "\n]\n");
    Scene scene;
    for (int i = 0; i < 4; ++i)
        scene.add(unanswered("icmp", "192.0.2.16", "203.0.113.60"));
    const std::string after = text(scene.found(), true);
    CHECK(after.starts_with(R"({"kind":"no_answer")"));
    CHECK(after.ends_with(events + "\n" + rules + "\n"));
}

namespace {

/// How many findings there are of a kind, by grade; nothing where that is not known.
using Grades = std::optional<std::array<std::uint64_t, 3>>;
Grades counted(const Scene& scene, std::string_view kind) {
    for (const AilmentCount& each : count_ailments(scene.evidence))
        if (each.kind == kind)
            return each.of_grade;
    return std::nullopt;
}
constexpr std::array<std::uint64_t, 3> none_of_any{}, one_that_fails{1, 0, 0};

} // namespace

TEST_CASE("diagnose: findings are counted by kind and grade, and what is not known is not 0",
          "[diagnose]") {
    Scene scene;
    for (int i = 0; i < 60; ++i)
        scene.add(unanswered("tcp", "192.0.2.16:" + std::to_string(40000 + i), "203.0.113.60:443"));
    // One look knows neither how long they have waited nor what the kernel counts.
    CHECK(counted(scene, "no_answer") == Grades());
    CHECK(counted(scene, "refused") == Grades());
    CHECK(counted(scene, "counters") == Grades());
    CHECK(counted(scene, "table_full") == Grades());
    CHECK(counted(scene, "nat_ports") == Grades(none_of_any));
    CHECK(counted(scene, "dead_weight") == Grades(none_of_any));

    scene.fails(0, 0);
    CHECK(counted(scene, "no_answer") == Grades(one_that_fails));
    CHECK(counted(scene, "refused") == Grades(none_of_any));
    CHECK(counted(scene, "table_full") == Grades(none_of_any));
    scene.evidence.after->entries = 990;
    CHECK(counted(scene, "table_full") != Grades(none_of_any));

    // Without events, and after some were lost, what began lately looks old.
    scene.evidence.after->settings[2] = 0;
    CHECK(counted(scene, "no_answer") == Grades());
    scene.evidence.after->settings[2] = 2;
    CHECK(counted(scene, "no_answer") == Grades(one_that_fails));
    scene.watch.lost();
    CHECK(counted(scene, "no_answer") == Grades());
}

TEST_CASE("diagnose: a flow is refused by a reset that answers its first packet", "[diagnose]") {
    Event event;
    event.kind = EventKind::destroyed;
    event.flow = MakeFlow("tcp", "192.0.2.16:40000", "203.0.113.60:443").state("CLOSE").status(0);
    event.flow.set(Part::timeout);
    event.flow.timeout = 10;
    CHECK(was_refused(event));
    event.flow.status = status::seen_reply;
    CHECK_FALSE(was_refused(event));
    event.flow.status = 0;
    event.kind = EventKind::created;
    CHECK_FALSE(was_refused(event));
}
