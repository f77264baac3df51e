// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the log has written, read back as the events that it was told.
#include "log_steps.hpp"
#include "natstat/log/reader.hpp"
#include "tests/catch.hpp"

#include <poll.h>

using namespace natstat;
using namespace std::chrono_literals;
using log::Step;
using test::Log;
using test::MakeFlow;
using test::noon;
using test::snat;
using test::step;

namespace {

using Events = std::vector<Event>;

Events all_of(Source& source) {
    Events events;
    Batch batch;
    Progress progress = Progress::more;
    while (progress != Progress::ended) {
        pollfd wanted{source.fd(), POLLIN, 0};
        REQUIRE(poll(&wanted, 1, 0) == 1);
        progress = source.read(batch);
        events.insert(events.end(), batch.events.begin(), batch.events.end());
        batch.clear();
    }
    return events;
}

Events read(const test::Directory& directory,
            const std::optional<log::Window>& window = std::nullopt,
            const ListQuery& query = {ListCondition{}}) {
    const auto source = log::open_directory(directory.path(), window);
    source->request_list(query);
    return all_of(*source);
}

log::Window at(Time time) {
    return {time, time + 1s - 1ns};
}

ListQuery of_port(std::uint16_t port) {
    ListCondition snat;
    snat.status_mask = snat.status_value = status::src_nat;
    snat.reply.destination = test::address("198.51.100.1");
    snat.reply.destination_port = port;
    ListCondition dnat;
    dnat.status_mask = dnat.status_value = status::dst_nat;
    dnat.original.destination = snat.reply.destination;
    dnat.original.destination_port = port;
    return {snat, dnat};
}

/// "0 created 18927|5 destroyed 18927": seconds after noon, kinds and NAT ports.
std::string told(const Events& events) {
    std::string text;
    for (const Event& event : events) {
        const auto seconds = std::chrono::floor<std::chrono::seconds>(event.time - noon).count();
        constexpr std::string_view kinds[] = {"created", "updated",   "destroyed", "list_begin",
                                              "listed",  "looked_up", "list_end",  "started",
                                              "stopped", "lost"};
        text += (text.empty() ? "" : "|") + std::to_string(seconds) + " " +
                std::string(kinds[static_cast<std::size_t>(event.kind)]);
        if (event.flow.has(Part::original))
            text += " " + std::to_string(*event.flow.end(gateway_end(nat_of(event.flow))).port);
    }
    return text;
}

} // namespace

TEST_CASE("log: what was told is told again, in its order", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write(
        {step(TransitionKind::started, noon), step(TransitionKind::listed, noon + 1s, snat(7)),
         step(TransitionKind::whole, noon + 1s), step(TransitionKind::created, noon + 2s, snat()),
         step(TransitionKind::created, noon + 3s, snat(8)),
         step(TransitionKind::ended, noon + 4s, snat())});
    log.write({step(TransitionKind::lost, noon + 5s),
               step(TransitionKind::ended, noon + 6s, snat(7)),
               step(TransitionKind::whole, noon + 7s), step(TransitionKind::stopped, noon + 8s)});
    const Events events = read(directory);
    CHECK(told(events) ==
          "0 started|1 listed 7|1 list_end|2 created 18927|3 created 8|4 destroyed 18927|5 lost|"
          "6 destroyed 7|7 list_end|8 stopped|8 looked_up");
    CHECK(events[5].flow.bytes_down == 4000);
    CHECK(events[5].judgement->ending == Ending::closed);
    CHECK(events[2].run == noon);
    CHECK_FALSE(events[3].flow.has(Part::counters_up));
}

TEST_CASE("log: flows come back as they were", "[log]") {
    const test::Directory directory;
    Log log(directory);
    const std::vector<Flow> flows{
        MakeFlow("udp", "[2001:db8:1::5]:5000", "[2001:db8:2::1]:53")
            .reply("[2001:db8:2::1]:53", "[2001:db8::9]:6000")
            .zone(7),
        MakeFlow("tcp", "198.51.100.7:4000", "203.0.113.1:80")
            .reply("192.0.2.80:8080", "198.51.100.7:4000")
            .start_ms(1'700'000'000'123),
        MakeFlow("tcp", "10.0.0.5:4000", "203.0.113.1:80")
            .reply("192.0.2.80:8080", "203.0.113.2:5000"),
        MakeFlow("gre", "10.0.0.5", "203.0.113.10").reply("203.0.113.10", "198.51.100.1")};
    for (const Flow& flow : flows)
        log.write({step(TransitionKind::created, noon, flow)});
    const Events events = read(directory);
    for (const Flow& flow : flows) {
        const auto same = [&](const Event& event) {
            return same_connection(event.flow, flow) &&
                   event.flow.tuple(Direction::reply) == flow.tuple(Direction::reply) &&
                   event.flow.start_ms == flow.start_ms;
        };
        CHECK(std::count_if(events.begin(), events.end(), same) == 1);
    }
}

TEST_CASE("log: of a moment only what was there comes", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write({step(TransitionKind::started, noon), step(TransitionKind::created, noon, snat(1)),
               step(TransitionKind::created, noon + 1s, snat(2)),
               step(TransitionKind::ended, noon + 2s, snat(1)),
               step(TransitionKind::created, noon + 9s, snat(3))});
    CHECK(told(read(directory, at(noon + 5s))) == "0 started|1 created 2|9 looked_up");
    CHECK(told(read(directory, at(noon + 2s))) ==
          "0 started|0 created 1|1 created 2|2 destroyed 1|9 looked_up");
    CHECK(told(read(directory, log::at_the_end)) ==
          "0 started|1 created 2|9 created 3|9 looked_up");
}

TEST_CASE("log: of a port only what had it comes", "[log]") {
    const test::Directory directory;
    Log log(directory);
    const Flow dnat = MakeFlow("tcp", "203.0.113.7:4000", "198.51.100.1:2")
                          .reply("192.0.2.80:8080", "203.0.113.7:4000");
    const Flow both = MakeFlow("tcp", "10.0.0.5:4000", "198.51.100.1:2")
                          .reply("192.0.2.80:8080", "198.51.100.9:5000");
    log.write({step(TransitionKind::created, noon, snat(1)),
               step(TransitionKind::created, noon + 1s, snat(2)),
               step(TransitionKind::created, noon + 2s, dnat),
               step(TransitionKind::created, noon + 3s, both),
               step(TransitionKind::ended, noon + 4s, dnat),
               step(TransitionKind::ended, noon + 5s, snat(1))});
    CHECK(told(read(directory, std::nullopt, of_port(1))) ==
          "0 created 1|5 destroyed 1|5 looked_up");
    CHECK(told(read(directory, std::nullopt, of_port(2))) ==
          "1 created 2|2 created 2|3 created 5000|4 destroyed 2|5 looked_up");
    CHECK(told(read(directory, at(noon + 5s), of_port(2))) ==
          "1 created 2|3 created 5000|5 looked_up");
    CHECK(told(read(directory, std::nullopt, of_port(3))) == "5 looked_up");
}

TEST_CASE("log: days follow each other, and what lives over midnight comes once", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write({step(TransitionKind::started, noon), step(TransitionKind::created, noon, snat(1)),
               step(TransitionKind::created, noon, snat(2))});
    log.write({step(TransitionKind::ended, noon + 24h, snat(1)),
               step(TransitionKind::created, noon + 24h, snat(3))});
    log.write({step(TransitionKind::ended, noon + 48h, snat(2))});
    CHECK(told(read(directory)) ==
          "0 started|0 created 1|0 created 2|43199 looked_up|86400 created 3|86400 destroyed 1|"
          "129599 looked_up|172800 destroyed 2|172800 looked_up");
    CHECK(told(read(directory, at(noon + 1h), of_port(2))) ==
          "0 started|0 created 2|43199 looked_up|129599 looked_up");
    CHECK(told(read(directory, at(noon + 96h), of_port(3))) ==
          "0 started|86400 created 3|129599 looked_up|172800 looked_up");
    CHECK_THROWS_WITH(read(directory, at(noon - 24h)), Catch::Contains("2026-03-03 to 2026-03-05"));
}

TEST_CASE("log: where the clock was set back its times come twice, in their order", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write({step(TransitionKind::started, noon), step(TransitionKind::whole, noon),
               step(TransitionKind::created, noon + 1s, snat(1)),
               step(TransitionKind::created, noon + 1h, snat(2))});
    log.write({step(TransitionKind::created, noon + 30min, snat(3)),
               step(TransitionKind::ended, noon + 31min, snat(2))});
    CHECK(told(read(directory)) ==
          "0 started|0 list_end|1 created 1|3600 created 2|3600 stopped|3600 looked_up|"
          "1800 started|1800 listed 2|1800 listed 1|1800 created 3|1800 list_end|"
          "1860 destroyed 2|1860 looked_up");
    CHECK(told(read(directory, log::at_the_end)) ==
          "0 started|0 list_end|1 created 1|3600 created 2|3600 stopped|3600 looked_up|"
          "1800 started|1800 listed 1|1800 created 3|1800 list_end|1860 looked_up");
}

TEST_CASE("log: of a longer time its days are read, and those beside them", "[log]") {
    const test::Directory directory;
    {
        Log log(directory);
        log.write({step(TransitionKind::started, noon)});
        for (std::uint16_t day = 0; day < 6; ++day) {
            const Time time = noon + day * 24h;
            log.write(
                {step(TransitionKind::created, time, snat(static_cast<std::uint16_t>(day + 1))),
                 step(TransitionKind::ended, time + 1h,
                      snat(static_cast<std::uint16_t>(day + 1)))});
        }
        (*log).settle();
    }
    // Whoever opens it hears that it is damaged.
    directory.write("nat-2026-03-03.db", "this is no database, and long enough to be looked at. "
                                         "this is no database, and long enough to be looked at.");
    const auto remarks = [&](const log::Window& window) {
        const auto source = log::open_directory(directory.path(), window);
        all_of(*source);
        return source->notes().remarks.size();
    };
    CHECK(remarks({noon + 48h, noon + 72h}) == 0);
    CHECK(remarks({noon + 24h, noon + 72h}) == 1);
    CHECK(told(read(directory, log::Window{noon + 48h, noon + 72h})) ==
          "0 started|129599 looked_up|172800 created 3|176400 destroyed 3|215999 looked_up|"
          "259200 created 4|262800 destroyed 4|302399 looked_up|388799 looked_up");
    CHECK(told(read(directory, log::Window{noon + 121h, Time::max()})) ==
          "0 started|388799 looked_up|432000 created 6|435600 destroyed 6|435600 looked_up");
    CHECK_THROWS_WITH(read(directory, log::Window{Time{}, noon - 24h}),
                      Catch::Contains("on 2026-03-02"));
}

TEST_CASE("log: what is damaged is passed over with a word, the rest is read", "[log]") {
    const test::Directory directory;
    {
        Log log(directory);
        log.write({step(TransitionKind::created, noon, snat(1))});
        (*log).settle();
    }
    directory.write("nat-2026-03-02.db", "this is no database, and long enough to be looked at. "
                                         "this is no database, and long enough to be looked at.");
    const auto source = log::open_directory(directory.path(), std::nullopt);
    CHECK(told(all_of(*source)) == "0 created 1|0 looked_up");
    REQUIRE(source->notes().remarks.size() == 1);
    CHECK_THAT(source->notes().remarks[0], Catch::Contains("is damaged"));
    const test::Directory empty;
    CHECK_THROWS_WITH(read(empty), Catch::Contains("natstat --log writes them"));
}

TEST_CASE("log: a hostile file is refused, row by row", "[log]") {
    const test::Directory directory;
    {
        Log log(directory);
        log.write({step(TransitionKind::created, noon, snat(1)),
                   step(TransitionKind::created, noon + 1s, snat(2)),
                   step(TransitionKind::ended, noon + 2s, snat(2))});
        (*log).settle();
    }
    const auto path = directory.path() + "/nat-2026-03-03.db";
    const auto change = GENERATE(
        as<std::string>{}, "UPDATE life SET kind = 0", "UPDATE life SET kind = 'snat'",
        "UPDATE life SET began = -1", "UPDATE life SET sport = 65536", "UPDATE life SET src = NULL",
        "UPDATE life SET src = 77", "UPDATE life SET ending = 6", "UPDATE life SET bytes_up = NULL",
        "UPDATE life SET how = 256", "UPDATE life SET started = -5",
        "UPDATE life SET ended = 'then'", "UPDATE address SET text = 'x' WHERE id = 1",
        "UPDATE address SET text = '2001:db8::1' WHERE id = 1",
        "INSERT INTO mark (time, kind) VALUES (1, 'created')", "CREATE TABLE other (a)",
        "CREATE INDEX other ON life (sport + 1)", "ALTER TABLE life ADD COLUMN other",
        "DROP INDEX life_gate");
    INFO(change);
    const bool is_less = change.starts_with("DROP");                       // slower, and right
    const auto forgiving = change.find("src = NULL") != std::string::npos; // the table itself
    {
        const log::Database database(path, SQLITE_OPEN_READWRITE);
        if (forgiving)
            CHECK_THROWS_AS(database.run(change.c_str()), log::Refused);
        else
            database.run(change.c_str());
    }
    const auto source = log::open_directory(directory.path(), std::nullopt);
    all_of(*source);
    CHECK(source->notes().remarks.size() == (is_less || forgiving ? 0 : 1));
}
