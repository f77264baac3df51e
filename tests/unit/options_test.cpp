// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The command line as a user may write it: short, bundled, long, with mistakes.
#include "natstat/ask/options.hpp"

#include "natstat/ask/request.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <set>
#include <sstream>
#include <sys/utsname.h>

using namespace natstat;

namespace {

using Words = std::vector<std::string>;

Options read(const Words& words) {
    const auto result = parse_options(words);
    if (const auto* error = std::get_if<UsageError>(&result))
        FAIL(error->message);
    return std::get<Options>(result);
}

std::string error_of(const Words& words) {
    const auto result = parse_options(words);
    const auto* error = std::get_if<UsageError>(&result);
    return error == nullptr ? "" : error->message;
}

} // namespace

TEST_CASE("no words are the defaults", "[options]") {
    const Options options = read({});
    REQUIRE(options.header);
    REQUIRE_FALSE(
        (options.numeric || options.nat_host || options.snat || options.dnat || options.all));
    REQUIRE(options.sort.empty());
    REQUIRE(options.format == Format::table);
    REQUIRE((options.columns.empty() && options.filter.empty() && options.read.empty()));
    REQUIRE(options.name_timeout == std::chrono::seconds{2});
}

TEST_CASE("netstat-nat's options, alone, bundled and long", "[options]") {
    for (const Words& words : {Words{"-n", "-N", "-o"}, Words{"-nNo"}, Words{"-oGn"},
                               Words{"--numeric", "--nat-host", "--no-header"}}) {
        const Options options = read(words);
        REQUIRE((options.numeric && options.nat_host && !options.header));
        REQUIRE_FALSE(options.extended);
    }
    const Options all = read({"-SDLRax46"});
    REQUIRE((all.snat && all.dnat && all.local && all.routed && all.all && all.extended &&
             all.ipv4 && all.ipv6));
    REQUIRE((read({"-h"}).mode == Mode::help && read({"--help"}).mode == Mode::help));
    REQUIRE((read({"-v"}).mode == Mode::version && read({"--version"}).mode == Mode::version));
    REQUIRE(read({"--list-columns"}).mode == Mode::columns);
}

TEST_CASE("an argument may be attached, apart, or behind =", "[options]") {
    for (const Words& words :
         {Words{"-ptcp"}, Words{"-p", "tcp"}, Words{"-nptcp"}, Words{"-np", "tcp"},
          Words{"--protocol=tcp"}, Words{"--protocol", "tcp"}, Words{"--proto=tcp"}})
        REQUIRE(read(words).protocols == Words{"tcp"});
}

TEST_CASE("lists are repeatable", "[options]") {
    const Options options =
        read({"-s", "192.0.2.1", "-s192.0.2.0/24,[2001:db8::1]:80", "--source=a.example", "-d", "b",
              "-g", "c", "--gateway", "d", "-p", "tcp,udp", "-p17"});
    REQUIRE(options.sources == Words{"192.0.2.1", "192.0.2.0/24,[2001:db8::1]:80", "a.example"});
    REQUIRE(options.destinations == Words{"b"});
    REQUIRE(options.gateways == Words{"c", "d"});
    REQUIRE(options.protocols == Words{"tcp,udp", "17"});
}

TEST_CASE("an argument may begin with -", "[options]") {
    REQUIRE(read({"-r", "-bytes"}).sort == "-bytes");
    REQUIRE(read({"--sort", "-bytes,src"}).sort == "-bytes,src");
    REQUIRE(read({"-r-bytes"}).sort == "-bytes");
    REQUIRE(read({"-f", "-"}).read.shown() == "standard input");
    REQUIRE(read({"-f-"}).read.has_standard_input());
    REQUIRE(read({"-fa", "--read=b"}).read.names == std::vector<std::string>{"a", "b"});
    REQUIRE(read({"--read=-"}).read.has_standard_input());
}

TEST_CASE("words that are no options are the filter, wherever they stand", "[options]") {
    REQUIRE(read({"tcp", "and", "src", "192.0.2.1"}).filter == "tcp and src 192.0.2.1");
    const Options mixed = read({"tcp", "-n", "and", "--sort", "src", "dport=80"});
    REQUIRE(mixed.filter == "tcp and dport=80");
    REQUIRE((mixed.numeric && mixed.sort == "src"));
    REQUIRE(read({"tcp or udp"}).filter == "tcp or udp");
    REQUIRE(read({"-"}).filter == "-");
}

TEST_CASE("-- ends the options", "[options]") {
    const Options options = read({"-n", "--", "-S", "--all", "tcp"});
    REQUIRE((options.numeric && !options.snat && !options.all));
    REQUIRE(options.filter == "-S --all tcp");
    REQUIRE(read({"--"}).filter.empty());
    REQUIRE(read({"tcp", "--", "--"}).filter == "tcp --");
}

TEST_CASE("an unknown option is named, a long one with what was meant", "[options]") {
    REQUIRE(error_of({"-z"}) == "unknown option '-z'");
    REQUIRE(error_of({"-?"}) == "unknown option '-?'");
    REQUIRE(error_of({"-nz"}) == "unknown option '-z'");
    REQUIRE(error_of({"-zn"}) == "unknown option '-z'");
    REQUIRE(error_of({"tcp", "-zn"}) == "unknown option '-z'");
    REQUIRE(error_of({"--cloumns"}) == "unknown option '--cloumns' (did you mean '--columns'?)");
    REQUIRE(error_of({"-n", "tcp", "--nat-hots"}) ==
            "unknown option '--nat-hots' (did you mean '--nat-host'?)");
    REQUIRE(error_of({"--cloumns=src", "-n"}).find("did you mean '--columns'?") !=
            std::string::npos);
    REQUIRE(error_of({"--qqqqqqqq"}) == "unknown option '--qqqqqqqq'");
}

TEST_CASE("an option that lacks its value is named", "[options]") {
    REQUIRE(error_of({"-p"}) == "option '-p' needs a value");
    REQUIRE(error_of({"-np"}) == "option '-p' needs a value");
    REQUIRE(error_of({"--sort"}) == "option '--sort' needs a value");
    REQUIRE(error_of({"tcp", "-n", "--columns"}) == "option '--columns' needs a value");
}

TEST_CASE("a value for an option that takes none is named", "[options]") {
    REQUIRE(error_of({"--numeric=yes"}) == "option '--numeric' takes no value");
    REQUIRE(error_of({"-n", "--list-columns=src"}) == "option '--list-columns' takes no value");
    REQUIRE(error_of({"tcp", "--all=1", "-n"}) == "option '--all' takes no value");
}

TEST_CASE("the beginning of several long options is called ambiguous, not unknown", "[options]") {
    REQUIRE(error_of({"--so"}).find("ambiguous") != std::string::npos);
    REQUIRE(error_of({"--n"}).find("ambiguous") != std::string::npos);
}

TEST_CASE("an empty value is no value", "[options]") {
    REQUIRE(error_of({"--sort="}) == "--sort: needs a value");
    REQUIRE(error_of({"-C", ""}) == "--columns: needs a value");
    REQUIRE(error_of({"-f", ""}) == "--read: needs a value");
    for (const auto* option : {"--source=", "--destination=", "--gateway=", "--protocol="}) {
        INFO(option);
        CHECK_FALSE(error_of({option}).empty());
    }
}

TEST_CASE("formats by name, and a bad one with the good ones", "[options]") {
    REQUIRE(read({"-j"}).format == Format::json);
    REQUIRE(read({"--format", "csv"}).format == Format::csv);
    REQUIRE(read({"--format=jsonl"}).format == Format::jsonl);
    REQUIRE(read({"-j", "--format=table"}).format == Format::table);
    REQUIRE(error_of({"--format", "xml"}) ==
            "--format: unknown format 'xml' (known: table, json, jsonl, csv, emf)");
    REQUIRE_FALSE(error_of({"--format="}).empty());
}

TEST_CASE("columns replace, + adds to what was chosen before", "[options]") {
    REQUIRE(read({"-C", "src,dst"}).columns == "src,dst");
    REQUIRE(read({"-C", "src", "-C", "dst"}).columns == "dst");
    REQUIRE(read({"-C", "src", "-C", "+dst"}).columns == "src,+dst");
    REQUIRE(read({"-C+mark", "-C+zone"}).columns == "+mark,+zone");
}

TEST_CASE("the wait for names is in seconds", "[options]") {
    REQUIRE(read({"--name-timeout", "0.5"}).name_timeout == std::chrono::milliseconds{500});
    REQUIRE(read({"--name-timeout=0"}).name_timeout == std::chrono::milliseconds{0});
    REQUIRE(read({"--name-timeout=3600"}).name_timeout == std::chrono::hours{1});
    for (const auto* bad : {"", "x", "1s", "-1", "3601", "nan", "inf", "1e99", " 1"})
        REQUIRE_FALSE(error_of({"--name-timeout", bad}).empty());
}

TEST_CASE("labels are names and values, and none is natstat's own", "[options]") {
    REQUIRE(read({"--metrics", "--label", "netns=blue", "--label=room=a=b c"}).labels ==
            std::vector<std::pair<std::string, std::string>>{{"netns", "blue"}, {"room", "a=b c"}});
    for (const char* wrong : {"room", "room=", "=a", "1room=a", "__room=a", "a-b=c", ""}) {
        CAPTURE(wrong);
        REQUIRE_FALSE(error_of({"--metrics", "--label", wrong}).empty());
    }
    for (const char* own : {"gate=a", "device=a", "kind=a", "share=a", "direction=a"}) {
        CAPTURE(own);
        REQUIRE(error_of({"--metrics", "--label", own}).find("natstat's own") != std::string::npos);
    }
    REQUIRE(error_of({"--metrics", "--label", "a=b", "--label", "a=c"}) ==
            "--label: 'a' is there twice");
    REQUIRE_FALSE(error_of({"--metrics", "--netns", "blue", "--label", "netns=b"}).empty());
    REQUIRE(error_of({"--label", "a=b"}) == "--label is for --metrics");
}

TEST_CASE("no single destinations among the metrics; no list without rows", "[options]") {
    REQUIRE(read({"--metrics", "--limit", "0"}).limit == 0U);
    REQUIRE_FALSE(error_of({"--limit", "0"}).empty());
    REQUIRE_FALSE(error_of({"-P", "--limit", "0"}).empty());
}

TEST_CASE("each parse starts anew", "[options]") {
    (void)parse_options({"-nzx"}); // stops inside a bundle
    const Options options = read({"-S", "tcp"});
    REQUIRE((options.snat && !options.numeric && !options.extended));
    REQUIRE(options.filter == "tcp");
}

TEST_CASE("options have names of their own, and help names all of them", "[options]") {
    std::set<char> letters;
    std::set<std::string_view> names;
    const std::string help = help_text();
    for (const Option& option : option_table()) {
        if (option.short_name != 0) {
            REQUIRE(letters.insert(option.short_name).second);
            REQUIRE(help.find(std::string("-") + option.short_name) != std::string::npos);
        }
        if (option.long_name.empty())
            continue;
        REQUIRE(names.insert(option.long_name).second);
        REQUIRE(help.find("--" + std::string(option.long_name)) != std::string::npos);
        REQUIRE_FALSE(option.help.empty());
    }
    REQUIRE(version_text().starts_with("natstat "));
}

TEST_CASE("--version has what a report needs, and the version alone in its first line",
          "[options]") {
    const auto asked = version_request(Options{}, AskNames());
    const std::string& text = std::get<TextRequest>(asked).text;
    utsname host{};
    REQUIRE(uname(&host) == 0);
    REQUIRE(text.starts_with(version_text() + "\n" + host.sysname + " " + host.release + " "));
    REQUIRE(text.find(__VERSION__) != std::string::npos);
    REQUIRE(std::count(text.begin(), text.end(), '\n') == 3);
}

TEST_CASE("help is a page of a terminal's width", "[options]") {
    std::istringstream help(help_text());
    std::size_t lines = 0;
    for (std::string line; std::getline(help, line); ++lines) {
        INFO(line);
        REQUIRE(line.size() <= 79);
    }
    // A line an option: no screen has them all, so they are read like a manual, and are no more.
    REQUIRE(lines <= 76);
}

TEST_CASE("the help of --format names every format", "[options]") {
    const auto table = option_table();
    const auto row = std::find_if(table.begin(), table.end(),
                                  [](const Option& each) { return each.takes == Takes::formats; });
    REQUIRE(row != table.end());
    for (const std::string_view name : format_names())
        REQUIRE(row->help.find(name) != std::string_view::npos);
}
