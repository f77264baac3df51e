// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Filters that are wrong: each mistake with its place and its words, hostile texts, and how an
// error is shown under the text.
#include "natstat/filter/filter.hpp"

#include "filter_rows.hpp"
#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::filter_test;

namespace {

/// "place: reason", or "fine".
std::string error_of(std::string_view text, const FilterNames& names = known_names()) {
    const auto parsed = Filter::parse(text, names);
    const auto* error = std::get_if<FilterError>(&parsed);
    return error == nullptr ? "fine" : std::to_string(error->position) + ": " + error->reason;
}

struct Case {
    const char* text;
    const char* error;
};

void check(std::initializer_list<Case> cases) {
    for (const Case& one : cases) {
        INFO(one.text);
        CHECK(error_of(one.text) == one.error);
    }
}

std::string repeated(std::string_view piece, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i)
        text += piece;
    return text;
}

} // namespace

TEST_CASE("words that the language does not have", "[filter]") {
    check({
        {"bogus", "0: unknown word 'bogus' (a host's name: 'host NAME')"},
        {"tcp and unrepplied", "8: unknown word 'unrepplied' (did you mean 'unreplied'?)"},
        {"tpc", "0: unknown word 'tpc' (did you mean 'tcp'?)"},
        {"portt 80", "0: unknown word 'portt' (did you mean 'port'?)"},
        {"Established", "0: unknown word 'Established' (did you mean 'state=established'?)"},
        {"bytes", "0: 'bytes' is a column and needs a comparison, such as bytes=VALUE"},
        {"tcp 443", "4: '443' alone says nothing (a port: 'port NUMBER')"},
        {"sorce=10.0.0.1", "0: unknown column 'sorce' (did you mean 'source'?)"},
        {"tcp and stat=close", "8: unknown column 'stat' (did you mean 'state'?)"},
        {"xyzzyx=1", "0: unknown column 'xyzzyx' (--list-columns lists them)"},
        {"port<1024", "4: only columns can be compared like this (sport, dport, gport)"},
    });
}

TEST_CASE("signs that are missing, doubled or unknown", "[filter]") {
    check({
        {"tcp and", "7: a condition is missing at the end"},
        {"tcp or  ", "8: a condition is missing at the end"},
        {"not", "3: a condition is missing at the end"},
        {"and tcp", "0: a condition is missing before this"},
        {"tcp and or udp", "8: a condition is missing before this"},
        {"tcp or )", "7: a condition is missing before this"},
        {"()", "1: a condition is missing before this"},
        {"(tcp", "0: this '(' is not closed"},
        {"tcp and ((udp)", "8: this '(' is not closed"},
        {"tcp)", "3: there is no '(' for this ')'"},
        {"(tcp, udp)", "4: 'and', 'or' or ')' is missing before this"},
        {"tcp, udp", "3: this is not expected here"},
        {"=5", "0: a column is missing before this"},
        {"bytes=", "6: a value is missing here"},
        {"bytes>>5", "6: a value is missing here"},
        {"bytes=5,", "8: a value is missing here"},
        {"bytes=,5", "6: a value is missing here"},
        {"bytes=5=6", "7: this is not expected here"},
        {"bytes=and", "6: a value is missing here"},
        {"tcp & udp", "4: unknown sign '&' (did you mean '&&'?)"},
        {"tcp | udp", "4: unknown sign '|' (did you mean '||'?)"},
        {"helper='ftp", "7: this quote is not closed"},
        {"src", "3: a value is missing at the end"},
        {"src and tcp", "4: a value is missing before this"},
        {"src tcp", "4: a value is missing before this"},
        {"src host", "8: a value is missing at the end"},
        {"src (10.0.0.1 or tcp)", "17: 'tcp' is not a value"},
        {"src (10.0.0.1 10.0.0.2)", "14: 'and', 'or' or ')' is missing before this"},
        {"src proto tcp", "4: 'proto' has nothing before it"},
        {"tcp src proto 6", "8: 'proto' has nothing before it"},
    });
}

TEST_CASE("values that can not be read", "[filter]") {
    check({
        {"10.0.0.256", "0: '10.0.0.256' is not an address or a network"},
        {"src 10.0.0.0/33", "4: '10.0.0.0/33' is not an address or a network"},
        {"net 10.0.0.0.0", "4: '10.0.0.0.0' is not a network (10.0.0.0/8, 2001:db8::/32)"},
        {"net 300", "4: '300' is not a network (10.0.0.0/8, 2001:db8::/32)"},
        {"host 2001:db8::1:80:1:2:3:4:5",
         "5: '2001:db8::1:80:1:2:3:4:5' is not an address (IPv6 with a port: [2001:db8::1]:80)"},
        {"src [10.0.0.1]:80", "4: '10.0.0.1' is not an address or a network"},
        {"src [2001:db8::1",
         "4: '[2001:db8::1' is not an address (IPv6 with a port: [2001:db8::1]:80)"},
        {"src 10.0.0.1:99999", "4: '99999' is not a port (0 to 65535)"},
        {"src 10.0.0.1:", "4: '' is not a port (0 to 65535)"},
        {"src nowhere", "4: unknown host 'nowhere'"},
        {"src 10.0.0.1,nowhere", "13: unknown host 'nowhere'"},
        {"nowhere.example", "0: unknown host 'nowhere.example'"},
        {"port 65536", "5: '65536' is not a port (0 to 65535)"},
        {"port 90-80", "5: '90-80': the range goes backwards"},
        {"port smtpx", "5: unknown service 'smtpx'"},
        {"tcp port 80,smtpx", "12: unknown service 'smtpx'"},
        {"dport=http:", "6: unknown service 'http:'"},
        {"proto tpc", "6: unknown protocol 'tpc' (did you mean 'tcp'?)"},
        {"proto=256", "6: unknown protocol '256'"},
        {"state=syn_snt", "6: unknown state 'syn_snt' (did you mean 'SYN_SENT'?)"},
        {"state=close,established,xx", "24: unknown state 'xx'"},
        {"status=asured", "7: unknown flag 'asured' (did you mean 'assured'?)"},
        {"kind=snaat", "5: unknown kind 'snaat' (did you mean 'snat'?)"},
        {"family=ipv5", "7: unknown family 'ipv5' (did you mean 'ipv4'?)"},
        {"labels=128", "7: '128' is not a label (0 to 127, a name of connlabel.conf, or the "
                       "bitmap as 0x...)"},
        {"labels=voce", "7: 'voce' is not a label (0 to 127, a name of connlabel.conf, or the "
                        "bitmap as 0x...) (did you mean 'voice'?)"},
        {"labels=''", "7: '' is not a label (0 to 127, a name of connlabel.conf, or the bitmap as "
                      "0x...)"},
        {"labels=0xzz", "7: '0xzz' is not a bitmap of 128 bits"},
    });
}

TEST_CASE("columns that do not fit together", "[filter]") {
    check({
        {"src=gport", "4: 'gport' (port) can not be compared with 'src' (address) (a host of this "
                      "name: in quotes)"},
        {"tcp and src = source", "14: 'source' (endpoint) can not be compared with 'src' (address) "
                                 "(a host of this name: in quotes)"},
        {"bytes < Packets", "8: 'packets' (count) can not be compared with 'bytes' (bytes)"},
        {"timeout>time", "8: 'time' (time) can not be compared with 'timeout' (duration)"},
        {"mark=helper", "5: 'helper' (text) can not be compared with 'mark' (hex)"},
        {"original=reply", "9: 'reply' (tuple) can not be compared with 'original' (tuple) (a host "
                           "of this name: in quotes)"},
        {"packets>flows", "8: 'flows' is of groups of flows, and a filter chooses flows"},
        {"src_net<dst_net", "8: the values of 'src_net' have no order: only = and != can be asked"},
        {"src=gate,dst",
         "4: 'gate' is a column, and a list is of values (a value of this name: in quotes)"},
        {"src=10.0.0.1,gate", "13: unknown host 'gate'"},
    });
}

TEST_CASE("numbers that can not be read", "[filter]") {
    check({
        {"bytes>x", "6: 'x': not a number"},
        {"bytes>1X", "6: '1X': unknown unit (k M G T, Ki Mi Gi Ti)"},
        {"bytes>1.5", "6: '1.5': a fraction needs a unit (k M G T, Ki Mi Gi Ti)"},
        {"bytes>1.", "6: '1.': not a number"},
        {"bytes>1.1234567M", "6: '1.1234567M': not a number"},
        {"bytes>99999999999999999999", "6: '99999999999999999999': the number is too large"},
        {"bytes>18446744073709551615k", "6: '18446744073709551615k': the number is too large"},
        {"bytes>0x", "6: '0x': not a number"},
        {"bytes=9-3", "6: '9-3': the range goes backwards"},
        {"bytes>-1", "6: '-1': not a number"},
        {"bytes>1,2", "8: < <= > >= take one value, not a list, a range or a mask"},
        {"bytes>1-2", "6: < <= > >= take one value, not a list, a range or a mask"},
        {"mark>0x10/0xff", "5: < <= > >= take one value, not a list, a range or a mask"},
        {"mark=0x100/0xff",
         "5: '0x100/0xff': the value has bits outside of its mask, so nothing can match"},
        {"mark=0x100000000", "5: '0x100000000': the number does not fit into 32 bits"},
        {"mark=1/", "5: '1/': not a number"},
        {"sport>80-90", "6: < <= > >= take one value, not a list, a range or a mask"},
        {"src>10.0.0.0/8", "4: '10.0.0.0/8' is not an address; < <= > >= take one"},
        {"timeout<1y", "8: '1y': unknown unit (s m h d w)"},
        {"timeout<1h30", "8: '1h30': a unit is missing (s m h d w)"},
        {"timeout<h", "8: 'h': not a time (30, 90s, 1h30m)"},
        {"age>99999999999999999999s", "4: '99999999999999999999s': the number is too large"},
        {"age>9999999999999999999s9999999999999999999s",
         "4: '9999999999999999999s9999999999999999999s': the number is too large"},
        {"state<close", "6: the values of 'state' have no order: only = and != can be asked"},
        {"proto>tcp", "6: the values of 'proto' have no order: only = and != can be asked"},
        {"status>assured", "7: the values of 'status' have no order: only = and != can be asked"},
        {"original>10.0.0.1",
         "9: the values of 'original' have no order: only = and != can be asked"},
    });
}

TEST_CASE("names are errors where nothing looks them up", "[filter]") {
    CHECK(error_of("src nowhere", {}) ==
          "4: 'nowhere' is not an address, and names are not looked up here");
    CHECK(error_of("www.example", {}) ==
          "0: 'www.example' is not an address, and names are not looked up here");
    CHECK(error_of("port https", {}) ==
          "5: 'https' is not a port, and names are not looked up here");
    CHECK(error_of("port 443 and src 10.0.0.1", {}) == "fine");
}

TEST_CASE("a mistyped word asks no resolver", "[filter]") {
    std::string asked;
    FilterNames names;
    names.resolve = [&](std::string_view name) {
        asked += std::string(name) + ' ';
        return std::vector<Address>{};
    };
    CHECK(error_of("estabished", names) != "fine");
    CHECK(error_of("src 10.0.0.300", names) != "fine");
    CHECK(error_of("src name:99999", names) != "fine");
    CHECK(error_of("src \"a b\"", names) != "fine");
    CHECK(error_of("src \"\x1b[2J.example\"", names) != "fine");
    CHECK(asked.empty());
    CHECK(error_of("src name", names) == "4: unknown host 'name'");
    CHECK(asked == "name ");
}

TEST_CASE("hostile filters are errors", "[filter]") {
    CHECK(error_of(repeated("(", 50'000)) == "100: too many parentheses in each other");
    CHECK(error_of(repeated("(", 100) + "tcp" + repeated(")", 100)) == "fine");
    CHECK(error_of(repeated("(", 101) + "tcp" + repeated(")", 101)) ==
          "100: too many parentheses in each other");
    CHECK(error_of("src " + repeated("(", 50'000)) == "104: too many parentheses in each other");
    CHECK(error_of(repeated("not ", 16'000) + "tcp") == "fine");
    CHECK(error_of(repeated("!", 60'000)) == "60000: a condition is missing at the end");
    CHECK(error_of(repeated("tcp or ", 9'000) + "udp") == "fine");
    CHECK(error_of(repeated("(tcp)", 13'000)) == "fine");
    CHECK(error_of(repeated("(", 100'000)) == "65536: the filter is too long");
    CHECK(error_of(repeated(" ", filter_length_limit)) == "fine");
    CHECK(error_of(repeated("a", 60'000)) ==
          "0: unknown word '" + repeated("a", 40) + "...' (a host's name: 'host NAME')");
    CHECK(error_of(std::string_view("tcp\0udp", 7)) ==
          "0: unknown word 'tcp?udp' (a host's name: 'host NAME')");
    CHECK(error_of("\x1b[31m=1") == "0: unknown column '?[31m' (--list-columns lists them)");
}

TEST_CASE("an error is shown under its text", "[filter]") {
    const FilterError error{8, "unknown word 'x'"};
    CHECK(error.show("tcp and x") == "unknown word 'x'\ntcp and x\n        ^");
    CHECK(FilterError{7, "r"}.show("tcp and") == "r\ntcp and\n       ^");
    CHECK(FilterError{0, "r"}.show("") == "r\n\n^");
    CHECK(FilterError{99, "r"}.show("tcp") == "r\ntcp\n   ^");
}

TEST_CASE("odd bytes do not move the caret", "[filter]") {
    const auto shown = [](std::size_t position, std::string_view text) {
        return FilterError{position, "r"}.show(text);
    };
    CHECK(shown(4, "tcp\tx") == "r\ntcp x\n    ^");
    CHECK(shown(3, "\xC3\xA9=x") == "r\n\xC3\xA9=x\n  ^");            // é: two bytes, one cell
    CHECK(shown(5, "\xE2\x82\xAC, x") == "r\n\xE2\x82\xAC, x\n   ^"); // a sign of three bytes
    CHECK(shown(5, "\xF0\x9D\x84\x9E,x") == "r\n\xF0\x9D\x84\x9E,x\n  ^"); // and of four
    CHECK(shown(4, "株,x") == "r\n株,x\n   ^");                            // two cells
    CHECK(shown(4, "e\u0301=x") == "r\ne\u0301=x\n  ^");                   // a mark has none
    CHECK(shown(2, "\xFF\xC3x") == "r\n??x\n  ^");                         // no UTF-8 at all
    CHECK(shown(3, "\xE2\x82 x") == "r\n?? x\n   ^");                      // cut short
    CHECK(shown(3, "\xC0\x80\x80x") == "r\n???x\n   ^");                   // overlong
    CHECK(shown(3, "\xE0\x80\x80x") == "r\n???x\n   ^");
    CHECK(shown(4, "\xF4\x90\x80\x80x") == "r\n????x\n    ^"); // beyond Unicode
    CHECK(shown(3, "\x1b[3x") == "r\n?[3x\n   ^");             // escape
    CHECK(shown(2, "\xC2\x9Bx") == "r\n?x\n ^");               // CSI in one character
    CHECK(shown(1, "\x7Fx\n\r") == "r\n?x??\n ^");
    CHECK(shown(1, std::string_view("\0x", 2)) == "r\n?x\n ^");
}

TEST_CASE("of a long text only what is around the place is shown", "[filter]") {
    const std::string text = repeated("x", 500) + "y" + repeated("z", 500);
    const std::string shown = FilterError{500, "r"}.show(text);
    const std::string line = "..." + repeated("x", 38) + "y" + repeated("z", 37) + "...";
    CHECK(shown == "r\n" + line + "\n" + repeated(" ", 41) + "^");
    const std::string first = FilterError{0, "r"}.show(text);
    CHECK(first == "r\n" + repeated("x", 76) + "...\n^");
    const std::string last = FilterError{text.size(), "r"}.show(text);
    CHECK(last == "r\n..." + repeated("z", 76) + "\n" + repeated(" ", 79) + "^");
}
