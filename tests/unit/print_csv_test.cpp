// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// CSV's exact bytes, after RFC 4180.
#include "capture.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

std::string csv(std::string_view columns, std::initializer_list<Scene> scenes,
                bool header = false) {
    PrintStyle style;
    style.header = header;
    return printed(Format::csv, layout_of(columns), scenes, style);
}

class Names : public Naming {
  public:
    std::string_view host(const Address&) const override { return "host.example"; }
    std::string_view service(std::uint16_t, std::uint8_t) const override { return "http"; }
};

} // namespace

TEST_CASE("an endpoint is two fields, a tuple four", "[print][csv]") {
    const Scene full = full_scene();
    REQUIRE(csv("proto,source,gateway,destination", {full}, true) ==
            "proto,src,sport,gate,gport,dst,dport\r\n"
            "tcp,198.51.100.7,40000,203.0.113.2,50001,192.0.2.80,80\r\n");
    REQUIRE(csv("original,reply", {full}, true) ==
            "original_src,original_sport,original_dst,original_dport,reply_src,reply_sport,reply_"
            "dst,reply_dport\r\n"
            "198.51.100.7,40000,203.0.113.1,8080,192.0.2.80,80,203.0.113.2,50001\r\n");
}

TEST_CASE("IPv6 addresses stand without brackets", "[print][csv]") {
    REQUIRE(csv("source", {Scene{MakeFlow("tcp", "[2001:db8::1]:1", "[2001:db8::2]:2")}}) ==
            "2001:db8::1,1\r\n");
}

TEST_CASE("absent is empty, and as many fields as there would be", "[print][csv]") {
    REQUIRE(csv("proto,mark,source,gateway,reply,bytes",
                {Scene{MakeFlow("esp", "192.0.2.1", "192.0.2.2").no_reply()}}) ==
            "esp,,192.0.2.1,,,,,,,,\r\n");
}

TEST_CASE("only an absent value is an empty line's only field", "[print][csv]") {
    REQUIRE(csv("mark", {Scene{}}) == "\r\n");
}

TEST_CASE("fields with commas and quotes are quoted", "[print][csv]") {
    Scene scene = full_scene();
    scene.flow.status = status::seen_reply | status::assured | status::offload;
    scene.extras.helper = R"(say "hi", then)";
    REQUIRE(csv("status,helper,mark", {scene}) ==
            "\"assured,offload\",\"say \"\"hi\"\", then\",42\r\n");
}

TEST_CASE("line ends in a text are escaped, not carried over", "[print][csv]") {
    Scene scene = full_scene();
    scene.extras.helper = "a\r\nb";
    REQUIRE(csv("helper", {scene}) == "a\\x0d\\x0ab\r\n");
}

TEST_CASE("a long quoted text is whole", "[print][csv]") {
    Scene scene = full_scene();
    scene.extras.secctx = std::string(400'000, '"');
    REQUIRE(csv("secctx,zone", {scene}).size() == 800'000 + 2 + 2 + 2);
}

TEST_CASE("numbers are never replaced by names", "[print][csv]") {
    const Names names;
    PrintStyle style;
    style.text.naming = &names;
    style.header = false;
    REQUIRE(printed(Format::csv, layout_of("source"), {full_scene()}, style) ==
            "198.51.100.7,40000\r\n");
}

TEST_CASE("the header is there without rows, and absent when not wanted", "[print][csv]") {
    REQUIRE(csv("src,bytes", {}, true) == "src,bytes\r\n");
    REQUIRE(csv("src,bytes", {}, false).empty());
}

TEST_CASE("every row has as many fields as the header", "[print][csv]") {
    Dice dice(17);
    Layout layout;
    for (const Column& each : columns())
        layout.push_back(shown(each));
    const auto commas = [](std::string_view line) {
        bool quoted = false;
        std::size_t count = 0;
        for (const char c : line) {
            quoted = quoted != (c == '"');
            count += c == ',' && !quoted ? 1 : 0;
        }
        return count;
    };
    const std::size_t expected = commas(printed(Format::csv, layout, {}));
    for (int i = 0; i < 300; ++i) {
        Scene scene = full_scene();
        scene.flow = random_flow(dice);
        scene.extras.helper = "x,\"y";
        PrintStyle style;
        style.header = false;
        REQUIRE(commas(printed(Format::csv, layout, {scene}, style)) == expected);
    }
}
