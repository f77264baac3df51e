// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the filter language means: for each text the flows that it lets through.
#include "natstat/filter/completion.hpp"
#include "natstat/filter/filter.hpp"
#include "natstat/filter/moment.hpp"
#include "natstat/filter/vocabulary.hpp"

#include "filter_rows.hpp"
#include "tests/catch.hpp"

#include <cstdlib>
#include <ctime>

using namespace natstat;
using namespace natstat::filter_test;

namespace {

/// The letters of the rows for which the text holds, or the reason why it is no filter.
std::string matching(const Rows& rows, std::string_view text) {
    const auto parsed = Filter::parse(text, known_names());
    if (const auto* error = std::get_if<FilterError>(&parsed))
        return error->reason;
    return rows.matching(std::get<Filter>(parsed));
}

struct Case {
    const char* text;
    const char* letters;
};

void check(std::initializer_list<Case> cases) {
    const Rows rows = make_rows();
    for (const Case& one : cases) {
        INFO(one.text);
        CHECK(matching(rows, one.text) == one.letters);
    }
}

} // namespace

TEST_CASE("an empty filter holds for every row", "[filter]") {
    check({{"", "SDBLRIG"}, {" \t\n ", "SDBLRIG"}});
    const Rows rows = make_rows();
    CHECK(rows.matching(Filter()) == "SDBLRIG");
}

TEST_CASE("words that stand alone", "[filter]") {
    check({
        {"tcp", "SDR"},        {"TCP", "SDR"},      {"udp", "BL"},      {"icmp", "I"},
        {"icmp6", ""},         {"icmpv6", ""},      {"gre", "G"},       {"sctp", ""},
        {"ip", "SDBLIG"},      {"ip4", "SDBLIG"},   {"ipv4", "SDBLIG"}, {"ip6", "R"},
        {"ipv6", "R"},         {"snat", "SBI"},     {"dnat", "DB"},     {"both", "B"},
        {"nat", "SDBI"},       {"not nat", "LRG"},  {"tcp nat", "SD"},  {"nat tcp", "SD"},
        {"nat and tcp", "SD"}, {"(nat)", "SDBI"},   {"local", "L"},     {"routed", "R"},
        {"assured", "SLR"},    {"unreplied", "DB"}, {"helper", ""},     {"src_nat", "SBI"},
    });
}

TEST_CASE("hosts, networks and endpoints on each side", "[filter]") {
    check({
        {"src 10.0.0.5", "S"},
        {"src host 10.0.0.5", "S"},
        {"SRC HOST 10.0.0.5", "S"},
        {"dst 203.0.113.10", "S"},
        {"dst 10.0.0.80", "D"},
        {"dst 198.51.100.10", ""}, // dialled, but the row's destination is the real server
        {"nat 198.51.100.10", "SDBI"},
        {"nat 198.51.100.11", "B"},
        {"198.51.100.10", "SDBLI"},
        {"host 198.51.100.10", "SDBLI"},
        {"nat 198.51.100.10:51258", "S"},
        {"nat 198.51.100.10:8080", "D"},
        {"nat 198.51.100.10:53", "B"},
        {"nat 198.51.100.11:6000", "B"},
        {"nat 203.0.113.53", ""}, // L is not translated
        {"src 10.0.0.0/8", "SBIG"},
        {"src net 10.0.0.0/8", "SBIG"},
        {"src net 10", "SBIG"},
        {"src net 10.0/16", "SBIG"},
        {"net 203.0.113", "SDLIG"},
        {"net 203.0.113.8/29", "SG"},
        {"net 0.0.0.0/0", "SDBLIG"},
        {"10.0.0.5:40000", "S"},
        {"10.0.0.5:40001", ""},
        {"10.0.0.5:443", ""}, // both, but at different ends
        {"src 10.0.0.5 port 443", "S"},
        {"10.0.0.0/8:40000-50000", "S"},
        {"src 2001:db8:1::5", "R"},
        {"src [2001:db8:1::5]", "R"},
        {"src [2001:db8:1::5]:50000", "R"},
        {"[2001:db8:2::1]:443", "R"},
        {"[2001:db8:2::1]:444", ""},
        {"net 2001:db8::/32", "R"},
        {"src 10.0.0.7:77", "I"}, // the echo id
        {"nat 198.51.100.10:78", "I"},
        {"dst 203.0.113.1:0", ""},
        {"src 10.0.0.5,10.0.0.6", "SB"},
        {"10.0.0.5,10.0.0.80", "SD"},
        {"src=10.0.0.5", "S"},
        {"src host=10.0.0.5", "S"},
        {"host != 198.51.100.10", "RG"},
        {"ip6 host 2001:db8:2::1", "R"},
        {"ip src 10.0.0.5", "S"},
    });
}

TEST_CASE("ports", "[filter]") {
    check({
        {"port 443", "SR"},
        {"port=443", "SR"},
        {"port 53", "BL"},
        {"dst port 53", "BL"},
        {"src port 40000", "S"},
        {"nat port 8080", "D"},
        {"nat port 53", "B"},
        {"tcp port 443", "SR"},
        {"udp src port 5000", "B"},
        {"tcp src port 5000", ""},
        {"portrange 8000-8100", "D"},
        {"port 8000-8100", "D"},
        {"port 80,5000", "DB"},
        {"port 0", ""},
        {"port 65535", ""},
        {"icmp port 77", "I"},
        {"sport>40000", "R"},
        {"sport>=40000", "SR"},
        {"sport<5000", "LI"},
        {"sport<=5000", "BLI"},
        {"sport<0", ""},
        {"sport>65535", ""},
        {"dport=80,443,50-60", "SDBLR"},
        {"dport!=80,443,50-60", "IG"},
        {"gport=51258,8080", "SD"},
        {"src-port=40000", "S"}, // netstat-nat's word for sport
    });
}

TEST_CASE("names of hosts and services", "[filter]") {
    check({
        {"host web.example", "SR"},
        {"web.example", "SR"},
        {"web.example:https", "SR"},
        {"web.example:53", ""},
        {"src inside", "S"},
        {"host inside", "S"},
        {"inside:40000", "S"},
        {"src \"tcp\"", "S"}, // in quotes a word of the language is a name
        {"port https", "SR"},
        {"dport=https", "SR"},
        {"sport>=https", "SDBLR"},
        {"port ftp-data", ""},
        {"tcp port odd", "SR"},
        {"udp port odd", "BL"},
        {"port odd", "SBLR"},
        {"203.0.113.10:https", "S"},
    });
}

TEST_CASE("protocols by name and number", "[filter]") {
    check({
        {"proto tcp", "SDR"},
        {"proto 17", "BL"},
        {"proto 17 or 1", "BLI"},
        {"proto tcp or udp", "SDBLR"},
        {"proto=tcp,17", "SDBLR"},
        {"proto==icmp", "I"},
        {"proto!=tcp", "BLIG"},
        {"proto=ipv6", ""}, // the tunnel, not the family
        {"family=ipv6", "R"},
        {"family=IPv4,ipv6", "SDBLRIG"},
    });
}

TEST_CASE("and, or, not, parentheses", "[filter]") {
    check({
        {"tcp and snat", "S"},
        {"tcp && snat", "S"},
        {"tcp snat", "S"},
        {"tcp AND snat", "S"},
        {"udp or icmp", "BLI"},
        {"udp || icmp", "BLI"},
        {"not tcp", "BLIG"},
        {"!tcp", "BLIG"},
        {"! ! tcp", "SDR"},
        {"not not not tcp", "BLIG"},
        {"udp or tcp and snat", "SBL"}, // and binds tighter
        {"tcp and snat or udp", "SBL"},
        {"(udp or tcp) and snat", "SB"},
        {"not (udp or tcp)", "IG"},
        {"not udp or tcp", "SDRIG"},
        {"not tcp port 443", "DBLIG"}, // tcp belongs to the selection
        {"not src 10.0.0.5 and tcp", "DR"},
        {"((tcp)and(snat))", "S"},
        {"tcp(port 443)", "SR"},
    });
}

TEST_CASE("a head is repeated for the values after it", "[filter]") {
    check({
        {"src 10.0.0.5 or 10.0.0.6", "SB"},
        {"src 10.0.0.5 or 198.51.100.10", "SL"}, // not the NAT sides of D and I
        {"src 10.0.0.5 or not 10.0.0.5", "SDBLRIG"},
        {"port 80 or 443", "SDR"},
        {"port 80 or 443 and tcp", "SDR"},
        {"tcp port 80 or 53", "D"},
        {"tcp port (80 or 53)", "D"},
        {"src (10.0.0.5 or 10.0.0.6)", "SB"},
        {"src (10.0.0.5 or (10.0.0.6 or 10.0.0.7))", "SBI"},
        {"src not 10.0.0.5", "a value is missing before this"},
        {"src (not 10.0.0.5)", "DBLRIG"},
        {"nat (198.51.100.10 and 198.51.100.11)", "B"},
        {"not src (10.0.0.5 or 10.0.0.6)", "DLRIG"},
        {"src 10.0.0.5 or tcp and 198.51.100.10", "SD"}, // another condition ends it
        {"src 10.0.0.5 203.0.113.10", "S"},              // so does the lack of a word
        {"src 10.0.0.6 198.51.100.11", "B"},
        {"port 443 or (80 or 53)", "SDBLR"},
        {"port 443 and 203.0.113.10", "S"}, // an address is no port
        {"proto tcp and 203.0.113.10", "S"},
    });
}

TEST_CASE("columns with texts", "[filter]") {
    check({
        {"state=syn_sent,time_wait", "DR"},
        {"state=SYN_SENT", "D"},
        {"state = syn_sent , time_wait", "DR"},
        {"state!=established", "DBLRIG"},
        {"state=unreplied", "B"},
        {"state=assured", "L"},
        {"state=\"\"", "I"},
        {"kind=snat", "SI"},
        {"kind=SNAT,both", "SBI"},
        {"kind=local", "L"},
        {"kind!=snat,dnat", "BLRG"},
        {"helper=ftp", "S"},
        {"helper=FTP", "S"},
        {"helper=tftp", ""},
        {"helper!=ftp", "DBLRIG"},
        {"secctx=\"system_u:object_r:t:s0,c1\"", "S"},
        {"secctx='system_u:object_r:t:s0,c1'", "S"},
        {"status=assured", "SLR"},
        {"status=unreplied,assured", "SDBLR"},
        {"status!=assured", "DBIG"},
        {"labels=5", "S"},
        {"labels=1", ""},
        {"labels=0x21", "S"},
        {"labels=0x20", ""},
        {"labels=127", ""},
        {"labels=voice", "S"},
        {"labels=mail", "S"},
        {"labels=backup", ""},
        {"labels=backup,voice", "S"},
        {"labels!=voice", "DBLRIG"},
    });
}

TEST_CASE("columns with numbers and their units", "[filter]") {
    check({
        {"bytes>1M", "S"},
        {"bytes>2M", "S"},
        {"bytes>2000500", ""},
        {"bytes>=2000500", "S"},
        {"bytes=2000500", "S"},
        {"bytes!=2000500", "DBLRIG"},
        {"bytes<2.0005M", ""},
        {"bytes<=2.0005M", "S"},
        {"bytes>2Mi", ""},
        {"bytes>1.9Mi", "S"},
        {"bytes>1MB", "S"},
        {"bytes>1kib", "S"},
        {"bytes=1M-3M", "S"},
        {"bytes=5,1M-3M", "S"},
        {"bytes_up=500", "S"},
        {"bytes_up=0.5k", "S"},
        {"packets<31", "S"},
        {"packets=0x1e", "S"},
        {"packets<0", ""},
        {"packets>=18446744073709551615", ""},
        {"packets>18446744073709551615", ""},
        {"zone=7", "S"},
        {"zone=1,7", "S"},
        {"zone=0", "DBLRIG"},
        {"zone<7", "DBLRIG"},
        {"zone=0-7", "SDBLRIG"},
        {"not zone=0", "S"},
        {"zone!=7", "DBLRIG"},
        {"id=4711", "S"},
        {"mark=0x110", "S"},
        {"mark=272", "S"},
        {"mark=0x10/0xff", "S"},
        {"mark=0x10/0xf0", "S"},
        {"mark=0x20/0xf0", ""},
        {"mark=0", "D"},
        {"mark=0/1", "SD"},
        {"mark>0", "S"},
        {"mark<0x110", "D"},
    });
}

TEST_CASE("columns with times", "[filter]") {
    check({
        {"timeout<30", "D"},
        {"timeout<29", ""},
        {"timeout=1h", "S"},
        {"timeout=60m", "S"},
        {"timeout>=59m60s", "S"},
        {"timeout<30s", "D"},
        {"timeout>1d", ""},
        {"timeout<1w", "SD"},
        {"age>1h", "S"},
        {"age=2h", "S"},
        {"age>2h", ""},
        {"age<1h30m", ""},
        {"age>1h30m", "S"},
        {"age>1.5h", "S"},
    });
}

TEST_CASE("columns that are ends of a flow", "[filter]") {
    check({
        {"source=10.0.0.0/8", "SBIG"},
        {"source=10.0.0.5:40000", "S"},
        {"source=[2001:db8:1::5]:50000", "R"},
        {"source!=10.0.0.0/8", "DLR"},
        {"dst=203.0.113.53", "L"},
        {"destination=10.0.0.80:80", "D"},
        {"gate=198.51.100.11", "B"},
        {"gateway=198.51.100.10", "SDI"}, // the column shows one side of B: the other
        {"gateway!=198.51.100.10", "BLRG"},
        {"original=198.51.100.10", "DBL"},
        {"reply=198.51.100.10:51258", "S"},
        {"reply=10.0.0.0/8", "DB"},
        {"reply!=10.0.0.0/8", "SLRIG"},
        {"src>10.0.0.5 src<10.0.0.8", "BI"},
        {"src>=10.0.0.5 src<=10.0.0.7", "SBI"},
        {"src>10.0.0.255 src<10.0.1.1", ""},
        {"src<0.0.0.0", ""},
        {"src>255.255.255.255", ""},
        {"src>=::", "R"},
        {"source<=10.0.0.5", "S"},
    });
}

TEST_CASE("two columns beside each other", "[filter]") {
    check({
        {"snat and sport!=gport", "SBI"}, // whose port was moved; I has echo ids
        {"sport!=gport", "SDBI"},
        {"sport=gport", ""},
        {"SPORT == GPort", ""},
        {"src-port!=gport", "SDBI"},
        {"sport != gport and udp", "B"},
        {"(dport!=gport)", "SDB"},
        {"sport<gport", "SBI"},
        {"sport>=gport", "D"},
        {"src=gate", ""},
        {"src!=gate", "SDBI"},
        {"src!=dst", "SDBLRIG"},
        {"src<gate", "SBI"},
        {"src>dst", "D"},
        {"src<=dst", "SBLRIG"},
        {"source!=gateway", "SDBI"},
        {"source<destination ip6", "R"},
        {"packets_up<packets_down", "S"},
        {"bytes_up<bytes_down", "S"},
        {"bytes_up>=bytes_down", ""},
        {"bytes>bytes_up", "S"},
        {"timeout<age", "S"},
        {"age<timeout", ""},
        {"mark<id", "S"},
        {"mark!=zone", "S"},
        {"mark=zone", "D"}, // of the default zone
        {"zone_orig=zone_reply", "SDBLRIG"},
        {"helper!=secctx", "S"},
        {"helper=helper", "S"},
    });
}

TEST_CASE("a column that is absent is in no relation to another one", "[filter]") {
    const Rows rows = make_rows();
    for (const Column& column : columns())
        for (const std::string_view beside : filter_columns_beside(column)) {
            const Column& other = natstat::column(beside);
            const std::string pair = std::string(column.name) + "=" + std::string(beside);
            INFO(pair);
            std::string both; // the rows that have the two
            for (const auto& entry : rows.entries) {
                const Row row(entry.flow, entry.extras, rows.around);
                const auto has = [&](const Column& one) {
                    return one.traits.unsaid || !is_absent(one.get(row));
                };
                if (has(column) && has(other))
                    both += entry.letter;
            }
            const std::string yes = matching(rows, pair);
            const std::string no =
                matching(rows, std::string(column.name) + "!=" + std::string(beside));
            CHECK(yes.size() + no.size() == both.size());
            CHECK((yes + no).find_first_not_of(both) == std::string::npos);
            const std::string opposite = matching(rows, "not " + pair);
            CHECK(yes.size() + opposite.size() == rows.entries.size());
        }
}

TEST_CASE("columns are compared with those of their kind", "[filter]") {
    const auto beside = [](std::string_view name) {
        std::string all;
        for (const std::string_view other : filter_columns_beside(column(name)))
            all += std::string(all.empty() ? "" : " ") + std::string(other);
        return all;
    };
    CHECK(beside("sport") == "gport dport saved_port");
    CHECK(beside("gate") == "src dst saved");
    CHECK(beside("source") == "gateway destination");
    CHECK(beside("bytes_up") == "bytes_down bytes");
    CHECK(beside("rate") == "rate_up rate_down");
    CHECK(beside("timeout") == "idle age held");
    CHECK(beside("was") == "state");
    CHECK(beside("mark").find("zone") != std::string::npos);
    for (const char* alone : {"time", "proto", "family", "kind", "original", "event", "ending",
                              "status", "labels", "transition", "flows", "used"})
        CHECK(beside(alone).empty());
}

TEST_CASE("names that are columns as well are values where a column does not fit", "[filter]") {
    check({
        {"event=lost", ""},
        {"status=helper", ""},
        {"helper='secctx'", ""},
        {"helper=gateway", ""},
        {"helper!=gateway", "SDBLRIG"},
        {"helper!='secctx'", "SDBLRIG"}, // the text
        {"helper!=secctx", "S"},         // the column
        {"src='gate'", "unknown host 'gate'"},
        {"src gate", "unknown host 'gate'"},
    });
    // The lists of options have values only.
    const auto list = Filter::on_column(column("gate"), "src", known_names());
    CHECK(std::get<FilterError>(list).reason == "unknown host 'src'");
}

TEST_CASE("states before and behind a step are compared", "[filter]") {
    Transition step;
    step.from = 1; // SYN_SENT
    step.flow = test::MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2").state("SYN_SENT");
    const auto holds = [&](std::string_view text) {
        return std::get<Filter>(Filter::parse(text)).matches(Row(step, Extras{}, Surroundings{}));
    };
    CHECK(holds("was=state"));
    CHECK_FALSE(holds("was!=state"));
    step.from = 2;
    CHECK(holds("was!=state"));
    step.from.reset();
    CHECK_FALSE(holds("was!=state"));
}

TEST_CASE("a comparison completes with what fits", "[filter]") {
    const auto words = [](std::vector<std::string> typed) {
        std::string all;
        const FilterPlace place = filter_place(typed);
        for (const FilterChoice& choice : filter_choices(place, {}))
            if (choice.word.starts_with(place.value))
                all += (all.empty() ? "" : " ") + choice.word;
        return place.before + "|" + all;
    };
    CHECK(words({"sport="}) == "sport=|gport dport saved_port");
    CHECK(words({"sport!=g"}) == "sport!=|gport");
    CHECK(words({"tcp", "sport", "!=", "g"}) == "|gport");
    CHECK(words({"tcp and sport != g"}) == "tcp and sport != |gport");
    CHECK(words({"tcp and sport !=g"}) == "tcp and sport !=|gport");
    CHECK(words({"packets_up<packets_"}) == "packets_up<|packets_down");
    CHECK(words({"packets_up >= packets_"}) == "packets_up >= |packets_down");
    CHECK(words({"was=syn_s"}) == "was=|syn_sent syn_sent2");
    CHECK(words({"was=sta"}) == "was=|state");
    CHECK(words({"was=close,sta"}) == "was=|"); // a list is of values
    CHECK(words({"src=10.0.0.1,"}) == "src=|");
    CHECK(words({"bytes<zzz"}) == "bytes<|");
}

TEST_CASE("steps are asked for by their time, kind and end", "[filter]") {
    const auto holds = [](std::string_view text, std::int64_t seconds) {
        auto parsed = Filter::parse(text);
        INFO(text);
        REQUIRE(std::holds_alternative<Filter>(parsed));
        Transition step;
        step.kind = TransitionKind::ended;
        step.ending = Ending::no_reply;
        step.time = Time{std::chrono::seconds{seconds}};
        step.from = 1; // SYN_SENT
        step.held = std::chrono::milliseconds{119900};
        step.flow = test::MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2").state("SYN_SENT");
        return std::get<Filter>(parsed).matches(Row(step, Extras{}, Surroundings{}));
    };
    constexpr std::int64_t moment = 1'700'000'000; // 2023-11-14T22:13:20Z
    for (const char* text :
         {"event=ended", "ending=no_reply", "ending=NO_REPLY,reset", "event!=created",
          "was=syn_sent", "held>100", "time=2023-11-14T22:13Z", "time>=2023-11-14T22:13:20Z",
          "time<2023-11-14T22:13:20.5Z", "time<=2023-11-14T22:13Z", "time>2023-11-14T22:12Z",
          "time>2023-11-13", "told=event"})
        CHECK(holds(text, moment));
    for (const char* text : {"event=lost", "ending=closed", "time>2023-11-14T22:13Z", "held<100",
                             "time<2023-11-14T22:13Z", "time!=2023-11-14T22:13:20Z"})
        CHECK_FALSE(holds(text, moment));
    for (const char* text : {"event=begun", "ending=late", "time=22:13", "time=2023-02-30T00:00Z",
                             "time=2023-11-14T25:00", "time>2023-11-14T22:13:",
                             "time=2023-11-14T22:13:20.Z", "time=9999-01-01", "transition=closed"})
        CHECK(std::holds_alternative<FilterError>(Filter::parse(text)));
}

TEST_CASE("moments as people and programs write them", "[filter]") {
    // Clocks go forward on 29 March 2026 at 02:00 and back on 25 October at 03:00.
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    constexpr std::int64_t second = 1'000'000'000, minute = 60 * second, hour = 60 * minute;
    constexpr std::int64_t at = 1'795'324'211; // 2026-11-22T05:10:11Z
    const auto names = [](const char* text, std::int64_t first, std::int64_t length) {
        INFO(text);
        const auto read = parse_moment(text);
        REQUIRE(std::holds_alternative<Moment>(read));
        const auto& moment = std::get<Moment>(read);
        CHECK(moment.first.time_since_epoch().count() == first);
        CHECK((moment.last - moment.first).count() == length - 1);
    };
    for (const char* text :
         {"2026-11-22T05:10:11Z", "2026-11-22 05:10:11Z", "2026-11-22 06:10:11",
          "2026-11-22T06:10:11", "2026-11-22T06:10:11+01:00", "2026-11-21 23:40:11-0530",
          "2026-11-22T05:10:11+00:00", "2026-11-22T05:10:11-00:00", "@1795324211"})
        names(text, at * second, second);
    names("2026-11-22 06:10:11.014059", at * second + 14'059'000, 1000);
    names("@1795324211.014059", at * second + 14'059'000, 1000);
    names("@1795324211.000000001", at * second + 1, 1);
    names("@0", 0, second);
    names("2026-11-22 06:10", (at - 11) * second, minute);
    names("2026-11-22T05:10Z", (at - 11) * second, minute);
    names("2026-11-22+01:00", (at - 22211) * second, 24 * hour);
    names("2026-11-22", (at - 22211) * second, 24 * hour);
    names("2026-03-29", 1'774'738'800 * second, 23 * hour);
    names("2026-10-25", 1'792'879'200 * second, 25 * hour);
    names("2026-03-31", 1'774'908'000 * second, 24 * hour); // the next one is of another month
    names("2026-03-29T01:59", 1'774'745'940 * second, minute);
    names("2026-03-29T03:00", 1'774'746'000 * second, minute);
    names("2026-03-29T02:30Z", 1'774'751'400 * second, minute);

    for (const char* text : {"2026-11-22 ",
                             "2026-11-22T",
                             "2026-11-22  05:10",
                             "2026-11-22T05:10 Z",
                             "2026-11-22T05",
                             "2026-11-22T05:10+1",
                             "2026-11-22T05:10+01",
                             "2026-11-22T05:10+01:",
                             "2026-11-22T05:10+24:00",
                             "2026-11-22T05:10+01:60",
                             "2026-11-22T05:10+01:00Z",
                             "2026-11-22T05:10ZZ",
                             "2026-11-22T-0:10",
                             "2026--1-22",
                             "2026-02-30",
                             "@",
                             "@-1",
                             "@1.",
                             "@1.0000000001",
                             "@1Z",
                             "@99999999999999999999",
                             "1795324211",
                             "1970-01-01T00:00+01:00",
                             "@9999999999"}) {
        INFO(text);
        CHECK(std::holds_alternative<std::string>(parse_moment(text)));
    }
    for (const char* text : {"2026-03-29T02:30", "2026-03-29 02:00:00"}) {
        const auto read = parse_moment(text);
        REQUIRE(std::holds_alternative<std::string>(read));
        CHECK(std::get<std::string>(read).find("there is no such time") != std::string::npos);
    }
    // Where the clocks go forward at midnight, the day begins at one.
    setenv("TZ", "<-05>5<-04>,M3.2.0/0,M11.1.0/1", 1);
    tzset();
    names("2026-03-08", 1'772'946'000 * second, 23 * hour);
    names("2026-03-07", 1'772'859'600 * second, 24 * hour);
    CHECK(std::holds_alternative<std::string>(parse_moment("2026-03-08T00:00")));
    setenv("TZ", "UTC", 1);
    tzset();

    for (const char* text : {"time>='2026-11-22 05:10:11.5'", "time<@1795324211.5",
                             "time=2026-11-22T05:10:11+01:00"}) {
        INFO(text);
        CHECK(std::holds_alternative<Filter>(Filter::parse(text)));
    }
}

TEST_CASE("every state that completion names finds the flows that show it", "[filter]") {
    const Surroundings around;
    std::vector<Flow> flows;
    for (const ProtocolKind& kind : protocols())
        for (std::size_t state = 0; state < kind.states.size(); ++state) {
            Flow flow = test::MakeFlow(kind.name, "192.0.2.1", "192.0.2.2");
            const auto number = static_cast<StateNumber>(state);
            flow.set(Part::status);
            flow.status = number == stateless::unreplied ? 0 : status::seen_reply;
            flow.status |= number == stateless::assured ? status::assured : 0U;
            if (kind.has_states()) {
                flow.set(Part::state);
                flow.state = number & (state_limit - 1);
            }
            flows.push_back(flow);
        }
    for (const std::string& value : filter_values(column("state"))) {
        const auto filter = Filter::parse("state=" + value);
        INFO(value);
        for (const Flow& flow : flows) {
            const std::string label(state_label(flow.protocol, *state_of(flow)));
            const bool same = std::equal(label.begin(), label.end(), value.begin(), value.end(),
                                         [](char a, char b) { return std::tolower(a) == b; });
            CHECK(std::get<Filter>(filter).matches(Row(flow, Extras{}, around)) == same);
        }
    }
}

TEST_CASE("every other value that completion names can be asked for, and is what is shown",
          "[filter]") {
    const Surroundings around;
    const Flow flow = test::MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2");
    const auto holds_for = [&](const std::string& text, const Row& row) {
        return std::get<Filter>(Filter::parse(text)).matches(row);
    };
    const auto step_shows = [&](std::string_view name, const std::string& value, Transition step) {
        step.flow = flow;
        step.flow.set(Part::state);
        const Row row(step, Extras{}, around);
        CHECK(to_text(column(name).get(row)) == value);
        CHECK(holds_for(std::string(name) + "=" + value, row));
    };
    for (const auto& value : filter_values(column("event"))) {
        Transition step;
        const auto names = transition_names();
        step.kind = static_cast<TransitionKind>(std::find(names.begin(), names.end(), value) -
                                                names.begin());
        step_shows("event", value, step);
    }
    for (const auto& value : filter_values(column("ending"))) {
        Transition step;
        const auto names = ending_names();
        step.ending =
            static_cast<Ending>(std::find(names.begin(), names.end(), value) - names.begin());
        step_shows("ending", value, step);
    }
    for (const auto& value : filter_values(column("proto"))) {
        const Flow each = test::MakeFlow(value, "192.0.2.1", "192.0.2.2");
        CHECK(to_text(column("proto").get(Row(each, Extras{}, around))) == value);
        CHECK(holds_for("proto=" + value, Row(each, Extras{}, around)));
    }
    for (const StatusFlag& flag : status_flags()) {
        const Flow each = test::MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2")
                              .status(flag.inverted ? 0 : 1U << flag.bit);
        CHECK(holds_for("status=" + std::string(flag.name), Row(each, Extras{}, around)));
    }
    for (const auto& value : filter_values(column("kind")))
        CHECK(std::holds_alternative<Filter>(Filter::parse("kind=" + value)));
}

TEST_CASE("every column can be asked", "[filter]") {
    const Rows rows = make_rows();
    const auto literal = [](const Column& column) -> std::string {
        switch (column.kind) {
        case Kind::text:
            return column.name == "kind"     ? "snat"
                   : column.name == "family" ? "ipv4"
                   : column.name == "event"  ? "created"
                   : column.name == "ending" ? "closed"
                                             : "assured";
        case Kind::time:
            return "2026-11-22T05:10";
        case Kind::protocol:
            return "tcp";
        case Kind::flags:
            return "assured";
        case Kind::address:
        case Kind::endpoint:
        case Kind::tuple:
            return "10.0.0.5";
        default:
            return "1";
        }
    };
    for (const Column& column : columns()) {
        const auto& asked = filter_columns();
        if (std::find(asked.begin(), asked.end(), column.name) == asked.end())
            continue;
        const std::string equal = std::string(column.name) + "=" + literal(column);
        const std::string unequal = std::string(column.name) + "!=" + literal(column);
        INFO(equal);
        const std::string yes = matching(rows, equal);
        const std::string no = matching(rows, unequal);
        CHECK(yes.size() + no.size() == rows.entries.size());
    }
}

TEST_CASE("an end's comparison agrees with the cell of its column", "[filter]") {
    const Rows rows = make_rows();
    for (const Column& column : columns()) {
        if (column.kind != Kind::address && column.kind != Kind::endpoint &&
            column.kind != Kind::port)
            continue;
        for (const auto& shown : rows.entries) {
            const Value value = column.get(Row(shown.flow, shown.extras, rows.around));
            if (is_absent(value))
                continue;
            std::string expected;
            for (const auto& entry : rows.entries) {
                const Value cell = column.get(Row(entry.flow, entry.extras, rows.around));
                if (!is_absent(cell) && to_text(cell) == to_text(value))
                    expected += entry.letter;
            }
            const std::string text = std::string(column.name) + "=" + to_text(value);
            // An address without a port is equal to the same one with any port; no row here has
            // both.
            INFO(text);
            CHECK(matching(rows, text) == expected);
        }
    }
}

TEST_CASE("options make filters without the grammar", "[filter]") {
    const Rows rows = make_rows();
    const auto side = [&](Side which, std::string_view list) {
        const auto made = Filter::on_side(which, list, known_names());
        const auto* error = std::get_if<FilterError>(&made);
        return error != nullptr ? std::to_string(error->position) + ": " + error->reason
                                : rows.matching(std::get<Filter>(made));
    };
    CHECK(side(Side::source, "10.0.0.5") == "S");
    CHECK(side(Side::source, "10.0.0.5,10.0.0.6") == "SB");
    CHECK(side(Side::source, " 10.0.0.5 , 10.0.0.6 inside") == "SB");
    CHECK(side(Side::source, "10.0.0.0/8") == "SBIG");
    CHECK(side(Side::source, "[2001:db8:1::5]:50000") == "R");
    CHECK(side(Side::source, "inside:40000") == "S");
    CHECK(side(Side::destination, "web.example") == "SR");
    CHECK(side(Side::destination, "10.0.0.80:80") == "D");
    CHECK(side(Side::gateway, "198.51.100.10") == "SDBI");
    CHECK(side(Side::gateway, "198.51.100.11:6000") == "B");
    CHECK(side(Side::source, "or") == "0: unknown host 'or'");
    CHECK(side(Side::source, "10.0.0.5) or (tcp") ==
          "0: '10.0.0.5)' is not an address or a network");
    CHECK(side(Side::source, "") == "0: a value is missing");
    CHECK(side(Side::source, "10.0.0.5,") == "9: a value is missing");
    CHECK(side(Side::source, "10.0.0.5,,x") == "9: a value is missing before this comma");
    CHECK(side(Side::source, "10.0.0.5, x") == "10: unknown host 'x'");

    const auto on = [&](std::string_view name, std::string_view list) {
        const auto made = Filter::on_column(column(name), list, known_names());
        const auto* error = std::get_if<FilterError>(&made);
        return error != nullptr ? std::to_string(error->position) + ": " + error->reason
                                : rows.matching(std::get<Filter>(made));
    };
    CHECK(on("proto", "tcp,17") == "SDBLR");
    CHECK(on("proto", "TCP") == "SDR");
    CHECK(on("kind", "snat,both") == "SBI");
    CHECK(on("family", "ipv6") == "R");
    CHECK(on("state", "syn_sent") == "D");
    CHECK(on("proto", "tcp,xyz") == "4: unknown protocol 'xyz'");
}

TEST_CASE("filters are joined", "[filter]") {
    const Rows rows = make_rows();
    const auto made = [](std::string_view text) {
        return std::get<Filter>(Filter::parse(text, known_names()));
    };
    Filter filter;
    filter.require(Filter());
    CHECK(rows.matching(filter) == "SDBLRIG");
    filter.require(made("tcp or udp"));
    CHECK(rows.matching(filter) == "SDBLR");
    filter.require(Filter());
    filter.require(made("nat"));
    CHECK(rows.matching(filter) == "SDB");
    filter.require(made("port 443 or port 53"));
    filter.require(made("not udp"));
    CHECK(rows.matching(filter) == "S");
}

TEST_CASE("what the vocabulary lists is understood", "[filter]") {
    std::size_t closed = 0;
    for (const std::string_view name : filter_columns()) {
        const auto values = filter_values(column(name));
        closed += values.empty() ? 0 : 1;
        for (const std::string& value : values) {
            INFO(name << "=" << value);
            const auto parsed = Filter::parse(std::string(name) + "=" + value);
            REQUIRE(std::holds_alternative<Filter>(parsed));
        }
    }
    REQUIRE(closed == 8); // proto, family, kind, state, was, event, ending, status
    for (const std::string_view word : filter_words()) {
        INFO(word);
        const auto parsed = Filter::parse(word);
        if (const auto* error = std::get_if<FilterError>(&parsed))
            REQUIRE(error->reason.find("unknown") == std::string::npos);
    }
}
