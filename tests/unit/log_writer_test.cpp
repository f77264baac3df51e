// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the log has written, read with SQL as anybody would read it.
#include "log_steps.hpp"
#include "natstat/log/writer.hpp"
#include "tests/catch.hpp"

#include <filesystem>

using namespace natstat;
using namespace std::chrono_literals;
using log::Step;
using test::Log;
using test::MakeFlow;
using test::noon;
using test::snat;
using test::step;

namespace {

/// The rows that a question gives, a line each.
std::string answer(const test::Directory& directory, const std::string& question,
                   const std::string& day = "2026-03-03") {
    const log::Database database(directory.path() + "/nat-" + day + ".db", SQLITE_OPEN_READONLY);
    log::Statement rows(database, question.c_str());
    std::string text;
    while (rows.next()) {
        for (int i = 0; rows.type(i) != SQLITE_NULL || i == 0; ++i) {
            const auto number = rows.number_at(i);
            text += (i == 0 ? "" : "|") +
                    (number ? std::to_string(*number) : std::string(rows.text_at(i).value_or("-")));
        }
        text += "\n";
    }
    return text;
}

} // namespace

TEST_CASE("log: a translation has its ends, its times and how it ended", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write({step(TransitionKind::started, noon), step(TransitionKind::created, noon, snat())});
    log.write({step(TransitionKind::ended, noon + 5s, snat())});
    CHECK(answer(directory, "SELECT began_utc, ended_utc, proto, kind, src, sport, gate, gport, "
                            "dst, dport FROM translation") ==
          "2026-03-03T12:00:00Z|2026-03-03T12:00:05Z|6|snat|10.0.0.5|40000|198.51.100.1|18927|"
          "203.0.113.10|443\n");
    CHECK(answer(directory, "SELECT ending, packets_up, bytes_up, packets_down, bytes_down, told "
                            "FROM translation") == "closed|3|300|4|4000|event\n");
    CHECK(answer(directory, "SELECT count(*) FROM open") == "0\n");
    CHECK(answer(directory, "SELECT kind, filter FROM mark") == "started|--snat\n");
    CHECK(answer(directory, "SELECT time FROM until") ==
          std::to_string((noon + 5s).time_since_epoch().count()) + "\n");
}

TEST_CASE("log: what lives is there, and has no end", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write({step(TransitionKind::listed, noon, snat())});
    CHECK(answer(directory, "SELECT told, gate, ended FROM translation") ==
          "before|198.51.100.1\n");
}

TEST_CASE("log: both families, protocols without ports, and what was dialled", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write(
        {step(TransitionKind::created, noon,
              MakeFlow("udp", "[2001:db8:1::5]:5000", "[2001:db8:2::1]:53")
                  .reply("[2001:db8:2::1]:53", "[2001:db8::9]:6000")
                  .zone(7)),
         step(TransitionKind::created, noon + 1s,
              MakeFlow("esp", "10.0.0.5", "203.0.113.10").reply("203.0.113.10", "198.51.100.1")),
         step(TransitionKind::created, noon + 2s,
              MakeFlow("tcp", "10.0.0.5:4000", "203.0.113.1:80")
                  .reply("192.0.2.80:8080", "203.0.113.2:5000"))});
    CHECK(answer(directory, "SELECT src, sport, gate, gport, dst, dport, zone_orig FROM "
                            "translation WHERE proto = 17") ==
          "2001:db8:1::5|5000|2001:db8::9|6000|2001:db8:2::1|53|7\n");
    CHECK(answer(directory, "SELECT gate, gport FROM translation WHERE proto = 50") ==
          "198.51.100.1\n");
    CHECK(answer(directory,
                 "SELECT kind, original_dst, original_dport, dst, dport FROM "
                 "translation WHERE proto = 6") == "both|203.0.113.1|80|192.0.2.80|8080\n");
}

TEST_CASE("log: an end whose beginning nobody saw, and one that nobody asked for", "[log]") {
    const test::Directory directory;
    Log log(directory);
    Step unwanted = step(TransitionKind::ended, noon, snat(1));
    unwanted.wanted = false;
    log.write({step(TransitionKind::ended, noon, snat()), unwanted});
    CHECK(answer(directory, "SELECT gport, ended_utc FROM translation WHERE began IS NULL") ==
          "18927|2026-03-03T12:00:00Z\n");
}

TEST_CASE("log: the same ends again are another translation", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write({step(TransitionKind::created, noon, snat()),
               step(TransitionKind::ended, noon + 1s, snat()),
               step(TransitionKind::created, noon + 2s, snat())});
    log.write({step(TransitionKind::ended, noon + 3s, snat()),
               step(TransitionKind::created, noon + 4s, snat())});
    CHECK(answer(directory, "SELECT began_utc, ended_utc FROM translation ORDER BY began") ==
          "2026-03-03T12:00:00Z|2026-03-03T12:00:01Z\n"
          "2026-03-03T12:00:02Z|2026-03-03T12:00:03Z\n"
          "2026-03-03T12:00:04Z\n");
}

TEST_CASE("log: what lives at midnight is in both days, under its own beginning", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write({step(TransitionKind::started, noon), step(TransitionKind::created, noon, snat()),
               step(TransitionKind::created, noon, snat(2))});
    log.write({step(TransitionKind::ended, noon + 13h, snat())});
    CHECK(answer(directory, "SELECT gport FROM open ORDER BY gport") == "2\n18927\n");
    CHECK(answer(directory, "SELECT time FROM until") ==
          std::to_string((noon + 12h - 1ns).time_since_epoch().count()) + "\n");
    CHECK(answer(directory, "SELECT gport, began_utc, ended_utc FROM translation ORDER BY gport",
                 "2026-03-04") ==
          "2|2026-03-03T12:00:00Z\n18927|2026-03-03T12:00:00Z|2026-03-04T01:00:00Z\n");
    CHECK(answer(directory, "SELECT kind FROM mark", "2026-03-04") == "started\n");
    // A day that is over is a file by itself.
    CHECK_FALSE(std::filesystem::exists(directory.path() + "/nat-2026-03-03.db-wal"));
    log.write({step(TransitionKind::ended, noon + 14h, snat(2))});
    CHECK(answer(directory, "SELECT count(*) FROM open", "2026-03-04") == "0\n");
}

TEST_CASE("log: who begins anew does not know how what lived has ended", "[log]") {
    const test::Directory directory;
    {
        Log log(directory);
        log.write(
            {step(TransitionKind::started, noon), step(TransitionKind::created, noon, snat())});
    }
    Log log(directory);
    log.write({step(TransitionKind::started, noon + 1h),
               step(TransitionKind::listed, noon + 1h, snat())});
    log.write({step(TransitionKind::ended, noon + 2h, snat())});
    CHECK(answer(directory, "SELECT began_utc, ended_utc FROM translation ORDER BY began") ==
          "2026-03-03T12:00:00Z\n2026-03-03T13:00:00Z|2026-03-03T14:00:00Z\n");
}

TEST_CASE("log: a clock that is set back to another day goes on in that day", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write({step(TransitionKind::created, noon, snat())});
    log.write({step(TransitionKind::created, noon - 24h, snat(2))});
    log.write({step(TransitionKind::ended, noon - 24h + 1s, snat())});
    CHECK(answer(directory, "SELECT gport FROM life", "2026-03-02") == "18927\n");
    CHECK(answer(directory, "SELECT gport FROM open", "2026-03-02") == "2\n");
}

TEST_CASE("log: a clock that is set back begins another file of its day", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write({step(TransitionKind::started, noon), step(TransitionKind::whole, noon),
               step(TransitionKind::created, noon + 1s, snat(1)),
               step(TransitionKind::created, noon + 1h, snat(2))});
    log.write({step(TransitionKind::created, noon + 30min, snat(3)),
               step(TransitionKind::ended, noon + 31min, snat(2)),
               step(TransitionKind::lost, noon + 32min)});
    CHECK(answer(directory, "SELECT kind, time / 1000000000 % 86400 FROM mark") ==
          "started|43200\nwhole|43200\nstopped|46800\n");
    CHECK(answer(directory, "SELECT gport FROM open ORDER BY gport") == "1\n2\n");
    // What lived is as somebody found it who began to look then.
    const std::string second = "2026-03-03.2";
    CHECK(answer(directory, "SELECT kind, time / 1000000000 % 86400 FROM mark", second) ==
          "started|45000\nwhole|45000\nlost|45120\n");
    CHECK(answer(directory, "SELECT gport, told, began_utc FROM translation ORDER BY gport",
                 second) == "1|before|2026-03-03T12:30:00Z\n2|before|2026-03-03T12:30:00Z\n"
                            "3|event|2026-03-03T12:30:00Z\n");
    CHECK(answer(directory, "SELECT gport FROM life", second) == "2\n");
    log.write({step(TransitionKind::ended, noon + 30min, snat(3))}); // by two minutes
    CHECK(answer(directory, "SELECT gport FROM life", "2026-03-03.3") == "3\n");
    log.write({step(TransitionKind::created, noon + 25h, snat(4))});
    CHECK(answer(directory, "SELECT gport FROM open ORDER BY gport", "2026-03-04") == "1\n4\n");
}

TEST_CASE("log: a clock that is set back by little leaves no life that never ends", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write({step(TransitionKind::created, noon + 30s, snat(1))});
    log.write({step(TransitionKind::ended, noon, snat(1))});
    CHECK(answer(directory, "SELECT began = ended FROM life") == "1\n");
    CHECK_FALSE(std::filesystem::exists(directory.path() + "/nat-2026-03-03.2.db"));
}

TEST_CASE("log: who begins under a clock that was set back has a file of his own", "[log]") {
    const test::Directory directory;
    for (const auto& [time, name] : {std::pair{noon, "2026-03-03"},
                                     {noon - 1h, "2026-03-03.2"},
                                     {noon - 50min, "2026-03-03.2"},
                                     {noon - 2h, "2026-03-03.3"}}) {
        Log log(directory);
        log.write(
            {step(TransitionKind::started, time), step(TransitionKind::created, time, snat())});
        CHECK(answer(directory, "SELECT max(time) FROM mark", name) ==
              std::to_string(time.time_since_epoch().count()) + "\n");
    }
}

TEST_CASE("log: what was written of several days is not written again", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write({step(TransitionKind::created, noon, snat())});
    const std::vector<Step> steps{step(TransitionKind::created, noon + 1s, snat(2)),
                                  step(TransitionKind::created, noon + 24h, snat(3))};
    directory.write("nat-2026-03-04.db/file", "it is in the way");
    CHECK_THROWS_AS(log.write(steps), log::Refused);
    std::filesystem::remove_all(directory.path() + "/nat-2026-03-04.db");
    log.write(steps);
    CHECK(answer(directory, "SELECT gport FROM open ORDER BY gport") == "2\n18927\n");
    CHECK(answer(directory, "SELECT gport FROM open ORDER BY gport", "2026-03-04") ==
          "2\n3\n18927\n");
}

TEST_CASE("log: days that are too old are removed, and no others", "[log]") {
    const test::Directory directory;
    directory.write("nat-2026-02-28.db", "old");
    directory.write("nat-2026-02-28.db-wal", "old");
    directory.write("nat-2026-02-28.db.mine", "mine");
    directory.write("nat-2026-02-30.db", "no day");
    {
        Log log(directory, {2, std::nullopt});
        log.write({step(TransitionKind::created, noon - 24h, snat())});
        CHECK_FALSE(std::filesystem::exists(directory.path() + "/nat-2026-02-27.db"));
        CHECK(std::filesystem::exists(directory.path() + "/nat-2026-02-28.db"));
        log.write({step(TransitionKind::created, noon, snat(2))});
    }
    CHECK_FALSE(std::filesystem::exists(directory.path() + "/nat-2026-02-28.db"));
    CHECK_FALSE(std::filesystem::exists(directory.path() + "/nat-2026-02-28.db-wal"));
    CHECK(std::filesystem::exists(directory.path() + "/nat-2026-02-28.db.mine"));
    CHECK(std::filesystem::exists(directory.path() + "/nat-2026-02-30.db"));
    CHECK(std::filesystem::exists(directory.path() + "/nat-2026-03-02.db"));
}

TEST_CASE("log: the oldest days are removed while all are too large", "[log]") {
    const test::Directory directory;
    const auto is_there = [&](const char* name) {
        return std::filesystem::exists(directory.path() + "/" + name);
    };
    constexpr std::size_t large = 1 << 20;
    directory.write("nat-2026-02-27.db", std::string(large, 'a'));
    directory.write("nat-2026-02-28.db", std::string(large, 'b'));
    directory.write("nat-2026-02-28.db-wal", std::string(large, 'b'));
    directory.write("nat-2026-03-01.db", std::string(large, 'c'));
    directory.write("nat-2026-03-01.db.mine", std::string(large, 'd')); // is none of them
    Log log(directory, {std::nullopt, 3 * large + large / 2});
    log.write({step(TransitionKind::created, noon, snat())});
    CHECK_FALSE(is_there("nat-2026-02-27.db"));
    CHECK(is_there("nat-2026-02-28.db"));
    constexpr std::uint16_t many = 14'000; // which are more than half a megabyte
    std::vector<Step> steps;
    for (std::uint16_t port = 0; port < many; ++port)
        steps.push_back(step(TransitionKind::created, noon + 1s, snat(port)));
    log.write(steps);
    CHECK_FALSE(is_there("nat-2026-02-28.db"));
    CHECK_FALSE(is_there("nat-2026-02-28.db-wal"));
    CHECK(is_there("nat-2026-03-01.db"));
    CHECK(is_there("nat-2026-03-01.db.mine"));
    CHECK((*log).news().empty());
}

TEST_CASE("log: the file that is written stays, however large it is", "[log]") {
    const test::Directory directory;
    Log log(directory, {std::nullopt, 1});
    log.write({step(TransitionKind::created, noon, snat())});
    log.write({step(TransitionKind::created, noon + 24h, snat(2))});
    CHECK_FALSE(std::filesystem::exists(directory.path() + "/nat-2026-03-03.db"));
    CHECK(answer(directory, "SELECT gport FROM open ORDER BY gport", "2026-03-04") == "2\n18927\n");
    log.write({step(TransitionKind::created, noon + 24h + 1s, snat(3))});
    CHECK(std::filesystem::exists(directory.path() + "/nat-2026-03-04.db"));
}

TEST_CASE("log: a file that is none is set aside with a word", "[log]") {
    const test::Directory directory;
    directory.write("nat-2026-03-03.db", "this is no database, and long enough to be looked at. "
                                         "this is no database, and long enough to be looked at.");
    Log log(directory);
    log.write({step(TransitionKind::created, noon, snat())});
    const auto news = (*log).news();
    REQUIRE(news.size() == 1);
    CHECK_THAT(news[0], Catch::Contains("nat-2026-03-03.db.damaged-"));
    CHECK(answer(directory, "SELECT gport FROM translation") == "18927\n");
}

TEST_CASE("log: what could not be written can be tried again", "[log]") {
    const test::Directory directory;
    Log log(directory);
    log.write({step(TransitionKind::created, noon, snat())});
    const std::vector<Step> steps{step(TransitionKind::ended, noon + 1s, snat()),
                                  step(TransitionKind::created, noon + 2s, snat())};
    const auto path = directory.path() + "/nat-2026-03-03.db";
    {
        const log::Database other(path, SQLITE_OPEN_READWRITE);
        other.run("BEGIN IMMEDIATE");
        try {
            log.write(steps);
            FAIL("somebody else has it");
        } catch (const log::Refused& refused) {
            CHECK(refused.may_pass());
            CHECK_FALSE(refused.is_damage());
        }
    }
    log.write(steps);
    CHECK(answer(directory, "SELECT began_utc FROM translation ORDER BY began") ==
          "2026-03-03T12:00:00Z\n2026-03-03T12:00:02Z\n");
    CHECK(answer(directory, "SELECT count(*) FROM life") == "1\n");
}

TEST_CASE("log: the directory is one's own, and one writes there", "[log]") {
    const test::Directory directory;
    const auto why = [&] {
        try {
            const log::OwnDirectory own(directory.path());
            return std::string();
        } catch (const Failure& failure) {
            return std::string(failure.what());
        }
    };
    chmod(directory.path().c_str(), 0757);
    CHECK_THAT(why(), Catch::Contains("others can write into the directory"));
    chmod(directory.path().c_str(), 0770);
    CHECK_THAT(why(), Catch::Contains("others can write into the directory"));
    chmod(directory.path().c_str(), 0750);
    CHECK(why().empty());
    if (geteuid() == 0) {
        REQUIRE(chown(directory.path().c_str(), 12345, 12345) == 0);
        CHECK_THAT(why(), Catch::Contains("belongs to another user"));
        REQUIRE(chown(directory.path().c_str(), 0, 0) == 0);
    }
    const log::OwnDirectory own(directory.path());
    CHECK_THAT(why(), Catch::Contains("another natstat writes there"));
    CHECK_THROWS_AS(log::OwnDirectory(directory.path() + "/none"), Failure);
}

TEST_CASE("log: the thread writes what it was told, and files are for few", "[log]") {
    const test::Directory directory;
    chmod(directory.path().c_str(), 0750);
    log::Writer writer({directory.path(), "", {}, true}, noon);
    constexpr std::uint16_t many = 2000;
    for (std::uint16_t port = 0; port < many; ++port) {
        writer.add(step(TransitionKind::created, noon + port * 1ms, snat(port)));
        writer.pass(noon + port * 1ms);
    }
    writer.finish();
    CHECK(writer.news().empty());
    CHECK(answer(directory, "SELECT count(*) FROM translation") == "2000\n");
    struct stat about {};
    REQUIRE(stat((directory.path() + "/nat-2026-03-03.db").c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0640);
}

TEST_CASE("log: what had no room is missing with a word, and is asked for anew", "[log]") {
    const test::Directory directory;
    chmod(directory.path().c_str(), 0750);
    log::Settings settings{directory.path(), ""};
    settings.room = 2;
    settings.period = 0ms;
    log::Writer writer(settings, noon);
    for (std::uint16_t port = 1; port <= 3; ++port)
        writer.add(step(TransitionKind::created, noon, snat(port)));
    writer.pass(noon);
    bool asked = false;
    while (!(asked = writer.wants_all()))
        writer.pass(noon);
    writer.add(step(TransitionKind::started, noon + 1s));
    writer.add(step(TransitionKind::listed, noon + 1s, snat(3)));
    writer.finish();
    CHECK_THAT(writer.news().at(0), Catch::Contains("goes on"));
    CHECK(answer(directory, "SELECT gport FROM translation") == "3\n");
}
