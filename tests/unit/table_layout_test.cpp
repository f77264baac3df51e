// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Choosing columns by a list, and widths that grow and never shrink.
#include "natstat/table/layout.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

Layout chosen(std::string_view text, const Layout& base = {}) {
    const auto result = parse_columns(text, base);
    if (const auto* error = std::get_if<std::string>(&result))
        FAIL(*error);
    return std::get<Layout>(result);
}

std::string error_of(std::string_view text) {
    const auto result = parse_columns(text, {});
    return std::holds_alternative<std::string>(result) ? std::get<std::string>(result) : "";
}

std::string names(const Layout& layout) {
    std::string text;
    for (const ShownColumn& each : layout)
        text += (text.empty() ? "" : " ") + std::string(each.column->name);
    return text;
}

class OneName : public Naming {
  public:
    explicit OneName(std::string name) : name_(std::move(name)) {}
    std::string_view host(const Address&) const override { return name_; }
    std::string_view service(std::uint16_t, std::uint8_t) const override { return {}; }

  private:
    std::string name_;
};

} // namespace

TEST_CASE("a column by itself has its title and is as wide as that", "[layout]") {
    for (const Column& each : columns()) {
        const ShownColumn alone = shown(each);
        REQUIRE(alone.column == &each);
        REQUIRE(alone.title == each.title);
        REQUIRE(alone.width == std::max<std::size_t>(each.width, each.title.size()));
    }
    REQUIRE(shown(column("source")).width == 30);
    REQUIRE(shown(column("proto")).width == 5);
    REQUIRE(shown(column("age")).width == 3);
}

TEST_CASE("columns are shown in the order of the list", "[layout]") {
    REQUIRE(names(chosen("dst,src,bytes")) == "dst src bytes");
    REQUIRE(names(chosen("state")) == "state");
    REQUIRE(names(chosen("src-port,dst-port")) == "sport dport");
}

TEST_CASE("a list without + replaces, with + it adds", "[layout]") {
    const Layout base = chosen("proto,source");
    REQUIRE(names(chosen("state", base)) == "state");
    REQUIRE(names(chosen("+state", base)) == "proto source state");
    REQUIRE(names(chosen("+state,+mark", base)) == "proto source state mark");
    REQUIRE(names(chosen("+state,mark", base)) == "proto source state mark");
    REQUIRE(names(chosen("state,+mark", base)) == "state mark");
}

TEST_CASE("adding keeps the titles and widths of the base", "[layout]") {
    Layout base = chosen("source");
    base[0].title = "NATed Address";
    base[0].width = 40;
    const Layout added = chosen("+age", base);
    REQUIRE(added[0].title == "NATed Address");
    REQUIRE(added[0].width == 40);
}

TEST_CASE("an unknown column is named and the nearest suggested", "[layout]") {
    REQUIRE(error_of("src,sorce") == "unknown column 'sorce' (did you mean 'source'?)");
    REQUIRE(error_of("+stat") == "unknown column 'stat' (did you mean 'state'?)");
    REQUIRE(error_of("src,,dst") == "unknown column '' (--list-columns lists them)");
    REQUIRE(error_of("src,") == "unknown column '' (--list-columns lists them)");
    REQUIRE(error_of("+") == "unknown column '' (--list-columns lists them)");
    REQUIRE(error_of("-src").starts_with("unknown column '-src'"));
}

TEST_CASE("a longer cell widens its column, a shorter one does not narrow it", "[layout]") {
    Layout layout = chosen("src,sport,state,mark");
    const auto widths = [&] {
        return std::vector<std::size_t>{layout[0].width, layout[1].width, layout[2].width};
    };
    REQUIRE(widths() == std::vector<std::size_t>{6, 5, 5});
    Scene scene{MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2").state("SYN_SENT")};
    fit(layout, scene.row(), {});
    REQUIRE(widths() == std::vector<std::size_t>{9, 5, 8});
    scene.flow = MakeFlow("tcp", "[2001:db8::1234:5678]:1", "[2001:db8::2]:2").state("CLOSE");
    fit(layout, scene.row(), {});
    REQUIRE(widths() == std::vector<std::size_t>{19, 5, 8});
    scene.flow = MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2");
    fit(layout, scene.row(), {});
    REQUIRE(widths() == std::vector<std::size_t>{19, 5, 8});
}

TEST_CASE("IPv4 never widens netstat-nat's address columns", "[layout]") {
    Layout layout = chosen("proto,source,gateway,destination");
    const Scene scene{MakeFlow("udplite", "255.255.255.255:65535", "255.255.255.254:65535")
                          .reply("255.255.255.254:65535", "255.255.255.253:65535")};
    fit(layout, scene.row(), {});
    REQUIRE(layout[0].width == 7);
    for (std::size_t i = 1; i < 4; ++i)
        REQUIRE(layout[i].width == 30);
}

TEST_CASE("names widen as they are shown", "[layout]") {
    Layout layout = chosen("source,proto");
    const Scene scene{MakeFlow("tcp", "192.0.2.1:65535", "192.0.2.2:2")};
    const OneName name(std::string(50, 'n'));
    fit(layout, scene.row(), {&name});
    REQUIRE(layout[0].width == 56);
}

TEST_CASE("after fitting, every cell of every row fits", "[layout]") {
    Dice dice(12);
    Layout layout;
    for (const Column& each : columns())
        layout.push_back(shown(each));
    layout.push_back(shown(column("mark"))); // at the right, so that it has to fit at the end too
    std::vector<Scene> scenes(200);
    for (Scene& scene : scenes) {
        scene.flow = random_flow(dice);
        scene.extras.secctx = std::string(dice.roll(10), '\x01');
        fit(layout, scene.row(), {});
    }
    for (const Scene& scene : scenes)
        for (const ShownColumn& each : layout)
            if (to_text(each.column->get(scene.row())).size() > each.width)
                FAIL(each.column->name << " is too narrow");
}

TEST_CASE("the last column has a width only when it is aligned right", "[layout]") {
    const Scene scene{
        MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2").state("ESTABLISHED").timeout(12345678)};
    Layout state_last = chosen("timeout,state");
    fit(state_last, scene.row(), {});
    REQUIRE(state_last[0].width == 8);
    REQUIRE(state_last[1].width == 5);
    Layout timeout_last = chosen("state,timeout");
    fit(timeout_last, scene.row(), {});
    REQUIRE(timeout_last[0].width == 11);
    REQUIRE(timeout_last[1].width == 8);
}

namespace {

std::vector<std::size_t> widths_of(const Layout& layout) {
    std::vector<std::size_t> widths;
    for (const ShownColumn& each : layout)
        widths.push_back(each.width);
    return widths;
}

using Widths = std::vector<std::size_t>;

} // namespace

TEST_CASE("on a narrow terminal blanks give way, then titles, then the widest cells", "[layout]") {
    Layout layout = chosen("proto,source,destination,state,timeout");
    const Scene v4{
        MakeFlow("tcp", "192.0.2.100:40001", "192.0.2.2:2").state("ESTABLISHED").timeout(431999)};
    fit(layout, v4.row(), {}, true);
    REQUIRE(widths_of(layout) == Widths{5, 30, 30, 11, 7});
    CHECK(widths_of(narrowed(layout, 87)) == Widths{5, 30, 30, 11, 7});
    CHECK(widths_of(narrowed(layout, 80)) == Widths{5, 26, 27, 11, 7}); // blanks
    CHECK(widths_of(narrowed(layout, 63)) == Widths{5, 17, 19, 11, 7}); // and no more
    CHECK(widths_of(narrowed(layout, 55)) == Widths{5, 17, 11, 11, 7}); // of "Destination Address"
    CHECK(widths_of(narrowed(layout, 54)) == Widths{5, 17, 11, 11, 6}); // of "Timeout"
    CHECK(widths_of(narrowed(layout, 51)) == Widths{5, 15, 11, 10, 6}); // of cells
    CHECK(widths_of(narrowed(layout, 30)) == Widths{5, 30, 30, 11, 7}); // in vain
}

TEST_CASE("a moment loses its date before an address is cut", "[layout]") {
    Layout layout = chosen("time,source,state");
    layout[0].width = layout[0].content = 26;
    layout[1].width = layout[1].content = 43;
    layout[2].width = layout[2].content = 11;
    CHECK(widths_of(narrowed(layout, 82)) == Widths{26, 43, 11});
    CHECK(widths_of(narrowed(layout, 81)) == Widths{12, 43, 11});
    CHECK(widths_of(narrowed(layout, 60)) == Widths{12, 35, 11});
}

TEST_CASE("what is to come has the widths that stand above it", "[layout]") {
    Layout layout = chosen("source,destination,timeout");
    expect_widths(layout);
    CHECK(widths_of(narrowed(layout, 58)) == Widths{24, 25, 7});
    const Layout before = narrowed(layout, 58);
    const Scene v4{MakeFlow("tcp", "192.0.2.100:40001", "192.0.2.2:2").timeout(431999)};
    fit(layout, v4.row(), {}, true);
    CHECK(widths_of(narrowed(layout, 58)) == widths_of(before)); // a shorter row changes nothing
}

TEST_CASE("the last column counts with what is in it", "[layout]") {
    Layout layout = chosen("source,state");
    const Scene scene{MakeFlow("tcp", "192.0.2.100:40001", "192.0.2.2:2").state("ESTABLISHED")};
    fit(layout, scene.row(), {}, true);
    CHECK(widths_of(narrowed(layout, 36)) == Widths{24, 11});
    Layout wide_last = chosen("state,source"); // the blanks behind it are not printed
    fit(wide_last, scene.row(), {}, true);
    CHECK(widths_of(narrowed(wide_last, 29)) == Widths{11, 17});
}

TEST_CASE("no line is longer than the terminal, or all is whole", "[layout]") {
    Dice dice(13);
    for (int i = 0; i < 300; ++i) {
        Layout layout;
        for (const Column& each : columns())
            if (dice.roll(5) == 0)
                layout.push_back(shown(each));
        if (layout.empty())
            continue;
        for (int rows = 0; rows < 3; ++rows) {
            Scene scene;
            scene.flow = random_flow(dice);
            fit(layout, scene.row(), {}, true);
        }
        const std::size_t width = 20 + dice.roll(200);
        const Layout narrow = narrowed(layout, width);
        std::size_t sum = narrow.size() - 1;
        for (const ShownColumn& each : narrow)
            sum += each.width;
        if (widths_of(narrow) != widths_of(layout))
            CHECK(sum <= width);
        for (std::size_t column = 0; column < narrow.size(); ++column)
            if (narrow[column].column->align == Align::right)
                CHECK(narrow[column].width >= narrow[column].content);
    }
}
