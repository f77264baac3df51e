// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Every column on rows with everything and with nothing, and what the columns say of each NAT
// shape.
#include "natstat/table/column.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <set>

using namespace natstat;
using namespace natstat::test;
using std::chrono::seconds;

namespace {

Scene scene(const Flow& flow) {
    Scene result;
    result.flow = flow;
    return result;
}

/// Whether it takes more than one look at a flow.
bool is_followed(const Column& column) {
    return column.in_full == Full::steps || column.kind == Kind::rate ||
           column.kind == Kind::change || is_of_groups(column) || is_of_expectations(column);
}

std::string kind_of(const Flow& flow, std::initializer_list<std::string_view> local) {
    Scene at = scene(flow);
    at.around.local_addresses.emplace();
    for (const std::string_view text : local)
        at.around.local_addresses->insert(address(text));
    const auto kind = at.row().kind();
    return kind ? std::string(flow_kind_name(*kind)) : "";
}

std::string idle(const MakeFlow& flow, std::optional<seconds> configured) {
    Scene at = scene(flow);
    at.around.now = Time{} + seconds{1'000};
    at.around.timeouts.emplace().set(protocol::udp, stateless::unreplied, configured);
    return at.text("idle");
}

} // namespace

TEST_CASE("what was not said is absent in every column", "[column]") {
    const Scene nothing;
    for (const Column& each : columns()) {
        INFO(each.name);
        CHECK(is_absent(each.get(nothing.row())));
    }
}

TEST_CASE("what was said is there in every column, in the column's own kind", "[column]") {
    const Scene everything = full_scene();
    const Scene ping = scene(MakeFlow("icmp", "192.0.2.1", "192.0.2.2").echo(7));
    for (const Column& each : columns()) {
        INFO(each.name);
        const Value value = each.get((each.name.starts_with("icmp_") ? ping : everything).row());
        if (is_followed(each))
            continue; // one look at a flow does not tell them
        REQUIRE(kind_name(static_cast<Kind>(value.index())) == kind_name(each.kind));
    }
}

TEST_CASE("no column changes its kind, whatever the flow", "[column]") {
    Dice dice(11);
    Scene at = full_scene();
    for (int i = 0; i < 3'000; ++i) {
        at.flow = random_flow(dice);
        const Row row = at.row();
        for (const Column& each : columns()) {
            const Value value = each.get(row);
            if (!is_absent(value) && value.index() != static_cast<std::size_t>(each.kind))
                FAIL(each.name << " is of kind " << kind_name(static_cast<Kind>(value.index())));
        }
    }
}

TEST_CASE("zeros that were said are zeros", "[column]") {
    const Scene zeros = scene(MakeFlow("tcp", "192.0.2.1:0", "192.0.2.2:0")
                                  .state("NONE")
                                  .status(0)
                                  .timeout(0)
                                  .up(0, 0)
                                  .down(0, 0)
                                  .mark(0)
                                  .id(0));
    for (const auto* name : {"sport", "dport", "timeout", "packets_up", "packets_down", "packets",
                             "bytes_up", "bytes_down", "bytes", "id"})
        REQUIRE(zeros.text(name) == "0");
    REQUIRE(zeros.text("mark") == "0x0");
    REQUIRE(zeros.text("state") == "NONE");
    REQUIRE(zeros.text("status") == "unreplied");
}

TEST_CASE("the full row's cells", "[column]") {
    const Scene full = full_scene();
    const std::pair<std::string_view, std::string_view> cells[] = {
        {"proto", "tcp"},
        {"family", "ipv4"},
        {"kind", "both"},
        {"source", "198.51.100.7:40000"},
        {"src", "198.51.100.7"},
        {"sport", "40000"},
        {"gateway", "203.0.113.2:50001"},
        {"gate", "203.0.113.2"},
        {"gport", "50001"},
        {"destination", "192.0.2.80:80"},
        {"dst", "192.0.2.80"},
        {"dport", "80"},
        {"original", "src=198.51.100.7 dst=203.0.113.1 sport=40000 dport=8080"},
        {"reply", "src=192.0.2.80 dst=203.0.113.2 sport=80 dport=50001"},
        {"state", "ESTABLISHED"},
        {"status", "assured"},
        {"timeout", "431990"},
        {"idle", "10"},
        {"age", "100"},
        {"held", "-"},
        {"packets_up", "10"},
        {"packets_down", "20"},
        {"packets", "30"},
        {"bytes_up", "1000"},
        {"bytes_down", "3000"},
        {"bytes", "4000"},
        {"rate_up", "-"},
        {"rate_down", "-"},
        {"rate", "-"},
        {"mark", "0x2a"},
        {"zone", "7"},
        {"zone_orig", "7"},
        {"zone_reply", "7"},
        {"icmp_type", "-"},
        {"icmp_code", "-"},
        {"id", "4242"},
        {"helper", "ftp"},
        {"labels", "0x5"},
        {"secctx", "system_u:object_r:x"},
        {"workload", "shop-api"},
        {"src_workload", "shop-api"},
        {"process", "python3"},
        {"pid", "4711"},
        {"service", "S3"},
        {"region", "eu-west-1"},
        {"src_net", "site"},
        {"dst_net", "site"},
        {"owner", "Example, Inc."},
        {"asn", "64496"},
        {"country", "DE"}};
    for (const Column& each : columns()) {
        INFO(each.name);
        const auto* cell = std::find_if(std::begin(cells), std::end(cells),
                                        [&](const auto& c) { return c.first == each.name; });
        REQUIRE((is_followed(each) || cell != std::end(cells)));
        REQUIRE(full.text(each.name) == (cell == std::end(cells) ? "-" : cell->second));
    }
}

TEST_CASE("a flow that is followed has times and rates", "[column]") {
    Scene full = full_scene();
    full.around.now = Time{seconds{1'000'200}};
    full.flow.parts &= static_cast<std::uint16_t>(~static_cast<unsigned>(Part::start));
    Life life;
    life.seen = Time{seconds{1'000'050}};
    life.timeout_at = life.counted_at = Time{seconds{1'000'150}};
    life.rate_up = 1500;
    life.rate_down = 0;
    const auto text = [&](std::string_view name) {
        return to_text(column(name).get(Row(full.flow, life, full.extras, full.around)));
    };
    REQUIRE(text("held") == "-");
    REQUIRE(text("age") == "-"); // it was there before
    life.enter(3, Time{seconds{1'000'080}}, true);
    life.created = true;
    REQUIRE(text("held") == "120");
    REQUIRE(text("age") == "150");
    REQUIRE(text("timeout") == "431940"); // 50 seconds less than it was told
    REQUIRE(text("idle") == "60");
    REQUIRE(text("rate_up") == "1500");
    REQUIRE(text("rate") == "1500");
    full.around.now = Time{seconds{9'000'000}};
    REQUIRE(text("timeout") == "0");
    REQUIRE(text("event") == "-");
}

TEST_CASE("a step's cells", "[column]") {
    const Scene full = full_scene();
    Transition step;
    step.flow = full.flow;
    step.kind = TransitionKind::changed;
    step.time = Time{seconds{1'000'100}};
    step.from = 2;
    step.to = 3;
    step.held = std::chrono::milliseconds{1204};
    const auto text = [&](std::string_view name) {
        return to_text(column(name).get(Row(step, full.extras, full.around)), {nullptr, true});
    };
    REQUIRE(text("time") == "1970-01-12T13:48:20.000000Z");
    REQUIRE(text("event") == "changed");
    REQUIRE(text("was") == "SYN_RECV");
    REQUIRE(text("state") == "ESTABLISHED");
    REQUIRE(text("transition") == "SYN_RECV -> ESTABLISHED");
    REQUIRE(text("held") == "1.204");
    REQUIRE(text("age") == "100");
    REQUIRE(text("told") == "event");
    REQUIRE(text("ending") == "-");
    step.from.reset();
    step.held.reset();
    step.by_list = true;
    REQUIRE(text("transition") == "? -> ESTABLISHED");
    REQUIRE(text("held") == "-");
    REQUIRE(text("told") == "list");
    step.kind = TransitionKind::created;
    REQUIRE(text("transition") == "-> ESTABLISHED");
    step.kind = TransitionKind::ended;
    step.from = 3;
    step.ending = Ending::no_reply;
    REQUIRE(text("transition") == "ESTABLISHED -> no_reply");
    REQUIRE(text("ending") == "no_reply");
    step.flow = MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2").status(status::seen_reply);
    step.kind = TransitionKind::changed;
    REQUIRE(text("state") == "REPLIED"); // blank only in netstat-nat's listing
    step = Transition{};
    step.kind = TransitionKind::lost; // a gap is of no flow
    step.lost = 17;
    for (const Column& each : columns()) {
        INFO(each.name);
        const std::string cell = to_text(each.get(Row(step, Extras{}, full.around)));
        REQUIRE(cell == (each.name == "event"  ? "lost"
                         : each.name == "lost" ? "17"
                         : each.name == "told" ? "event"
                                               : "-"));
    }
}

TEST_CASE("one counter alone makes no sum", "[column]") {
    REQUIRE(is_absent(scene(MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2").up(1, 1)).get("bytes")));
    REQUIRE(
        is_absent(scene(MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2").down(1, 1)).get("packets")));
}

TEST_CASE("each NAT shape shows its gateway and destination", "[column]") {
    const Scene snat = scene(MakeFlow("udp", "198.51.100.7:1", "203.0.113.10:53")
                                 .reply("203.0.113.10:53", "192.0.2.1:9"));
    REQUIRE(snat.text("kind") == "snat");
    REQUIRE(snat.text("gateway") == "192.0.2.1:9");
    REQUIRE(snat.text("destination") == "203.0.113.10:53");
    const Scene dnat = scene(MakeFlow("tcp", "203.0.113.10:9", "192.0.2.1:8080")
                                 .reply("198.51.100.7:80", "203.0.113.10:9"));
    REQUIRE(dnat.text("kind") == "dnat");
    REQUIRE(dnat.text("gateway") == "192.0.2.1:8080");
    REQUIRE(dnat.text("destination") == "198.51.100.7:80");
    const Scene none = scene(MakeFlow("tcp", "198.51.100.7:1", "203.0.113.10:2"));
    for (const auto* name : {"gateway", "gate", "gport", "kind"})
        REQUIRE(is_absent(none.get(name)));
    REQUIRE(none.text("destination") == "203.0.113.10:2");
}

TEST_CASE("an ICMP flow has its id at the source and none at the destination", "[column]") {
    const Scene ping = scene(MakeFlow("icmp", "198.51.100.7", "203.0.113.10").echo(7));
    REQUIRE(ping.text("sport") == "7");
    REQUIRE(is_absent(ping.get("dport")));
    REQUIRE(ping.text("destination") == "203.0.113.10");
}

TEST_CASE("state is the protocol's, or what the flags say in its place", "[column]") {
    const auto state = [](const Flow& flow) { return scene(flow).text("state"); };
    const MakeFlow udp("udp", "192.0.2.1:1", "192.0.2.2:2");
    REQUIRE(state(udp) == "-");
    REQUIRE(state(MakeFlow(udp).status(status::confirmed)) == "UNREPLIED");
    REQUIRE(state(MakeFlow(udp).status(status::seen_reply)).empty());
    REQUIRE(state(MakeFlow(udp).status(status::seen_reply | status::assured)) == "ASSURED");
    const MakeFlow tcp("tcp", "192.0.2.1:1", "192.0.2.2:2");
    REQUIRE(state(MakeFlow(tcp).status(0)) == "-");
    REQUIRE(state(MakeFlow(tcp).state("LAST_ACK").status(0)) == "LAST_ACK");
    REQUIRE(state(MakeFlow("sctp", "192.0.2.1:1", "192.0.2.2:2").state("COOKIE_WAIT")) ==
            "COOKIE_WAIT");
    Flow odd = MakeFlow(tcp).state("NONE");
    odd.state = 40;
    REQUIRE(state(odd) == "-");
}

TEST_CASE("a flow that is not NATed is local, routed, or not known", "[column]") {
    const MakeFlow flow("tcp", "198.51.100.7:1", "203.0.113.10:2");
    REQUIRE_FALSE(scene(flow).row().kind());
    REQUIRE(kind_of(flow, {}) == "routed");
    REQUIRE(kind_of(flow, {"198.51.100.7"}) == "local");
    REQUIRE(kind_of(flow, {"203.0.113.10"}) == "local");
    REQUIRE(kind_of(flow, {"192.0.2.1", "2001:db8::1"}) == "routed");
    REQUIRE(kind_of(MakeFlow("tcp", "127.0.0.2:1", "127.0.0.53:2"), {}) == "local");
    REQUIRE(kind_of(MakeFlow("tcp", "[2001:db8::1]:1", "[2001:db8::2]:2"), {"2001:db8::2"}) ==
            "local");
    REQUIRE(kind_of(Flow{}, {"198.51.100.7"}).empty());
}

TEST_CASE("a flow without a reply tuple may be NATed: its kind is not known", "[column]") {
    REQUIRE(kind_of(MakeFlow("tcp", "198.51.100.7:1", "203.0.113.10:2").no_reply(), {}).empty());
}

TEST_CASE("NAT goes before local", "[column]") {
    REQUIRE(
        kind_of(
            MakeFlow("tcp", "192.0.2.1:1", "203.0.113.10:2").reply("203.0.113.10:2", "192.0.2.1:3"),
            {"192.0.2.1"}) == "snat");
}

TEST_CASE("idle is the configured timeout less what is left", "[column]") {
    const MakeFlow udp = MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2").status(0).start_ms(980'000);
    REQUIRE(idle(MakeFlow(udp).timeout(12), seconds{30}) == "18");
    REQUIRE(idle(MakeFlow(udp).timeout(30), seconds{30}) == "0");
    REQUIRE(idle(MakeFlow(udp).timeout(31), seconds{30}) == "-");
    REQUIRE(idle(MakeFlow(udp).timeout(12), std::nullopt) == "-");
    REQUIRE(idle(udp, seconds{30}) == "-");
    REQUIRE(idle(MakeFlow(udp).status(status::fixed_timeout).timeout(12), seconds{30}) == "-");
}

TEST_CASE("no flow is idle for longer than it is known to be there", "[column]") {
    // Of a policy or of `conntrack -I -t`: five days were configured, an hour was given.
    Scene at = scene(MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2").state("ESTABLISHED").status(6));
    at.flow.timeout = 3594;
    at.flow.set(Part::timeout);
    at.around.now = Time{} + seconds{1'000'000};
    at.around.timeouts.emplace().set(protocol::tcp, 3, seconds{432'000});
    REQUIRE(at.text("idle") == "-"); // nobody knows how old it is
    at.flow.set(Part::start);
    at.flow.start_ms = 990'000'000;
    REQUIRE(at.text("idle") == "-");
    at.flow.start_ms = 500'000'000;
    REQUIRE(at.text("idle") == "428406");
    at.flow.clear(Part::start);
    Life life;
    life.seen = life.timeout_at = Time{} + seconds{999'990};
    const auto idle_since = [&](std::uint32_t left) {
        at.flow.timeout = left;
        return to_text(column("idle").get(Row(at.flow, life, at.extras, at.around)));
    };
    REQUIRE(idle_since(432'000) == "10"); // told 10 seconds ago
    REQUIRE(idle_since(431'000) == "-");
}

TEST_CASE("a timeout that TCP may have shortened tells nothing, whatever the age", "[column]") {
    Scene at = scene(MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2").state("ESTABLISHED").status(6));
    at.flow.set(Part::timeout);
    at.flow.set(Part::start);
    at.around.now = Time{} + seconds{1'000'000};
    Timeouts& timeouts = at.around.timeouts.emplace();
    timeouts.set(protocol::tcp, 3, seconds{432'000});
    timeouts.set_shortened(protocol::tcp, seconds{300});
    at.flow.timeout = 290;
    REQUIRE(at.text("idle") == "-");
    at.flow.timeout = 301;
    REQUIRE(at.text("idle") == "431699");
}

TEST_CASE("age needs a start and a time to measure against", "[column]") {
    Scene at = scene(MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2").start_ms(5'000));
    REQUIRE(at.text("age") == "-");
    at.around.now = Time{} + seconds{65};
    REQUIRE(at.text("age") == "60");
    at.around.now = Time{} + seconds{1}; // clocks go back
    REQUIRE(at.text("age") == "0");
}

TEST_CASE("columns and fields have names of their own", "[column]") {
    std::set<std::string_view> names, fields;
    for (const Column& each : columns()) {
        REQUIRE(names.insert(each.name).second);
        REQUIRE_FALSE((each.title.empty() || each.help.empty()));
        REQUIRE(find_column(each.name) == &each);
        for (const std::string_view field : each.fields)
            REQUIRE((field.empty() || fields.insert(field).second));
    }
    REQUIRE(column_names().size() == columns().size());
}

TEST_CASE("kinds that are several numbers have fields, the others have none", "[column]") {
    for (const Column& each : columns()) {
        INFO(each.name);
        const auto count = std::count_if(each.fields.begin(), each.fields.end(),
                                         [](auto f) { return !f.empty(); });
        REQUIRE(count == (each.kind == Kind::endpoint ? 2 : each.kind == Kind::tuple ? 4 : 0));
    }
}

TEST_CASE("what is shown in full has no field twice", "[column]") {
    for (const Full view : {Full::listing, Full::steps}) {
        std::set<std::string_view> fields;
        for (const Column& each : columns()) {
            if (each.in_full != view && each.in_full != Full::both)
                continue;
            if (each.fields[0].empty())
                REQUIRE(fields.insert(each.name).second);
            for (const std::string_view field : each.fields)
                REQUIRE((field.empty() || fields.insert(field).second));
        }
    }
}

TEST_CASE("netstat-nat's old words are columns", "[column]") {
    REQUIRE(find_column("src-port") == &column("sport"));
    REQUIRE(find_column("dst-port") == &column("dport"));
    for (const auto* word : {"src", "dst", "state"})
        REQUIRE(find_column(word) != nullptr);
    REQUIRE(find_column("") == nullptr);
    REQUIRE(find_column("Source") == nullptr);
}

TEST_CASE("kind names are read back", "[column]") {
    for (const FlowKind kind :
         {FlowKind::snat, FlowKind::dnat, FlowKind::both, FlowKind::local, FlowKind::routed})
        REQUIRE(parse_flow_kind(flow_kind_name(kind)) == kind);
    REQUIRE_FALSE(parse_flow_kind("SNAT"));
}
