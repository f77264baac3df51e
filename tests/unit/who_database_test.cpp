// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Databases as their makers spell them, old ones, broken ones, and what is said of them.
#include "who/databases.hpp"

#include "natstat/who/directory.hpp"

#include "directory.hpp"
#include "make_flow.hpp"
#include "mmdb.hpp"

#include "tests/catch.hpp"

#include <ctime>

using namespace natstat;
using namespace natstat::test;
using Catch::Contains;
using Field = Database::Field;

namespace {

std::uint64_t seconds_ago(std::uint64_t seconds) {
    return static_cast<std::uint64_t>(std::time(nullptr)) - seconds;
}

/// Databases of one directory, and all that is said of them.
struct Opened {
    std::string said;
    Databases databases;

    explicit Opened(const std::string& directory)
        : databases({directory},
                    [this](std::string_view text) { said += std::string(text) + "\n"; }) {}
    [[nodiscard]] std::string text(Field field, std::string_view of) const {
        return std::string(databases.text(field, address(of)));
    }
};

std::string asn_database(std::uint64_t built) {
    mmdb::Writer writer;
    writer.add("192.0.2.0/24",
               mmdb::map({{"autonomous_system_number", mmdb::uint32(64496)},
                          {"autonomous_system_organization", mmdb::text("Example, Inc.")}}));
    writer.add("2001:db8::/32",
               mmdb::map({{"autonomous_system_number", mmdb::uint32(4'200'000'000)},
                          {"autonomous_system_organization", mmdb::text("Beispiel")}}));
    return writer.bytes("GeoLite2-ASN", built);
}

std::string country_database(std::uint64_t built, std::string_view code) {
    mmdb::Writer writer;
    writer.add("192.0.2.0/24",
               mmdb::map({{"country", mmdb::map({{"iso_code", mmdb::text(code)}})}}));
    return writer.bytes("GeoLite2-Country", built);
}

} // namespace

TEST_CASE("databases: MaxMind's own fields", "[who]") {
    const Directory directory;
    directory.write("GeoLite2-ASN.mmdb", asn_database(seconds_ago(0)));
    directory.write("GeoLite2-Country.mmdb", country_database(seconds_ago(0), "DE"));
    const Opened opened(directory.path());
    CHECK(opened.said.empty());
    CHECK(opened.text(Field::owner, "192.0.2.9") == "Example, Inc.");
    CHECK(opened.databases.as_number(address("192.0.2.9")) == 64496);
    CHECK(opened.text(Field::country, "192.0.2.9") == "DE");
    CHECK(opened.text(Field::owner, "2001:db8::1") == "Beispiel");
    CHECK(opened.databases.as_number(address("2001:db8::1")) == 4'200'000'000);
    CHECK(opened.text(Field::country, "2001:db8::1").empty());
    CHECK(opened.text(Field::owner, "203.0.113.1").empty());
    CHECK_FALSE(opened.databases.as_number(address("203.0.113.1")));
}

TEST_CASE("databases: when each was made, for --health", "[who]") {
    const Directory directory;
    directory.write("a.mmdb", asn_database(1'795'324'211));
    directory.write("b.mmdb", country_database(1'700'000'000, "DE"));
    directory.write("c.mmdb", "broken");
    const auto dates = database_dates({directory.path(), "/nowhere"});
    REQUIRE(dates.size() == 2);
    CHECK(dates[0] == DatabaseDate{"GeoLite2-ASN", Time{std::chrono::seconds{1'795'324'211}}});
    CHECK(dates[1] == DatabaseDate{"GeoLite2-Country", Time{std::chrono::seconds{1'700'000'000}}});
}

TEST_CASE("databases: flat fields", "[who]") {
    const Directory directory;
    mmdb::Writer writer;
    writer.add("192.0.2.0/24", mmdb::map({{"asn", mmdb::text("AS64496")},
                                          {"as_name", mmdb::text("Example")},
                                          {"country", mmdb::text("Germany")},
                                          {"country_code", mmdb::text("DE")}}));
    writer.add("198.51.100.0/24", mmdb::map({{"asn", mmdb::text("AS?")}}));
    directory.write("ipinfo_lite.mmdb", writer.bytes("ipinfo lite", seconds_ago(60)));
    const Opened opened(directory.path());
    CHECK(opened.text(Field::owner, "192.0.2.1") == "Example");
    CHECK(opened.text(Field::country, "192.0.2.1") == "DE");
    CHECK(opened.databases.as_number(address("192.0.2.1")) == 64496);
    CHECK_FALSE(opened.databases.as_number(address("198.51.100.1")));
}

TEST_CASE("databases: the one that was made last is asked, an old one is said to be old", "[who]") {
    const Directory directory;
    constexpr std::uint64_t day = 86400;
    directory.write("a.mmdb", country_database(seconds_ago(300 * day), "AA"));
    directory.write("b.mmdb", country_database(seconds_ago(200 * day + 60), "BB"));
    directory.write("c.mmdb", country_database(seconds_ago(400 * day), "CC"));
    const Opened opened(directory.path());
    CHECK(opened.text(Field::country, "192.0.2.1") == "BB");
    CHECK(opened.said == "the database GeoLite2-Country is 200 days old: owners and countries of "
                         "addresses have changed since\n");
}

TEST_CASE("databases: what is missing or no database is said", "[who]") {
    const Directory directory;
    CHECK(Opened(directory.path()).said ==
          "owners and countries are not known: no database (*.mmdb) in " + directory.path() + "\n");
    directory.write("empty.mmdb", "");
    directory.write("text.mmdb", "hello");
    directory.write("other.txt", "hello");
    const Opened opened(directory.path());
    CHECK_THAT(opened.said, Contains("passed over: " + directory.path() + "/empty.mmdb: "));
    CHECK_THAT(opened.said, Contains("passed over: " + directory.path() + "/text.mmdb: "));
    CHECK_THAT(opened.said, !Contains("other"));
    CHECK(opened.text(Field::owner, "192.0.2.1").empty());
}

TEST_CASE("databases: broken anywhere, they answer or do not, and end nothing", "[who]") {
    const Directory directory;
    const std::string whole = asn_database(seconds_ago(0));
    Dice dice(23);
    for (int round = 0; round < 400; ++round) {
        std::string bytes = whole;
        for (std::uint32_t i = 1 + dice.roll(4); i > 0; --i)
            bytes[dice.roll(static_cast<std::uint32_t>(bytes.size()))] =
                static_cast<char>(dice.roll(256));
        if (dice.roll(4) == 0)
            bytes.resize(dice.roll(static_cast<std::uint32_t>(bytes.size())));
        directory.write("a.mmdb", bytes);
        const Opened opened(directory.path());
        for (const std::string_view each : {"192.0.2.1", "203.0.113.1", "2001:db8::1", "::"}) {
            const auto text = opened.text(Field::owner, each);
            CHECK(text.size() <= bytes.size());
            [[maybe_unused]] const auto number = opened.databases.as_number(address(each));
        }
    }
}

TEST_CASE("databases: a file that is cut short later is of no consequence", "[who]") {
    const Directory directory;
    const std::string path = directory.write("a.mmdb", asn_database(seconds_ago(0)));
    const Database database(path);
    std::filesystem::resize_file(path, 0);
    CHECK(database.text(Field::owner, address("192.0.2.1")) == "Example, Inc.");
}
