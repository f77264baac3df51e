// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Whole screens as text: the recording of the lab, some keys, a size. tests/frames/NAME.txt is what
// came of it when somebody looked; NATSTAT_WRITE_FRAMES=1 writes them anew, to be looked at again.
#include "live_screen.hpp"
#include "make_flow.hpp"

#include "tests/catch.hpp"

using namespace natstat;
using namespace natstat::test;

namespace {

void compare(const std::string& name, const std::string& text) {
    INFO(name);
    CHECK(text == expected_frame(name, text));
}

/// How many lines the menu that is open has.
std::size_t menu_length(Screen& here) {
    here.press('G');
    return here.ui.choice + 1;
}

/// The name of the line of the menu of groups that is chosen.
std::string_view mark_of_menu(const Screen& here) {
    std::size_t line = here.ui.choice;
    for (const Column& each : columns())
        if (std::holds_alternative<GroupKeys>(parse_group_keys(each.name)) && line-- == 1)
            return each.name;
    return {};
}

} // namespace

TEST_CASE("frames of every size", "[frames]") {
    for (const Size size :
         {Size{50, 200}, {40, 120}, {24, 80}, {10, 40}, {6, 30}, {2, 10}, {1, 1}}) {
        const std::string suffix =
            "-" + std::to_string(size.columns) + "x" + std::to_string(size.rows);
        Screen flows = screen(half_way(), size);
        compare("flows" + suffix, flows.text());
        flows.press('2');
        compare("hosts" + suffix, flows.text());
        flows.press('3');
        compare("ports" + suffix, flows.text());
        flows.press('4');
        compare("events" + suffix, flows.text());
        flows.press('5');
        compare("health" + suffix, flows.text());
        flows.press('d');
        compare("changes" + suffix, flows.text());
        flows.press('?');
        compare("help" + suffix, flows.text());
    }
}

TEST_CASE("frames of what lies over the flows", "[frames]") {
    Screen here = screen(half_way(), {24, 100});
    here.press('j');
    here.press(key::enter);
    compare("details", here.text());
    here.press(key::escape);
    here.press('s');
    here.press('j');
    compare("sort", here.text());
    here.press(key::enter);
    compare("sorted", here.text());
    here.press('c');
    here.press('j');
    here.press(' ');
    compare("columns", here.text());
    here.press(key::escape);
    compare("columns-chosen", here.text());
    here.press('x');
    compare("delete", here.text());
    CHECK(here.press('n') == Effect::none);
    CHECK(here.ui.message == "nothing was deleted");
    here.press('x');
    CHECK(here.press('y') == Effect::remove);
    here.press('w');
    for (const char c : std::string("a.csv"))
        here.press(static_cast<Key>(c));
    compare("write", here.text());
    CHECK(here.press(key::enter) == Effect::write);
}

TEST_CASE("frames of whose the flows, hosts and ports are", "[frames]") {
    const OneWho who;
    Replay replay{std::chrono::seconds{12}};
    replay.around.who = &who;
    Screen here = screen(replay, {24, 140});
    for (std::size_t rows = 0; rows < rows_count; ++rows)
        show_who(static_cast<Rows>(rows), here.ui.positions[rows]);
    here.look();
    compare("flows-who", here.text());
    here.press(key::enter);
    compare("details-who", here.text());
    here.press(key::escape);
    here.press('2');
    compare("hosts-who", here.text());
    here.press('3');
    compare("ports-who", here.text());
    here.press('d');
    compare("changes-who", here.text());
}

TEST_CASE("frames of groups, and the way in and back", "[frames]") {
    Screen here = screen(half_way(), {20, 110});
    here.press('b');
    compare("groups-menu", here.text());
    for (int i = 0; i < 15; ++i) // state
        here.press('j');
    here.press(key::enter);
    compare("groups", here.text());
    here.press(key::enter);
    compare("groups-opened", here.text());
    here.press(key::escape);
    CHECK(here.ui.rows() == Rows::groups);
    CHECK(here.ui.filter.empty());
    here.press('3');
    here.press(key::enter);
    compare("ports-opened", here.text());
    here.press(key::escape);
    CHECK(here.ui.view == View::ports);
}

TEST_CASE("every group can be opened, or says that it can not", "[frames]") {
    Screen here = screen(half_way(), {100, 200});
    here.press('b');
    const std::size_t keys = menu_length(here);
    here.press(key::escape);
    for (std::size_t i = 1; i < keys; ++i) {
        here.press('b');
        here.press('g');
        here.move('j', i);
        here.press(key::enter);
        REQUIRE(here.ui.rows() == Rows::groups);
        for (std::size_t row = 0; row < here.picture.matched; ++row) {
            here.press('g');
            here.move('j', row);
            const std::uint32_t flows = here.picture.rows[row].group->flows;
            here.press(key::enter);
            INFO(here.ui.by << " " << here.ui.filter << here.ui.message);
            if (here.ui.rows() == Rows::groups) {
                CHECK_FALSE(here.ui.message.empty());
                continue;
            }
            CHECK(here.picture.matched == flows);
            here.press(key::escape);
        }
    }
}

TEST_CASE("going back leads to the groups that were there", "[frames]") {
    Screen here = screen(half_way(), {40, 110});
    const auto group_by = [&here](std::string_view name) {
        here.press('b');
        here.press('g');
        while (mark_of_menu(here) != name)
            here.press('j');
        here.press(key::enter);
    };
    group_by("state");
    here.press(key::enter); // ESTABLISHED
    REQUIRE(here.ui.rows() == Rows::flows);
    here.press(key::escape);
    CHECK(here.ui.by == "state");
    CHECK(here.ui.position().columns.front()->name == "state");
    here.press(key::enter);
    group_by("proto"); // of the flows that were opened
    CHECK(here.ui.position().columns.front()->name == "proto");
    here.press(key::escape);
    CHECK(here.ui.rows() == Rows::flows);
    here.press(key::escape);
    CHECK(here.ui.by == "state");
    CHECK(here.ui.position().columns.front()->name == "state");
}

TEST_CASE("details stay with their flow, and say how it ended", "[frames]") {
    Screen here = screen(half_way(), {24, 100});
    here.press('j');
    here.press(key::enter);
    const std::string source = to_text(Place{here.ui.opened->flow.end(End::original_source), 6});
    here.ui.opened->end.emplace();
    here.ui.opened->end->ending = Ending::reset;
    here.picture.rows.clear(); // and it has left the table
    const std::string text = render(here.picture, here.ui, here.size).text();
    CHECK(text.find("Flow, ended") != std::string::npos);
    CHECK(text.find(source) != std::string::npos);
}

TEST_CASE("commands that are longer than the screen are wrapped for the shell", "[frames]") {
    Screen here = screen(half_way(), {40, 60});
    here.press(key::enter);
    CHECK(here.text().find(" \\ ") != std::string::npos);
    here.press(key::escape);
    here.press('x');
    CHECK(here.press(0) == Effect::none); // as a resize gives it
    CHECK(here.ui.overlay == Overlay::removal);
}

TEST_CASE("scrolled up, the events fill the screen", "[frames]") {
    Screen here = screen(half_way(), {20, 110});
    here.press('4');
    here.press('g');
    const std::size_t first = here.ui.scrolled;
    CHECK(first == here.picture.steps.size() - list_rows(here.ui, here.size));
    CHECK(here.ui.step == here.picture.steps.size() - 1);
    compare("events-frozen", here.text());
    here.picture.steps.resize(30); // a filter leaves fewer
    settle(here.ui, here.picture, here.size);
    CHECK(render(here.picture, here.ui, here.size).text().find("nothing") == std::string::npos);
    CHECK(here.ui.scrolled == 30 - list_rows(here.ui, here.size));
}

TEST_CASE("what the picture is not is said on every screen", "[frames]") {
    for (const std::size_t rows : {3U, 5U, 6U, 7U, 24U}) {
        Screen here = screen(half_way(), {rows, 60});
        here.picture.stale = true;
        here.press('p');
        INFO(here.text());
        CHECK(here.text().find("STALE") != std::string::npos);
        CHECK(here.text().find("PAUSED") != std::string::npos);
        here.ui.message = std::string(100, 'm');
        CHECK(here.text().find("mmm…") != std::string::npos);
        here.picture.from = "a\nb\x1b";
        CHECK(here.text().find('\x1b') == std::string::npos);
    }
}

TEST_CASE("a mouse selects, sorts and scrolls", "[frames]") {
    Screen here = screen(half_way(), {20, 110});
    here.ui.pointer = {7, 4};
    here.press(key::click);
    CHECK(here.ui.position().cursor == 4);
    here.ui.pointer = {2, 1}; // the title PROTO
    CHECK(here.press(key::click) == Effect::rank);
    CHECK(here.ui.position().sort->name == "proto");
    here.press(key::wheel_down);
    here.press('g');
    here.press(key::wheel_down);
    CHECK(here.ui.position().cursor == 3);
    for (const std::size_t row : {0U, 19U, 200U}) {
        here.ui.pointer = {row, 300};
        here.press(key::click);
        CHECK(here.ui.position().cursor == 3);
    }
}

TEST_CASE("frames of a filter as it is typed", "[frames]") {
    Screen here = screen(half_way(), {16, 100});
    here.press('/');
    for (const char c : std::string("state=syn_sen"))
        here.press(static_cast<Key>(c));
    compare("filter-error", here.text());
    here.press('t');
    here.press(key::enter);
    compare("filter", here.text());
    here.press(key::escape);
    CHECK(here.ui.filter.empty());
}

TEST_CASE("frames of states of the picture", "[frames]") {
    Screen here = screen(half_way(), {12, 110});
    here.picture.stale = true;
    here.picture.lost = 155'231;
    here.picture.insert_failed = {33, 4};
    here.picture.dropped = {33, 0};
    here.picture.count = 251'000;
    here.press('p');
    compare("stale-paused-full", here.text());
    const Replay nothing{std::chrono::seconds{-1}};
    Screen empty{nothing, {12, 110}};
    empty.picture.from = "nat-1";
    empty.picture.counters = false;
    empty.look();
    compare("empty", empty.text());
}

TEST_CASE("every size from nothing up can be drawn, with everything open", "[frames]") {
    for (std::size_t rows = 0; rows < 30; ++rows)
        for (std::size_t columns = 0; columns < 90; columns += 1 + columns / 7) {
            Screen here = screen(half_way(), {rows, columns});
            for (const Overlay overlay :
                 {Overlay::none, Overlay::help, Overlay::details, Overlay::sort, Overlay::columns,
                  Overlay::groups, Overlay::removal}) {
                here.ui.overlay = overlay;
                here.ui.doomed = {here.picture.rows.front().flow};
                here.ui.top = here.ui.choice = rows;
                const Frame frame = render(here.picture, here.ui, here.size);
                REQUIRE(frame.size() == here.size);
            }
        }
}

TEST_CASE("the cursor stays on its flow", "[frames]") {
    Screen here = screen(half_way(), {12, 110});
    for (int i = 0; i < 5; ++i)
        here.press('j');
    REQUIRE(here.ui.position().chosen);
    const Flow chosen = here.ui.position().chosen->flow;
    here.press('I'); // the other way round
    const std::size_t place = here.ui.position().cursor;
    REQUIRE(same_connection(here.picture.rows[place].flow, chosen));
    REQUIRE(place >= here.ui.position().first);
    REQUIRE(place < here.ui.position().first + list_rows(here.ui, here.size));
    here.press('G');
    REQUIRE(here.ui.position().cursor == here.picture.matched - 1);
    here.press('j');
    REQUIRE(here.ui.position().cursor == here.picture.matched - 1);
    here.press('g');
    REQUIRE(here.ui.position().cursor == 0);
    here.press('k');
    REQUIRE(here.ui.position().cursor == 0);
}

TEST_CASE("keys mean one thing each, and all of them are in the help", "[frames]") {
    std::vector<Key> seen;
    for (const KeyBinding& binding : key_table()) {
        REQUIRE_FALSE(binding.shown.empty());
        REQUIRE_FALSE(binding.help.empty());
        for (const Key key : binding.keys) {
            if (key == 0)
                continue;
            REQUIRE(std::find(seen.begin(), seen.end(), key) == seen.end());
            seen.push_back(key);
        }
    }
    Screen here = screen(half_way(), {70, 120});
    here.press('?');
    for (const KeyBinding& binding : key_table())
        CHECK((here.text().find(binding.help) != std::string::npos) == has_key(binding, false));
    CHECK(update(here.ui, 'q', here.picture, here.size) == Effect::quit);
    CHECK(update(here.ui, 0, here.picture, here.size) == Effect::none);
    CHECK(update(here.ui, U'é', here.picture, here.size) == Effect::none);
}
