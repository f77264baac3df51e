// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// JSON's exact text in small cases: raw values, null for what is absent, nothing that breaks a
// string.
#include "capture.hpp"

#include "tests/catch.hpp"

#include <set>

using namespace natstat;
using namespace natstat::test;

namespace {

std::string line(std::string_view columns, const Scene& scene) {
    return printed(Format::jsonl, layout_of(columns), {scene});
}

} // namespace

TEST_CASE("no rows are an empty array, or nothing", "[print][json]") {
    REQUIRE(printed(Format::json, layout_of("src"), {}) == "[]\n");
    REQUIRE(printed(Format::jsonl, layout_of("src"), {}).empty());
}

TEST_CASE("rows are objects in an array, or one a line", "[print][json]") {
    const Scene scene{MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2")};
    REQUIRE(printed(Format::json, layout_of("proto"), {scene}) == "[\n{\"proto\":\"tcp\"}\n]\n");
    REQUIRE(printed(Format::json, layout_of("proto"), {scene, scene}) ==
            "[\n{\"proto\":\"tcp\"},\n{\"proto\":\"tcp\"}\n]\n");
    REQUIRE(printed(Format::jsonl, layout_of("proto"), {scene, scene}) ==
            "{\"proto\":\"tcp\"}\n{\"proto\":\"tcp\"}\n");
}

TEST_CASE("each kind has its JSON", "[print][json]") {
    const Scene full = full_scene();
    REQUIRE(
        line("source,timeout,bytes,mark,zone", full) ==
        R"({"src":"198.51.100.7","sport":40000,"timeout":431990,"bytes":4000,"mark":42,"zone":7})"
        "\n");
    REQUIRE(line("status,labels,kind,helper", full) ==
            R"({"status":["assured"],"labels":"0x5","kind":"both","helper":"ftp"})"
            "\n");
    REQUIRE(line("reply", full) == R"({"reply_src":"192.0.2.80","reply_sport":80,)"
                                   R"("reply_dst":"203.0.113.2","reply_dport":50001})"
                                   "\n");
    REQUIRE(
        line("src,sport,proto,family,age,id", full) ==
        R"({"src":"198.51.100.7","sport":40000,"proto":"tcp","family":"ipv4","age":100,"id":4242})"
        "\n");
}

TEST_CASE("absent is null, field by field", "[print][json]") {
    const Scene bare{MakeFlow("esp", "192.0.2.1", "192.0.2.2")};
    REQUIRE(line("source,gateway,mark,status,helper", bare) ==
            R"({"src":"192.0.2.1","sport":null,"gate":null,"gport":null,)"
            R"("mark":null,"status":null,"helper":null})"
            "\n");
}

TEST_CASE("who holds ports is an object, and no name is an address", "[print][json]") {
    Group group;
    group.holders = std::make_shared<PortHolders>();
    for (std::uint32_t number = 0; number < 5; ++number)
        group.holders->update(number, {number < 2 ? std::string("192.0.2.1") : std::string(),
                                       address("192.0.2." + std::to_string(number)), 1});
    const Scene scene = full_scene();
    const Row row(scene.flow, group, scene.extras, scene.around);
    MemoryFile file;
    Output output(file.fd(), "memory");
    make_printer(Format::jsonl, layout_of("holders"), {}, output)->row(row);
    output.flush();
    REQUIRE(file.text() == R"({"holders":{"most":[{"workload":"192.0.2.1","src":null,"ports":1},)"
                           R"({"workload":"192.0.2.1","src":null,"ports":1},)"
                           R"({"workload":null,"src":"192.0.2.2","ports":1}],"others":2}})"
                           "\n");
}

TEST_CASE("nothing to say is not the same as absent", "[print][json]") {
    const Scene replied{MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2").status(status::seen_reply)};
    REQUIRE(line("state,status", replied) == "{\"state\":\"\",\"status\":[]}\n");
    REQUIRE(
        line("state,timeout", Scene{MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2").timeout(0)}) ==
        "{\"state\":null,\"timeout\":0}\n");
}

TEST_CASE("large counters keep every digit", "[print][json]") {
    const Scene scene{MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2").up(1, 18446744073709551615U)};
    REQUIRE(line("bytes_up", scene) == "{\"bytes_up\":18446744073709551615}\n");
}

TEST_CASE("hostile text stays inside its string", "[print][json]") {
    Scene scene = full_scene();
    scene.extras.helper = "\",\"admin\":true,\"x\":\"";
    REQUIRE(line("helper", scene) == R"({"helper":"\",\"admin\":true,\"x\":\""})"
                                     "\n");
    scene.extras.helper = "a\nb\x1b\xff\\";
    REQUIRE(line("helper", scene).find('\n') == line("helper", scene).size() - 1);
    for (const char c : line("helper", scene))
        REQUIRE(((c >= ' ' && c <= '~') || c == '\n'));
}

TEST_CASE("letters of any script are themselves", "[print][json]") {
    Scene scene = full_scene();
    scene.extras.helper = "Société\u2066株\xC3";
    REQUIRE(line("helper", scene) == "{\"helper\":\"Société\\\\xe2\\\\x81\\\\xa6株\\\\xc3\"}\n");
}

TEST_CASE("a text longer than any small buffer is whole", "[print][json]") {
    Scene scene = full_scene();
    scene.extras.secctx = std::string(300'000, 's');
    REQUIRE(line("secctx", scene) == "{\"secctx\":\"" + std::string(300'000, 's') + "\"}\n");
}

TEST_CASE("an object has each key once, whatever columns are asked for", "[print][json]") {
    const auto* columns =
        GENERATE("src,src", "source,src", "source,sport", "destination,dst,dport", "source,source");
    const std::string text = line(columns, full_scene());
    std::set<std::string> keys;
    for (std::size_t at = text.find("\":"); at != std::string::npos;
         at = text.find("\":", at + 1)) {
        const std::size_t open = text.rfind('"', at - 1);
        INFO(text);
        REQUIRE(keys.insert(text.substr(open, at - open)).second);
    }
}
