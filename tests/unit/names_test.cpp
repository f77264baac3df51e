// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The parts of room names that ask nobody: which names are fit to show, the hosts file, reverse
// names, how fast look-ups may go out, and the table of services.
#include "natstat/names/hosts_file.hpp"
#include "natstat/names/pace.hpp"
#include "natstat/names/service_names.hpp"

#include "../catch.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace natstat;
using namespace std::string_literals;
using std::chrono::milliseconds;

Address address(std::string_view text) {
    return parse_address(text).value();
}

std::string repeated(const std::string& text, int count) {
    std::string all;
    for (int i = 0; i < count; ++i)
        all += text;
    return all;
}

} // namespace

TEST_CASE("names: plain host names are fit to show") {
    for (const char* name : {"a", "localhost", "www.example.com", "xn--bcher-kva.example", "_sip.a",
                             "A-1_b.Example", "1.2.3.example", "4x", "0x7f.example"})
        CHECK(clean_host_name(name) == name);
    CHECK(clean_host_name("www.example.com.") == "www.example.com");
}

TEST_CASE("names: everything else is not") {
    for (const std::string& name : {""s,
                                    "."s,
                                    ".."s,
                                    "a..b"s,
                                    ".a"s,
                                    "a.."s,
                                    "two words"s,
                                    "tab\tbed"s,
                                    "line\nbreak"s,
                                    "\x1b[31mred"s,
                                    "nul\0byte"s,
                                    "del\x7f"s,
                                    "gr\xc3\xb6\xc3\x9f"s,
                                    "\xff"s,
                                    "a/b"s,
                                    "a\\b"s,
                                    "a\"b"s,
                                    "a'b"s,
                                    "<b>"s,
                                    "a,b"s,
                                    "a;b"s,
                                    "a:b"s,
                                    "a*"s,
                                    "a%b"s,
                                    "a\\046b"s,
                                    "-rf"s})
        CHECK(clean_host_name(name).empty());
}

TEST_CASE("names: a name that reads as an address is not shown for another address") {
    for (const char* name : {"192.0.2.1", "192.0.2.1.", "3221225985", "0", "host.1", "2001:db8::1"})
        CHECK(clean_host_name(name).empty());
}

TEST_CASE("names: length limits of labels and names") {
    const std::string label(63, 'x');
    CHECK(clean_host_name(label) == label);
    CHECK(clean_host_name(label + "x").empty());
    const std::string longest = repeated(label + ".", 3) + std::string(61, 'x');
    REQUIRE(longest.size() == 253);
    CHECK(clean_host_name(longest) == longest);
    CHECK(clean_host_name(longest + ".") == longest);
    CHECK(clean_host_name(longest + "x").empty());
}

TEST_CASE("names: under which name the DNS has an address") {
    CHECK(reverse_name(address("192.0.2.1")) == "1.2.0.192.in-addr.arpa");
    CHECK(reverse_name(address("2001:db8::567:89ab")) ==
          "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    CHECK(reverse_name(Address{}).empty());
}

TEST_CASE("names: the hosts file") {
    const HostsTable table = parse_hosts("# 192.0.2.9 commented\n"
                                         "192.0.2.1\tone.example one alias\n"
                                         "  192.0.2.2   two # 192.0.2.8 not\r\n"
                                         "\n"
                                         "192.0.2.1 again.example\n"
                                         "2001:db8::1 six.example\n"
                                         "192.0.2.3\n"
                                         "192.0.2.4 #nothing\n"
                                         "192.0.2.5 bad;name good.example\n"
                                         "fe80::1%lo0 zone.example\n"
                                         "nonsense more\n"
                                         "192.0.2.6 last");
    CHECK(table.size() == 4);
    CHECK(table.at(address("192.0.2.1")) == "one.example");
    CHECK(table.at(address("192.0.2.2")) == "two");
    CHECK(table.at(address("2001:db8::1")) == "six.example");
    CHECK(table.at(address("192.0.2.6")) == "last");
    CHECK(parse_hosts("").empty());
    CHECK(parse_hosts("\n\n#\n \t\n").empty());
}

TEST_CASE("names: look-ups on their way are limited, old ones do not stand in the way") {
    LookUpPace pace;
    LookUpPace::Time now{std::chrono::hours(5)};
    pace.advance(now);
    while (pace.room())
        (void)pace.sent();
    CHECK(pace.under_way() == LookUpPace::young_max);

    pace.advance(now + LookUpPace::epoch_length - milliseconds(1));
    CHECK_FALSE(pace.room());
    pace.advance(now + 2 * LookUpPace::epoch_length);
    CHECK(pace.room());
    CHECK(pace.under_way() == LookUpPace::young_max);

    while (pace.under_way() < LookUpPace::all_max) {
        now += 2 * LookUpPace::epoch_length;
        pace.advance(now + 2 * LookUpPace::epoch_length);
        while (pace.room())
            (void)pace.sent();
    }
    pace.advance(now + std::chrono::hours(1));
    CHECK(pace.under_way() == LookUpPace::all_max);
    CHECK_FALSE(pace.room());
}

TEST_CASE("names: an answer makes room, once") {
    LookUpPace pace;
    const LookUpPace::Time now{std::chrono::hours(5)};
    pace.advance(now);
    const LookUpPace::Epoch old = pace.sent();
    pace.advance(now + LookUpPace::epoch_length);
    std::vector<LookUpPace::Epoch> sent;
    while (pace.room())
        sent.push_back(pace.sent());
    CHECK(sent.size() == LookUpPace::young_max - 1);

    pace.finished(old); // of the epoch before: still young
    CHECK(pace.room());
    sent.push_back(pace.sent());
    CHECK_FALSE(pace.room());

    pace.advance(now); // time does not go back
    CHECK_FALSE(pace.room());
    pace.advance(now + 10 * LookUpPace::epoch_length);
    for (const LookUpPace::Epoch epoch : sent) // too old to count, and not counted down either
        pace.finished(epoch);
    CHECK(pace.under_way() == 0);
    std::size_t again = 0;
    for (; pace.room(); ++again)
        (void)pace.sent();
    CHECK(again == LookUpPace::young_max);
}

TEST_CASE("names: services by port and protocol") {
    const ServiceNames services({{"domain", 53, 6, false},
                                 {"domain", 53, 17, false},
                                 {"http", 80, 6, false},
                                 {"www", 80, 6, true},
                                 {"web-again", 80, 6, false},
                                 {"own", 4000, 136, false},
                                 {"lent", 4000, 17, false},
                                 {"m3ua", 2905, 132, false},
                                 {"alone", 7, 6, true}});
    CHECK(services.name(53, 6) == "domain");
    CHECK(services.name(53, 17) == "domain");
    CHECK(services.name(80, 6) == "http");
    CHECK(services.name(80, 17).empty());
    CHECK(services.name(2905, 132) == "m3ua");
    CHECK(services.name(53, 132).empty());
    CHECK(services.name(53, 0).empty());
    CHECK(services.name(7, 6).empty()); // an alias is not shown
    CHECK(services.name(65535, 255).empty());
    CHECK(services.name(53, 136) == "domain"); // UDP-Lite borrows from UDP
    CHECK(services.name(4000, 136) == "own");
    CHECK(services.name(4000, 17) == "lent");
}

TEST_CASE("names: ports of a service") {
    const ServiceNames services({{"b", 200, 6, false},
                                 {"b", 100, 6, false},
                                 {"b", 100, 17, false},
                                 {"b", 300, 132, false},
                                 {"c", 200, 6, true}});
    using Ports = std::vector<std::uint16_t>;
    CHECK(services.ports("b", 0) == Ports{100, 200, 300});
    CHECK(services.ports("b", 6) == Ports{100, 200});
    CHECK(services.ports("b", 17) == Ports{100});
    CHECK(services.ports("b", 136) == Ports{100});
    CHECK(services.ports("c", 6) == Ports{200});
    CHECK(services.ports("c", 17).empty());
    CHECK(services.ports("B", 0).empty());
    CHECK(services.ports("", 0).empty());
}
