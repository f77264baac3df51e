// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which flows a file says were there at a moment, to the nanosecond.
#include "natstat/gather/past.hpp"

#include "make_flow.hpp"
#include "tracked.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <array>
#include <tuple>

using namespace natstat;
using namespace natstat::test;
using namespace std::chrono_literals;

namespace {

/// A file that tells this.
class Script final : public Source {
  public:
    explicit Script(std::vector<Event> events) : events_(std::move(events)) {}
    [[nodiscard]] int fd() const override { return -1; }
    Progress read(Batch& batch) override {
        batch.events = std::move(events_);
        return Progress::ended;
    }
    void request_list(const ListQuery& /*query*/) override {}

  private:
    std::vector<Event> events_;
};

struct At {
    std::size_t flows = 0;
    bool doubt = false;
    Complaints said{};
};

At there_within(std::vector<Event> events, const Moment& within) {
    Script script(std::move(events));
    Surroundings around;
    At at;
    const ListEnd end = read_file_at(script, within, Question{}, "file", around,
                                     [&](const Row& /*row*/) { ++at.flows; });
    at.said = end.others;
    at.doubt = std::any_of(end.others.begin(), end.others.end(), [](const std::string& said) {
        return said.find("may have been there: beginnings") != std::string::npos;
    });
    return at;
}

At there_at(std::vector<Event> events, Time time) {
    return there_within(std::move(events), {time, time});
}

constexpr Time noon = Time{} + 1'795'000'000s;
constexpr Time began = noon + 5s + 123'456'789ns;

MakeFlow flow_of(const char* host) {
    return {"udp", std::string(host) + ":1000", "198.51.100.1:53"};
}

/// What came before and after, and one event of the flow.
std::vector<Event> in_file(Event event) {
    const Flow other = flow_of("192.0.2.2");
    return {event_of(EventKind::created, other, noon), std::move(event),
            event_of(EventKind::updated, other, noon + 60s)};
}

/// As the decoder and the reader of logs cut it.
MakeFlow started(Time start) {
    return flow_of("192.0.2.1")
        .start_ms(static_cast<std::uint64_t>(
            std::chrono::floor<std::chrono::milliseconds>(start).time_since_epoch().count()));
}

} // namespace

TEST_CASE("a flow is there from the moment that its creation was told", "[past]") {
    Event logged = event_of(EventKind::created, started(began), began); // its age was 0
    logged.judgement.emplace();
    for (const Event& created : {event_of(EventKind::created, flow_of("192.0.2.1"), began),
                                 event_of(EventKind::created, started(began), began), logged}) {
        CHECK(there_at(in_file(created), began).flows == 2);
        for (const std::chrono::nanoseconds before : {1ns, 1000ns, 450000ns, 1000000ns}) {
            const At at = there_at(in_file(created), began - before);
            CHECK(at.flows == 1);
            CHECK_FALSE(at.doubt);
        }
    }
}

TEST_CASE("an event that was read late tells of a flow that was there before", "[past]") {
    const auto late = in_file(event_of(EventKind::created, started(began), began + 2s));
    CHECK(there_at(late, began + 1ms).flows == 2);
    CHECK(there_at(late, began - 1ms).flows == 1);
}

TEST_CASE("of a beginning in the same millisecond nobody can tell", "[past]") {
    const auto listed = in_file(event_of(EventKind::updated, started(began), began + 9s));
    CHECK(there_at(listed, began + 1ms).flows == 2);
    for (const auto& [time, doubt] :
         {std::pair{began, true}, {began - 400us, true}, {began - 1ms, false}}) {
        const At at = there_at(listed, time);
        CHECK(at.flows == 1);
        CHECK(at.doubt == doubt);
    }
}

TEST_CASE("an age of a log is told in whole seconds", "[past]") {
    Event changed = event_of(EventKind::updated, started(began + 700ms), began + 9s + 700ms);
    changed.judgement.emplace(); // nine seconds and something
    const auto log = in_file(changed);
    CHECK(there_at(log, began + 701ms).flows == 2);
    CHECK(there_at(log, began + 1ms).doubt);
    CHECK_FALSE(there_at(log, began - 301ms).doubt);
    changed.judgement->held = 9s + 600ms;
    CHECK(there_at(in_file(changed), began + 100ms).flows == 2);
}

TEST_CASE("a text tells starts in whole seconds", "[past]") {
    const auto text = in_file(event_of(EventKind::updated, started(noon + 5s), noon + 20s));
    CHECK(there_at(text, noon + 6s).flows == 2);
    CHECK(there_at(text, noon + 5s + 500ms).doubt);
    CHECK(there_at(text, noon + 5s - 1ns).flows == 1);
}

TEST_CASE("of a longer time all flows are there that lived in it", "[past]") {
    const auto lived = [](const char* host, Time from, Time to) {
        return std::array{event_of(EventKind::created, flow_of(host), from),
                          event_of(EventKind::destroyed, flow_of(host), to)};
    };
    const auto first = lived("192.0.2.1", noon, noon + 10s);
    const auto second = lived("192.0.2.2", noon + 5s, noon + 15s);
    const auto third = lived("192.0.2.3", noon + 20s, noon + 30s);
    const std::vector<Event> file{first[0], second[0], first[1], second[1], third[0], third[1]};
    for (const auto& [from, to, flows] :
         {std::tuple{noon, noon + 4s, 1U}, std::tuple{noon + 4s, noon + 6s, 2U},
          std::tuple{noon + 10s, noon + 20s, 3U}, std::tuple{noon + 10s + 1ns, noon + 19s, 1U},
          std::tuple{no_beginning, noon, 1U}, std::tuple{noon + 15s, no_end, 2U},
          std::tuple{no_beginning, no_end, 3U}}) {
        const At at = there_within(file, {from, to});
        CHECK(at.flows == flows);
        for (const std::string& said : at.said)
            CHECK(said.find("within the time asked for") == std::string::npos);
    }
    const At longer = there_within(file, {noon - 1s, noon + 31s});
    CHECK(longer.said.size() >= 2); // the file is shorter
    CHECK_THROWS_WITH(there_within(file, {noon + 31s, no_end}), Catch::Contains(" on: file holds"));
    CHECK_THROWS_WITH(there_within(file, {no_beginning, noon - 1ns}), Catch::Contains("was until"));
}
