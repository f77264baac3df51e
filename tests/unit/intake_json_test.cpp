// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// natstat's own JSON as a source: what a line was written from, and what is wrong with one that
// natstat did not write. That a whole log reads back as it was is tests/golden (log_again).
#include "natstat/intake/text_source.hpp"
#include "natstat/model/nat.hpp"
#include "natstat/model/protocol.hpp"
#include "tests/catch.hpp"

#include <sys/mman.h>
#include <unistd.h>

using namespace natstat;
using namespace std::chrono_literals;

namespace {

/// The one event of a line.
Event event_of(std::string_view line, Batch& batch) {
    JsonLines reader;
    INFO(line);
    CHECK(reader.take(line, batch) == "");
    REQUIRE(batch.events.size() == 1);
    return batch.events.front();
}

Event event_of(std::string_view line) {
    Batch batch;
    return event_of(line, batch);
}

std::string wrong_with(std::string_view line) {
    JsonLines reader;
    Batch batch;
    std::string wrong = reader.take(line, batch);
    CHECK(batch.events.empty());
    return wrong;
}

std::string tuple_text(const Flow& flow, Direction direction) {
    const Tuple tuple = flow.tuple(direction);
    return to_text(tuple.source) + " " + to_text(tuple.destination);
}

/// A flow with these fields before its ends.
std::string line_with(std::string_view fields) {
    return "{" + std::string(fields) +
           R"("proto":"tcp","family":"ipv4","kind":"snat","src":"192.0.2.10","sport":40001,)"
           R"("gate":"198.51.100.1","gport":50001,"dst":"203.0.113.10","dport":443})";
}

struct Outcome {
    Batch batch;
    std::string failure;
};

Outcome read_all(std::string_view text) {
    const int descriptor = ::memfd_create("natstat-test", MFD_CLOEXEC);
    REQUIRE(::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    REQUIRE(::lseek(descriptor, 0, SEEK_SET) == 0);
    TextSource source(descriptor, "test", {}, TextFormat::json);
    Outcome outcome;
    try {
        while (source.read(outcome.batch) != Progress::ended)
            continue;
    } catch (const Failure& failure) {
        outcome.failure = failure.what();
    }
    return outcome;
}

} // namespace

TEST_CASE("a step reads back with all that its line says", "[json]") {
    Batch batch;
    const Event event = event_of(
        line_with(
            R"("time":"2026-11-22T10:00:10.25Z","event":"ended","state":"TIME_WAIT",)"
            R"("was":"TIME_WAIT","ending":"closed","told":"list","status":["assured",)"
            R"("src_nat","dying"],"age":10,"held":4.5,"packets_up":6,"packets_down":5,)"
            R"("bytes_up":700,"bytes_down":4200,"mark":16,"zone":7,"id":4294967295,)"
            R"("helper":"ftp","labels":"0x8000000000000012","secctx":null,"news":[{"a":1}],)"),
        batch);
    CHECK(event.kind == EventKind::destroyed);
    CHECK(event.time == *parse_utc_moment("2026-11-22T10:00:10.25Z"));
    REQUIRE(event.judgement);
    CHECK(event.judgement->by_list);
    CHECK(event.judgement->was == *parse_state(protocol::tcp, "TIME_WAIT"));
    CHECK(event.judgement->ending == Ending::closed);
    CHECK(event.judgement->held == std::chrono::nanoseconds{4500ms});
    const Flow& flow = event.flow;
    CHECK(tuple_text(flow, Direction::original) == "192.0.2.10:40001 203.0.113.10:443");
    CHECK(tuple_text(flow, Direction::reply) == "203.0.113.10:443 198.51.100.1:50001");
    CHECK(state_name(flow.protocol, flow.state) == "TIME_WAIT");
    CHECK(flow.status == (status::seen_reply | status::assured | status::src_nat | status::dying));
    CHECK(flow.packets_up == 6);
    CHECK(flow.packets_down == 5);
    CHECK(flow.bytes_up == 700);
    CHECK(flow.bytes_down == 4200);
    CHECK(flow.mark == 16);
    CHECK(flow.zone == 7);
    CHECK(flow.id == 4294967295U);
    CHECK(flow.start_ms == 1795341600250U); // ten seconds before
    CHECK_FALSE(flow.has(Part::timeout));
    const Extras& extras = batch.extras[flow.extras];
    CHECK(extras.helper == "ftp");
    CHECK(extras.secctx.empty());
    CHECK(extras.labels == std::array<std::uint8_t, 16>{0x12, 0, 0, 0, 0, 0, 0, 0x80});
}

TEST_CASE("the tuples follow from source, NAT side and destination", "[json]") {
    const auto tuples = [](std::string_view kind, std::string_view more) {
        const Flow flow =
            event_of(R"({"proto":"udp","family":"ipv6","kind":)" + std::string(kind) +
                     R"(,"src":"2001:db8::1","sport":1,"dst":"2001:db8::2","dport":2,)" +
                     std::string(more) + "}")
                .flow;
        return tuple_text(flow, Direction::original) + " | " + tuple_text(flow, Direction::reply);
    };
    const std::string gate = R"("gate":"2001:db8::9","gport":9)";
    CHECK(tuples(R"("snat")", gate) ==
          "[2001:db8::1]:1 [2001:db8::2]:2 | [2001:db8::2]:2 [2001:db8::9]:9");
    CHECK(tuples(R"("dnat")", gate) ==
          "[2001:db8::1]:1 [2001:db8::9]:9 | [2001:db8::2]:2 [2001:db8::1]:1");
    CHECK(tuples(R"("both")", gate) == "[2001:db8::1]:1 [::]:2 | [2001:db8::2]:2 [2001:db8::9]:9");
    CHECK(tuples(R"("routed")", R"("gate":null)") ==
          "[2001:db8::1]:1 [2001:db8::2]:2 | [2001:db8::2]:2 [2001:db8::1]:1");
    CHECK(tuples(R"("both")", gate + R"(,"original_src":"2001:db8::1","original_sport":1,)"
                                     R"("original_dst":"2001:db8::8","original_dport":8,)"
                                     R"("reply_src":"2001:db8::2","reply_sport":2,)"
                                     R"("reply_dst":"2001:db8::9","reply_dport":9)") ==
          "[2001:db8::1]:1 [2001:db8::8]:8 | [2001:db8::2]:2 [2001:db8::9]:9");
}

TEST_CASE("local and routed are what the line says", "[json]") {
    const auto reach = [](std::string_view kind) {
        return event_of(R"({"proto":"icmp","family":"ipv4","kind":)" + std::string(kind) +
                        R"(,"src":"192.0.2.1","sport":7,"dst":"192.0.2.2","dport":null})")
            .flow.reach;
    };
    CHECK(reach(R"("local")") == Reach::local);
    CHECK(reach(R"("routed")") == Reach::routed);
    CHECK(reach("null") == Reach::unknown);
}

TEST_CASE("zones are those of the directions, where a line tells them", "[json]") {
    const auto zones = [](std::string_view fields) {
        const Flow flow = event_of(line_with(fields)).flow;
        return std::to_string(flow.zone_of(Direction::original)) + " " +
               std::to_string(flow.zone_of(Direction::reply));
    };
    CHECK(zones(R"("zone":5,"zone_orig":5,"zone_reply":null,)") == "5 0");
    CHECK(zones(R"("zone":5,"zone_orig":null,"zone_reply":5,)") == "0 5");
    CHECK(zones(R"("zone":5,"zone_orig":5,"zone_reply":5,)") == "5 5");
    CHECK(zones(R"("zone":5,)") == "5 5");
    CHECK(zones(R"("zone":0,)") == "0 0");
}

TEST_CASE("type and code of ICMP keep flows with one id apart", "[json]") {
    const auto flow = [](std::string_view fields) {
        return event_of(R"({"proto":"icmp","family":"ipv4","kind":"routed","src":"192.0.2.1",)"
                        R"("sport":7,"dst":"192.0.2.2","dport":null)" +
                        std::string(fields) + "}")
            .flow;
    };
    const Flow echo = flow(R"(,"icmp_type":8,"icmp_code":0)");
    const Flow stamp = flow(R"(,"icmp_type":13,"icmp_code":0)");
    CHECK(echo.icmp(Direction::original) == IcmpKind{8, 0});
    CHECK(echo.icmp(Direction::reply) == IcmpKind{0, 0});
    CHECK(stamp.icmp(Direction::reply) == IcmpKind{14, 0});
    CHECK_FALSE(same_connection(echo, stamp));
    CHECK(nat_of(stamp) == Nat::none);
    CHECK_FALSE(flow(R"(,"icmp_type":8)").icmp(Direction::original));
}

TEST_CASE("a line without the type of ICMP leaves it absent", "[json]") {
    const Flow flow =
        event_of(R"({"proto":"icmp","family":"ipv4","kind":"routed","src":"192.0.2.1","sport":7,)"
                 R"("dst":"192.0.2.2","dport":null})")
            .flow;
    CHECK(tuple_text(flow, Direction::original) == "192.0.2.1:7 192.0.2.2");
    CHECK_FALSE(flow.icmp(Direction::original));
}

TEST_CASE("what is absent or null stays absent", "[json]") {
    const Event event =
        event_of(R"({"proto":"253","family":"ipv4","kind":null,"src":"192.0.2.1","sport":null,)"
                 R"("dst":"192.0.2.2","status":null,"packets_up":1,"bytes_up":null,"mark":null,)"
                 R"("zone":0})"); // the default zone
    CHECK(event.kind == EventKind::listed);
    CHECK_FALSE(event.judgement);
    CHECK(event.flow.parts ==
          (static_cast<unsigned>(Part::original) | static_cast<unsigned>(Part::reply)));
    CHECK(nat_of(event.flow) == Nat::none);
}

TEST_CASE("a gap says how many events are missing, or not", "[json]") {
    const Event event = event_of(R"({"time":"2026-11-22T10:00:00Z","event":"lost","lost":31})");
    CHECK(event.kind == EventKind::lost);
    CHECK(event.count == 31);
    CHECK(event_of(R"({"time":"2026-11-22T10:00:00Z","event":"lost","lost":null})").count == 0);
}

TEST_CASE("what stands between the flows of a log", "[json][log]") {
    Batch batch;
    const Event start = event_of(
        R"({"time":"2026-11-22T10:00:00Z","event":"started","filter":"--snat tcp"})", batch);
    CHECK(start.kind == EventKind::started);
    CHECK(batch.extras[start.flow.extras].selection == "--snat tcp");
    const Event whole = event_of(R"({"time":"2026-11-22T10:00:02Z","event":"whole",)"
                                 R"("run":"2026-11-22T10:00:00Z"})");
    CHECK(whole.kind == EventKind::list_end);
    CHECK(whole.judgement);
    CHECK(whole.run == start.time);
    CHECK(event_of(R"({"time":"2026-11-22T10:00:03Z","event":"stopped","run":null})").kind ==
          EventKind::stopped);
    CHECK(wrong_with(R"({"event":"started"})") == "a step has a 'time'");
    CHECK_FALSE(wrong_with(R"({"time":"2026-11-22T10:00:03Z","event":"whole","run":1})").empty());
    const Event listed =
        event_of(line_with(R"("time":"2026-11-22T10:00:02Z","event":"listed","told":"list",)"));
    CHECK(listed.kind == EventKind::listed);
    CHECK(listed.judgement);
}

TEST_CASE("who was killed within a line has the next one begin behind it", "[json][log]") {
    const std::string flow =
        line_with(R"("time":"2026-11-22T10:00:02Z","event":"created",)") + "\n";
    const Outcome outcome = read_all(flow + flow.substr(0, 60) +
                                     R"({"time":"2026-11-22T10:00:09Z","event":"started"})" + "\n");
    REQUIRE(outcome.failure.empty());
    CHECK(outcome.batch.odd == 1);
    REQUIRE(outcome.batch.events.size() == 3);
    CHECK(outcome.batch.events[1].kind == EventKind::lost);
    CHECK(outcome.batch.events[2].kind == EventKind::started);
    const Outcome first = read_all(flow.substr(0, 60) + flow + flow);
    CHECK(first.failure.empty());
    CHECK(first.batch.odd == 1);
    CHECK(first.batch.events.size() == 2);
}

TEST_CASE("a protocol without states has its labels", "[json]") {
    const auto was = [](std::string_view label) {
        return event_of(R"({"proto":"udp","family":"ipv4","kind":"routed","src":"192.0.2.1",)"
                        R"("dst":"192.0.2.2","time":"2026-11-22T10:00:00Z","event":"changed",)"
                        R"("was":")" +
                        std::string(label) + R"("})")
            .judgement->was;
    };
    CHECK(was("UNREPLIED") == stateless::unreplied);
    CHECK(was("REPLIED") == stateless::replied);
    CHECK(was("ASSURED") == stateless::assured);
}

TEST_CASE("a line that natstat does not write is refused with a reason", "[json]") {
    const struct {
        std::string line;
        std::string_view reason;
    } cases[] = {
        {"{", "character 2"},
        {"[1]", "no object"},
        {"7", "no object"},
        {R"("text")", "no object"},
        {"null", "no object"},
        {"{} {}", "character"},
        {R"({"src":"192.0.2.1"})", "'proto'"},
        {line_with(R"("sport":65536,)"), "'sport'"},
        {line_with(R"("sport":-1,)"), "'sport'"},
        {line_with(R"("sport":"80",)"), "'sport'"},
        {line_with(R"("mark":4294967296,)"), "'mark'"},
        {line_with(R"("mark":1.5,)"), "'mark'"},
        {line_with(R"("src":"192.0.2.256",)"), "'src'"},
        {line_with(R"("status":"assured",)"), "'status'"},
        {line_with(R"("status":["assured","odd"],)"), "'status'"},
        {line_with(R"("status":[["assured"]],)"), "'status'"},
        {line_with(R"("status":[null],)"), "'status'"},
        {line_with(R"("state":"UNREPLIED",)"), "'state'"},
        {R"({"proto":"tcp","family":"ipv4","kind":"SNAT","src":"192.0.2.1","dst":"192.0.2.2"})",
         "'kind'"},
        {line_with(R"("labels":"0x",)"), "'labels'"},
        {line_with(R"("labels":"0x123456789012345678901234567890123",)"), "'labels'"},
        {line_with(R"("held":-1,)"), "'held'"},
        {line_with(R"("held":1e300,)"), "'held'"},
        {line_with(R"("event":"created",)"), "'time'"},
        {line_with(R"("time":"2026-11-22T10:00:00Z","event":"began",)"), "'event'"},
        {line_with(R"("time":"2026-11-22","event":"created",)"), "'time'"},
        {line_with(R"("time":"2026-11-22T10:00:00Z","event":"ended","was":"x",)"), "'was'"},
        {line_with(R"("time":"2026-11-22T10:00:00Z","event":"ended","ending":"x",)"), "'ending'"},
        {line_with("\"helper\":\"\xFF\","), "encoding"},
        {line_with(R"("new":)" + std::string(20, '[') + std::string(20, ']') + ","), "no object"},
        {R"({"proto":"tcp","family":"ipv4","kind":"snat","src":"192.0.2.1","dst":"2001:db8::1"})",
         "'kind'"},
        {R"({"proto":"tcp","family":"ipv4","kind":"snat","src":"192.0.2.1","dst":"192.0.2.2"})",
         "'gate'"},
    };
    for (const auto& [line, reason] : cases) {
        INFO(line);
        CHECK(wrong_with(line).find(std::string(reason)) != std::string::npos);
    }
    CHECK(wrong_with(std::string("{\0}", 3)) == "it is binary data");
}

TEST_CASE("an array's brackets and commas are passed over", "[json]") {
    const std::string flow = line_with("");
    for (const std::string& text : {"[\n" + flow + ",\n" + flow + "\n]\n",
                                    "[" + flow + ",\r\n " + flow + "]", flow + "\n\n" + flow}) {
        const Outcome outcome = read_all(text);
        INFO(text);
        CHECK(outcome.failure.empty());
        REQUIRE(outcome.batch.events.size() == 3);
        CHECK(outcome.batch.events[1].kind == EventKind::listed);
        CHECK(outcome.batch.events[2].kind == EventKind::list_end);
        CHECK(outcome.batch.events[2].whole);
    }
    const Batch none = read_all("[]\n").batch; // an empty list is a list
    REQUIRE(none.events.size() == 1);
    CHECK(none.events.front().kind == EventKind::list_end);
    CHECK(read_all("").failure.empty());
}

TEST_CASE("a broken first line is an error, a later one a gap, the last one was cut off",
          "[json]") {
    const std::string flow = line_with("") + "\n";
    const std::string failure = read_all("\n{\"proto\":\n" + flow).failure;
    CHECK(failure.starts_with("cannot read test: line 2 is not natstat's JSON: "));
    const Outcome gap = read_all(flow + "{\"proto\":\n" + flow);
    CHECK(gap.failure.empty());
    CHECK(gap.batch.odd == 1);
    REQUIRE(gap.batch.events.size() == 4);
    CHECK(gap.batch.events[1].kind == EventKind::lost);
    CHECK(gap.batch.events[2].kind == EventKind::listed);
    CHECK_FALSE(gap.batch.events[3].whole);
    const Outcome cut = read_all(flow + flow.substr(0, 50));
    CHECK(cut.failure.empty());
    CHECK(cut.batch.odd == 1);
    CHECK(cut.batch.events.size() == 2);
    CHECK(read_all(flow.substr(0, 50)).failure.find("line 1 is not") != std::string::npos);
    const Outcome longest =
        read_all(flow + R"({"x":")" + std::string(200'000, 'a') + "\"}\n" + flow);
    CHECK(longest.failure.empty());
    CHECK(longest.batch.odd == 1);
}

TEST_CASE("a line that is too long is refused alike, wherever its pieces end", "[json]") {
    // Pieces of it would look like an array, an open object, and none of them.
    for (const char filling : {'[', '{', ',', 'a'}) {
        const std::string failure = read_all("{" + std::string(200'000, filling) + "\n").failure;
        CHECK(failure ==
              "cannot read test: line 1 is not natstat's JSON: longer than any line may be");
    }
    CHECK(read_all("{[,\n").failure.ends_with("jq -c . of objects)"));
}

TEST_CASE("moments of UTC", "[json]") {
    CHECK(parse_utc_moment("1970-01-01T00:00:01Z") == Time{1s});
    CHECK(parse_utc_moment("1970-01-01T00:00:01.5Z") == Time{1500ms});
    CHECK(parse_utc_moment("1970-01-01T00:00:00.000000001Z") == Time{1ns});
    CHECK(parse_utc_moment("2024-02-29T23:59:59.999999Z"));
    for (const char* text :
         {"", "Z", "2026-11-22", "2026-11-22T10:00:00", "2026-11-22 10:00:00Z",
          "2023-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z",
          "2026-11-22T10:60:00Z", "2026-11-22T10:00:60Z", "2026-11-22T10:00:00.Z",
          "2026-11-22T10:00:00.0000000001Z", "2026-11-22T10:00:00+00Z", "1969-12-31T23:59:59Z",
          "2262-01-01T00:00:00Z", "2026-11-22T 1:00:00Z", "2026-11-22T10:00:00.-1Z"}) {
        INFO(text);
        CHECK_FALSE(parse_utc_moment(text));
    }
}

TEST_CASE("what is escaped in a line is read as it was", "[json]") {
    Batch batch;
    const Event event = event_of(
        line_with(
            R"("workload":"caf\u00e9\\x1b[m\\x5c","helper":"\\xff","secctx":"a\\x","filter":"b",)"),
        batch);
    const Extras& extras = batch.extras[event.flow.extras];
    CHECK(*extras.known_of(Extras::Known::workload) == "café\x1b[m\\");
    CHECK(extras.helper == "\xff");
    CHECK(extras.secctx == "a\\x"); // of no natstat's
}

TEST_CASE("who was at the ends is read as it was known then", "[json]") {
    using Known = Extras::Known;
    Batch batch;
    const Event event = event_of(
        line_with(
            R"("workload":"shop/api","process":"python3","pid":4242,"service":"S3",)"
            R"("region":"eu-west-1","src_net":"office","dst_net":"mirror","owner":"EXAMPLE-AS",)"
            R"("asn":64496,"country":"ZZ",)"),
        batch);
    const Extras& extras = batch.extras[event.flow.extras];
    const std::pair<Known, const char*> all[] = {{Known::workload, "shop/api"},
                                                 {Known::process, "python3"},
                                                 {Known::process_id, "4242"},
                                                 {Known::service, "S3"},
                                                 {Known::region, "eu-west-1"},
                                                 {Known::source_network, "office"},
                                                 {Known::destination_network, "mirror"},
                                                 {Known::owner, "EXAMPLE-AS"},
                                                 {Known::as_number, "64496"},
                                                 {Known::country, "ZZ"}};
    CHECK(extras.known.size() == std::size(all));
    for (const auto& [what, text] : all) {
        INFO(text);
        REQUIRE(extras.known_of(what) != nullptr);
        CHECK(*extras.known_of(what) == text);
    }

    batch.clear();
    const Event silent = event_of(line_with(R"("workload":null,"asn":null,)"), batch);
    CHECK(batch.extras[silent.flow.extras].known.empty());
    CHECK(wrong_with(line_with(R"("asn":"64496",)")) == "'asn' has a value that it never has");
    CHECK(wrong_with(line_with(R"("workload":7,)")) == "'workload' has a value that it never has");
}
