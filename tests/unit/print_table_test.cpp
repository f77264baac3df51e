// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The table's exact bytes: netstat-nat's layout without its trailing blanks, and what widens it.
#include "capture.hpp"

#include "natstat/table/shorten.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

/// netstat-nat's columns and titles.
Layout classic(bool nat_host, std::size_t width = 30) {
    Layout layout = layout_of(nat_host ? "proto,source,gateway,destination,state"
                                       : "proto,source,destination,state");
    layout[1].title = "NATed Address";
    for (ShownColumn& each : layout)
        if (each.column->kind == Kind::endpoint)
            each.width = width;
    return layout;
}

const Scene snat{MakeFlow("tcp", "198.51.100.10:40001", "203.0.113.10:80")
                     .reply("203.0.113.10:80", "203.0.113.1:40001")
                     .state("ESTABLISHED")};
const Scene ping{MakeFlow("icmp", "198.51.100.2", "203.0.113.10")
                     .reply("203.0.113.10", "203.0.113.1")
                     .status(status::seen_reply)};
const Scene query{MakeFlow("udp", "198.51.100.2:41001", "203.0.113.10:53")
                      .reply("203.0.113.10:53", "203.0.113.1:41001")
                      .status(0)};

std::string fitted(Layout layout, std::initializer_list<Scene> scenes) {
    for (const Scene& scene : scenes)
        fit(layout, scene.row(), {});
    return printed(Format::table, layout, scenes);
}

} // namespace

TEST_CASE("netstat-nat -n, byte for byte", "[print][table]") {
    REQUIRE(fitted(classic(false), {snat, query}) ==
            "Proto NATed Address                  Destination Address            State\n"
            "tcp   198.51.100.10:40001            203.0.113.10:80                ESTABLISHED\n"
            "udp   198.51.100.2:41001             203.0.113.10:53                UNREPLIED\n");
}

TEST_CASE("netstat-nat -nN, byte for byte", "[print][table]") {
    REQUIRE(fitted(classic(true), {snat}) ==
            "Proto NATed Address                  NAT-host Address               Destination "
            "Address            State\n"
            "tcp   198.51.100.10:40001            203.0.113.1:40001              203.0.113.10:80   "
            "             "
            "ESTABLISHED\n");
}

TEST_CASE("netstat-nat -nx, byte for byte", "[print][table]") {
    REQUIRE(fitted(classic(false, 40), {snat}) ==
            "Proto NATed Address                            Destination Address                    "
            "  State\n"
            "tcp   198.51.100.10:40001                      203.0.113.10:80                        "
            "  ESTABLISHED\n");
}

TEST_CASE("an empty state leaves no blanks at the end of the line", "[print][table]") {
    Scene echo = ping;
    REQUIRE(fitted(classic(false), {echo}) ==
            "Proto NATed Address                  Destination Address            State\n"
            "icmp  198.51.100.2                   203.0.113.10\n");
}

TEST_CASE("an empty cell in the middle keeps its place", "[print][table]") {
    REQUIRE(printed(Format::table, layout_of("state,proto,status,dst"), {ping}) ==
            "State Proto Status Destination\n"
            "      icmp         203.0.113.10\n");
    REQUIRE(printed(Format::table, layout_of("state,status"), {ping}) == "State Status\n\n");
}

TEST_CASE("what is absent is a dash", "[print][table]") {
    REQUIRE(printed(Format::table, layout_of("mark,helper,timeout"), {snat}) ==
            "Mark Helper Timeout\n"
            "   - -            -\n");
}

TEST_CASE("numbers are at the right, titles with them", "[print][table]") {
    Scene counted{MakeFlow("udp", "192.0.2.1:7", "192.0.2.2:53").up(3, 123456789)};
    REQUIRE(fitted(layout_of("proto,sport,bytes_up,packets_up"), {counted}) ==
            "Proto SPort  Bytes-up Pkts-up\n"
            "udp       7 123456789       3\n");
}

TEST_CASE("IPv6 widens its columns for the whole table and is never cut", "[print][table]") {
    const Scene v6{
        MakeFlow("tcp", "[2001:db8:1111:2222:3333:4444:5555:6666]:40001", "[2001:db8::2]:443")
            .reply("[2001:db8::2]:443", "[2001:db8::1]:40001")
            .state("TIME_WAIT")};
    REQUIRE(fitted(classic(false), {snat, v6}) ==
            "Proto NATed Address                                  Destination Address            "
            "State\n"
            "tcp   198.51.100.10:40001                            203.0.113.10:80                "
            "ESTABLISHED\n"
            "tcp   [2001:db8:1111:2222:3333:4444:5555:6666]:40001 [2001:db8::2]:443              "
            "TIME_WAIT\n");
}

TEST_CASE("a longer protocol widens the first column", "[print][table]") {
    const Scene lite{MakeFlow("udplite", "192.0.2.1:1", "192.0.2.2:2").status(0)};
    REQUIRE(fitted(layout_of("proto,sport,state"), {lite}) == "Proto   SPort State\n"
                                                              "udplite     1 UNREPLIED\n");
}

TEST_CASE("a cell longer than its column is still whole, and the next one apart",
          "[print][table]") {
    REQUIRE(printed(Format::table, layout_of("state,sport,proto"), {snat}) ==
            "State SPort Proto\n"
            "ESTABLISHED 40001 tcp\n");
}

TEST_CASE("without a header there are rows only", "[print][table]") {
    PrintStyle style;
    style.header = false;
    REQUIRE(printed(Format::table, layout_of("proto,sport"), {query}, style) == "udp   41001\n");
    REQUIRE(printed(Format::table, layout_of("proto,sport"), {}, style).empty());
    REQUIRE(printed(Format::table, layout_of("proto,sport"), {}) == "Proto SPort\n");
}

TEST_CASE("hostile text can not break a line or reach the terminal", "[print][table]") {
    Scene hostile = full_scene();
    hostile.extras.helper = "a\n\x1b[2Jb";
    REQUIRE(printed(Format::table, layout_of("helper,proto"), {hostile}) ==
            "Helper Proto\n"
            "a\\x0a\\x1b[2Jb tcp\n");
}

TEST_CASE("the widths may grow between rows", "[print][table]") {
    Layout layout = layout_of("sport,proto");
    MemoryFile file;
    Output output(file.fd(), "memory");
    const PrintStyle style;
    const auto printer = make_printer(Format::table, layout, style, output);
    printer->begin();
    printer->row(query.row());
    layout[0].width = 8;
    printer->row(query.row());
    printer->end();
    output.flush();
    REQUIRE(file.text() == "SPort Proto\n41001 udp\n   41001 udp\n");
}

TEST_CASE("no line of any rows ends in a blank", "[print][table]") {
    Dice dice(16);
    Layout layout;
    for (const Column& each : columns())
        layout.push_back(shown(each));
    std::string all;
    for (int i = 0; i < 300; ++i) {
        Scene scene;
        scene.flow = random_flow(dice);
        all += printed(Format::table, layout, {scene});
    }
    REQUIRE(all.find(" \n") == std::string::npos);
}

namespace {

/// As a terminal of this width shows it.
std::string on_terminal(std::size_t width, std::initializer_list<Scene> scenes,
                        PrintStyle style = {}) {
    Layout layout = classic(true);
    for (const Scene& scene : scenes)
        fit(layout, scene.row(), {}, true);
    style.width = width;
    return printed(Format::table, layout, scenes, style);
}

const Scene v6{MakeFlow("tcp", "[2001:db8:1:2222:3333:4444:6789:5625]:41000",
                        "[2001:db8:2:2222:3333:4444:5555:eeee]:443")
                   .reply("[2001:db8:2:2222:3333:4444:5555:eeee]:443", "[2001:db8::1]:41000")
                   .state("SYN_SENT")};

} // namespace

TEST_CASE("on a terminal cells are shortened so that a row is a line", "[print][table]") {
    CHECK(on_terminal(80, {snat}) ==
          "Proto NATed Address        NAT-host Address     Destination Address  State\n"
          "tcp   198.51.100.10:40001  203.0.113.1:40001    203.0.113.10:80      ESTABLISHED\n");
    CHECK(on_terminal(80, {snat, v6}) ==
          "Proto NATed Address        NAT-host Address    Destination Address   State\n"
          "tcp   198.51.100.10:40001  203.0.113.1:40001   203.0.113.10:80       ESTABLISHED\n"
          "tcp   2001:…:5625:41000    [2001:db8::1]:41000 2001:db8:2:…:eeee:443 SYN_SENT\n");
    CHECK(on_terminal(200, {v6}) == fitted(classic(true), {v6})); // there is room
    CHECK(on_terminal(40, {v6}) == fitted(classic(true), {v6}));  // for two lines anyway
}

TEST_CASE("where the locale is not UTF-8, the mark of what is left out is ASCII",
          "[print][table]") {
    PrintStyle style;
    style.text.ascii = true;
    const std::string text = on_terminal(80, {v6}, style);
    CHECK(text.find("2001:db8:~:5625:41000") != std::string::npos);
    CHECK(text.find(gap) == std::string::npos);
}

TEST_CASE("names take as many cells as they do on a screen", "[print][table]") {
    const auto named = [](std::string_view name) {
        Scene scene = snat;
        scene.extras.helper = name;
        return scene;
    };
    const auto scenes = {named("sip"), named("株式"), named("e\u0301"), named("é\x1b")};
    CHECK(fitted(layout_of("helper,dport"), scenes) == "Helper DPort\n"
                                                       "sip       80\n"
                                                       "株式      80\n"
                                                       "e\u0301         80\n"
                                                       "é\\x1b     80\n");
    PrintStyle ascii;
    ascii.text.ascii = true;
    CHECK(printed(Format::table, layout_of("helper,dport"), {named("é")}, ascii) ==
          "Helper DPort\n\\xc3\\xa9    80\n");
}

TEST_CASE("states have colours by their phase", "[print][table]") {
    const Scene over{MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2").state("TIME_WAIT")};
    const Scene begun{MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2").state("SYN_SENT")};
    PrintStyle style;
    style.color = true;
    const Layout layout = layout_of("sport,state,dport");
    CHECK(printed(Format::table, layout, {begun, snat, over}, style) ==
          "SPort State DPort\n"
          "    1 \033[35mSYN_SENT\033[0m     2\n"
          "40001 ESTABLISHED    80\n"
          "    1 \033[2mTIME_WAIT\033[0m     2\n");
    style.width = 80;
    CHECK(printed(Format::table, layout_of("state,dport"), {begun}, style) ==
          "State DPort\n\033[35mSYN_…\033[0m     2\n");
}
