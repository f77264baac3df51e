// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What holds for the screen at every size and with every table: what stands still, what stays, and
// the ways back.
#include "live_screen.hpp"

#include "live/panels.hpp"

#include "natstat/answer/plain.hpp"
#include "natstat/gather/netns.hpp"
#include "natstat/live/clipboard.hpp"
#include "natstat/live/histories.hpp"
#include "natstat/live/recent.hpp"
#include "natstat/live/remembered.hpp"
#include "natstat/live/styles.hpp"
#include "natstat/live/window.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <sstream>

using namespace natstat;
using namespace natstat::test;
using std::chrono::seconds;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string drawn(const Screen& here) {
    return render(here.picture, here.ui, here.size).text();
}

/// The line of titles.
std::string titles(const Screen& here) {
    const std::size_t head = here.size.rows >= 30 ? 3 : 2;
    return lines_of(drawn(here))[head];
}

/// Gives every flow in the window the longest addresses that there are.
void lengthen(Picture& picture) {
    const Address longest = *parse_address("2001:db8:2222:3333:4444:5555:6666:7777");
    for (ShownRow& shown : picture.rows) {
        shown.flow.family = Family::ipv6;
        for (auto& bytes : shown.flow.address)
            bytes = longest.bytes;
        for (auto& port : shown.flow.port)
            port = 54321;
    }
    for (ShownStep& shown : picture.steps) {
        shown.step.flow.family = Family::ipv6;
        for (auto& bytes : shown.step.flow.address)
            bytes = longest.bytes;
    }
}

MakeFlow some_flow() {
    return {"tcp", "192.0.2.10:1000", "198.51.100.1:80"};
}

void type(Screen& here, std::string_view text) {
    for (const char c : text)
        here.press(static_cast<Key>(c));
}

void group_by_destination(Screen& here) {
    here.press('b');
    here.press('g');
    std::size_t line = 0;
    for (const Column& each : columns())
        if (std::holds_alternative<GroupKeys>(parse_group_keys(each.name))) {
            ++line;
            if (each.name == "dst")
                break;
        }
    for (std::size_t i = 0; i < line; ++i)
        here.press('j');
    here.press(key::enter);
}

} // namespace

TEST_CASE("titles follow from the width of the screen alone", "[screen]") {
    for (const std::size_t columns : {20U, 40U, 60U, 80U, 100U, 120U, 160U, 200U})
        for (const std::size_t rows : {24U, 40U})
            for (const Key view : {U'1', U'2', U'3', U'4'}) {
                Screen here = screen(half_way(), {rows, columns});
                here.press(view);
                INFO(columns << " " << static_cast<char>(view));
                const std::string before = titles(here);
                lengthen(here.picture);
                CHECK(titles(here) == before);
                here.picture.rows.clear();
                here.picture.steps.clear();
                CHECK(titles(here) == before);
            }
}

TEST_CASE("with the longest addresses 80 columns have state, rates and bytes", "[screen]") {
    Screen here = screen(half_way(), {24, 80});
    lengthen(here.picture);
    for (ShownRow& shown : here.picture.rows) {
        shown.life.rate_up = 2'000'000;
        shown.life.rate_down = 999'000;
    }
    const auto lines = lines_of(drawn(here));
    CHECK(has(lines[2], "STATE"));
    CHECK(has(lines[2], "▼↓b/s"));
    CHECK(has(lines[2], "↑b/s"));
    CHECK(has(lines[3], "2001:db8:…:7777:54321"));
    CHECK(has(lines[3], "7.9M"));
    CHECK(has(lines[3], "16M"));
}

TEST_CASE("columns that have no room are counted, and can be reached", "[screen]") {
    Screen here = screen(half_way(), {24, 80});
    CHECK(has(lines_of(drawn(here))[1], "+5 ▸"));
    CHECK_FALSE(has(titles(here), "IDLE"));
    for (int i = 0; i < 9; ++i)
        here.press(key::right);
    CHECK(has(titles(here), "FOR"));
    CHECK(has(lines_of(drawn(here))[1], "◂"));
    for (int i = 0; i < 30; ++i)
        here.press(key::right);
    CHECK(has(titles(here), "TIMEOUT"));
    CHECK_FALSE(has(lines_of(drawn(here))[1], "▸"));
    for (int i = 0; i < 30; ++i)
        here.press(key::left);
    CHECK(has(lines_of(drawn(here))[1], "+5 ▸"));
}

TEST_CASE("help and the way out stay on the screen, whatever the filter", "[screen]") {
    for (std::size_t columns = 17; columns <= 200; ++columns) {
        Screen here = screen(half_way(), {24, columns});
        here.ui.filter =
            "state!=time_wait and proto=tcp and " + std::string(columns, ' ') + "bytes>=0";
        here.look();
        INFO(drawn(here));
        CHECK(has(lines_of(drawn(here)).back(), "? help  q quit"));
        here.ui.message = std::string(300, 'm');
        CHECK(has(lines_of(drawn(here)).back(), "? help  q quit"));
    }
}

TEST_CASE("Escape, Backspace and 1 come back from the flows of a group", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    type(here, "/tcp");
    here.press(key::enter);
    group_by_destination(here);
    REQUIRE(here.ui.rows() == Rows::groups);
    here.press(key::enter);
    REQUIRE(here.ui.rows() == Rows::flows);
    CHECK(has(lines_of(drawn(here))[1], "flows › by dst › "));
    SECTION("step by step") {
        for (const Key back : {key::escape, key::backspace}) {
            const std::size_t steps = here.ui.trail.size();
            here.press(back);
            CHECK(here.ui.trail.size() == steps - 1);
        }
        CHECK(here.ui.rows() == Rows::flows);
        CHECK(here.ui.trail.empty());
    }
    SECTION("at once") {
        here.press('1');
        CHECK(here.ui.trail.empty());
        CHECK(here.ui.rows() == Rows::flows);
    }
    CHECK(here.ui.filter == "tcp"); // the filter that was there before
}

TEST_CASE("each step back has the order that it had", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    here.press('2');
    here.press('I');
    const bool descending = here.ui.position().descending;
    here.press(key::enter);
    here.press('I');
    here.press(key::escape);
    CHECK(here.ui.view == View::hosts);
    CHECK(here.ui.position().descending == descending);
}

TEST_CASE("a rate in a filter means what the titles say", "[screen]") {
    const Surroundings around;
    const Extras extras;
    const Flow flow = some_flow();
    Life life;
    life.rate_up = 0;
    life.rate_down = 450'000; // 3.6 Mb/s
    const Row row(flow, life, extras, around);
    const auto lets_through = [&](std::string_view text, bool bits) {
        FilterNames names;
        names.bits = bits;
        return std::get<Filter>(Filter::parse(text, names)).matches(row);
    };
    CHECK(lets_through("rate_down>1M", true));
    CHECK_FALSE(lets_through("rate_down>1M", false));
    for (const bool bits : {true, false}) {
        CHECK(lets_through("rate_down>3Mb", bits));
        CHECK(lets_through("rate_down>3Mbit/s", bits));
        CHECK_FALSE(lets_through("rate_down>4Mb/s", bits));
        CHECK(lets_through("rate_down>400kB", bits));
        CHECK_FALSE(lets_through("rate_down>500kBps", bits));
    }
    Screen here = screen(half_way(), {24, 100});
    CHECK(has(titles(here), "↓b/s"));
    CHECK(here.press('u') == Effect::rank); // the filter means something else now
    CHECK(has(titles(here), "↓B/s"));
}

TEST_CASE("sums say when they are not of all flows", "[screen]") {
    Mix mix;
    Surroundings around;
    around.counted_later = true;
    const Extras extras;
    Life life;
    life.listed = true;
    life.rate_up = life.rate_down = 1000;
    const Flow counted = some_flow().up(1, 1000).down(1, 1000);
    mix.add(Row(counted, life, extras, around));
    CHECK(mix.uncounted == 0);
    const Flow flow = some_flow();
    Life unknown;
    mix.add(Row(flow, unknown, extras, around));
    CHECK(mix.uncounted == 0);
    unknown.listed = true;
    mix.add(Row(flow, unknown, extras, around));
    CHECK(mix.uncounted == 1);
    Screen here = screen(half_way(), {24, 120});
    CHECK_FALSE(has(drawn(here), "≥"));
    here.picture.mix = mix;
    CHECK(has(drawn(here), "↓≥8.0kb/s"));
    CHECK(has(drawn(here), "1 flows not counted"));
}

TEST_CASE("sums of a group with flows that are not counted are said to be the least", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    here.press('2');
    REQUIRE_FALSE(here.picture.rows.empty());
    Group& group = *here.picture.rows.front().group;
    group.rate_down = {123'000, true};
    group.rate_up = {};
    CHECK(has(lines_of(drawn(here))[3], " 984k "));
    group.uncounted = 1;
    CHECK(has(lines_of(drawn(here))[3], " ≥984k "));
    CHECK_FALSE(has(lines_of(drawn(here))[3], "≥-"));
    CHECK_FALSE(has(lines_of(drawn(here))[4], "≥"));
}

TEST_CASE("a flow that has ended moves nothing", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    ShownRow& shown = here.picture.rows.front();
    shown.life.rate_down = shown.life.rate_up = 123'000;
    CHECK(has(lines_of(drawn(here))[3], "984k"));
    shown.end.emplace();
    CHECK_FALSE(has(lines_of(drawn(here))[3], "984k"));
}

TEST_CASE("failures are counted from the view's beginning on, and by the second", "[screen]") {
    using Clock = FailureMeter::Clock;
    FailureMeter meter;
    const Clock::time_point start{seconds{50}};
    const auto at = [&](int after, std::optional<std::uint64_t> value) {
        return meter.take(value, start + seconds{after});
    };
    CHECK(at(0, 1000).since == 0);
    CHECK(at(1, 1010).since == 10);
    CHECK(at(2, 1020).rate == 10);
    CHECK(at(3, 1020).rate == 0);
    CHECK(at(4, 1020).since == 20);
    CHECK(at(5, std::nullopt).since == 0);
    CHECK(at(6, 3).since == 0); // another kernel, or a wrapped counter
    Screen here = screen(half_way(), {24, 160});
    here.picture.insert_failed = {20, 10};
    CHECK(has(drawn(here), "insert_failed 20 +10/s"));
}

TEST_CASE("what the health view cuts is counted", "[screen]") {
    Screen here = screen(half_way(), {20, 60});
    here.press('5');
    here.picture.health.assign(40, std::string(100, 'h'));
    here.picture.fullness = {4, 5};
    const std::string text = drawn(here);
    CHECK(has(text, "more below"));
    CHECK(has(text, "hhh…"));
    CHECK(has(text, "0 to 1 per cent"));
    CHECK(has(text, "▅")); // about half of it
}

TEST_CASE("a name for a file can be corrected", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    here.press('w');
    CHECK(here.press(key::enter) == Effect::none);
    REQUIRE(here.ui.prompt);
    CHECK(has(drawn(here), "a file needs a name"));
    type(here, "a");
    CHECK(has(drawn(here), ".json, .jsonl, .csv"));
    CHECK(here.press(key::enter) == Effect::write);
}

TEST_CASE("a click on the line below does what its key does", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    const std::string last = lines_of(drawn(here)).back();
    here.ui.pointer = {23, last.find("hosts")};
    here.press(key::click);
    CHECK(here.ui.view == View::hosts);
    here.ui.pointer = {23, last.find("q quit")};
    CHECK(here.press(key::click) == Effect::quit);
}

TEST_CASE("a dead end says where the flows are", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    here.picture.rows.clear();
    here.picture.mix = {};
    here.picture.mix.flows = here.picture.mix.local = 3;
    here.ui.kinds = flow_choices[0].kinds;
    CHECK(has(drawn(here), "nothing is translated; there are 3 local flows (a shows them)"));
}

TEST_CASE("a shows translated flows, all, routed and local ones in turn", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    here.ui.kinds = flow_choices[0].kinds;
    here.look();
    const Mix& mix = here.picture.mix;
    REQUIRE(mix.local != 0);
    REQUIRE(mix.routed != 0);
    const std::size_t translated = mix.snat + mix.dnat + mix.both;
    CHECK(here.picture.matched == translated);
    CHECK(has(lines_of(drawn(here))[1], " flows   " + std::to_string(translated) + " of "));
    for (const auto& [name, count] :
         {std::pair{"all", mix.flows}, {"routed", mix.routed}, {"local", mix.local}}) {
        CHECK(here.press('a') == Effect::rank);
        CHECK(here.picture.matched == count);
        CHECK(has(lines_of(drawn(here))[1], "flows: " + std::string(name)));
    }
    here.press('a');
    CHECK(here.picture.matched == translated);
    here.ui.kinds = "snat,both"; // as -S has it
    CHECK(has(drawn(here), " flows: snat,both "));
    here.press('a');
    CHECK(here.ui.kinds == flow_choices[0].kinds);
}

TEST_CASE("the view can begin with ports, hosts or groups", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    const auto begin = [&](bool ports, std::string_view by) {
        here.ui = {};
        start_in(here.ui, ports, by);
        here.look();
    };
    begin(false, "");
    CHECK(here.ui.rows() == Rows::flows);
    begin(true, "");
    CHECK(here.ui.view == View::ports);
    begin(false, "src"); // which is what hosts are
    CHECK(here.ui.view == View::hosts);
    for (const std::string_view by : {"state", "dst,dport", "src/16", "src/24/48,proto"}) {
        INFO(by);
        begin(false, by);
        CHECK(here.ui.rows() == Rows::groups);
        CHECK(has(lines_of(drawn(here))[1], "flows › by " + std::string(by)));
        const std::uint32_t flows = here.picture.rows.front().group->flows;
        here.press(key::enter); // the flows of the first one
        CHECK(here.ui.rows() == Rows::flows);
        CHECK(here.picture.matched == flows);
        here.press(key::escape);
        here.press(key::escape);
        CHECK(here.ui.rows() == Rows::flows);
        CHECK(here.picture.matched == here.picture.mix.flows);
    }
}

TEST_CASE("the ports of the view are those that there are", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    const auto available = [&](std::optional<NatPorts> range) {
        const auto grouping = grouping_of(Rows::ports, "", first_position(Rows::ports), range);
        REQUIRE(grouping->distinct.pool);
        return grouping->distinct.pool->of(protocol::tcp);
    };
    CHECK(available(std::nullopt)->first == 1024);
    CHECK(available(NatPorts{41000, 41009})->last == 41009);
}

TEST_CASE("the events have a cursor, and stand still while it is not on the newest", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    here.press('4');
    CHECK_FALSE(has(drawn(here), "FROZEN"));
    here.press('k');
    here.press('k');
    CHECK(here.ui.step == 2);
    const std::vector<std::string> before = lines_of(drawn(here));
    for (int i = 0; i < 7; ++i)
        here.picture.steps.push_back(here.picture.steps.front());
    here.picture.steps_told += 7;
    settle(here.ui, here.picture, here.size);
    CHECK(has(drawn(here), "FROZEN, 7 new"));
    CHECK(lines_of(drawn(here))[10] == before[10]);
    const ShownStep& chosen = here.picture.steps[here.picture.steps.size() - 1 - here.ui.step];
    update(here.ui, key::enter, here.picture, here.size);
    REQUIRE(here.ui.opened);
    CHECK(same_flow(here.ui.opened->flow, chosen.step.flow));
    CHECK(has(drawn(here), "tcpdump"));
    update(here.ui, key::escape, here.picture, here.size);
    update(here.ui, 'G', here.picture, here.size);
    CHECK_FALSE(has(drawn(here), "FROZEN"));
}

TEST_CASE("the events can be those of new and ended flows alone, or of failures", "[screen]") {
    Transition step;
    step.kind = TransitionKind::changed;
    CHECK(is_chosen(step, StepChoice::all));
    CHECK_FALSE(is_chosen(step, StepChoice::ends));
    step.kind = TransitionKind::ended;
    step.ending = Ending::closed;
    CHECK(is_chosen(step, StepChoice::ends));
    CHECK_FALSE(is_chosen(step, StepChoice::failures));
    step.ending = Ending::reset;
    CHECK(is_chosen(step, StepChoice::failures));
    step.kind = TransitionKind::lost; // what is not known is never left out
    step.ending.reset();
    CHECK(is_chosen(step, StepChoice::failures));
    Screen here = screen(half_way(), {24, 100});
    here.press('4');
    CHECK(here.press('e') == Effect::rank);
    CHECK(has(drawn(here), "events: all, new and ended"));
}

TEST_CASE("commands are of the namespace that is looked at", "[screen]") {
    CHECK(command_within("").empty());
    CHECK(command_within("nat1") == "ip netns exec nat1 ");
    CHECK(command_within("a b") == "ip netns exec 'a b' ");
    CHECK(command_within("4711") == "nsenter -n -t 4711 ");
    CHECK(command_within("/run/netns/it's") == "nsenter --net='/run/netns/it'\\''s' ");
    Screen here = screen(half_way(), {50, 200});
    here.picture.within = command_within("nat1");
    here.press(key::enter);
    CHECK(has(drawn(here), "  ip netns exec nat1 tcpdump -ni any"));
    CHECK(has(drawn(here), "end it:  ip netns exec nat1 conntrack -D"));
    CHECK(here.press('y') == Effect::copy);
    CHECK(here.ui.copied.starts_with("ip netns exec nat1 tcpdump -ni any host "));
}

TEST_CASE("the command that ends a flow names the zone in its direction", "[screen]") {
    const auto command = [](std::optional<Direction> only) {
        Screen here = screen(half_way(), {50, 200});
        for (ShownRow& shown : here.picture.rows)
            shown.flow.set_zone(5, only);
        here.press(key::enter);
        const std::string text = drawn(here);
        const std::size_t begin = text.find("conntrack -D");
        return text.substr(begin, text.find('\n', begin) - begin);
    };
    CHECK(has(command({}), " -w 5"));
    CHECK(has(command(Direction::original), " --orig-zone 5"));
    CHECK(has(command(Direction::reply), " --reply-zone 5"));
    CHECK_FALSE(has(command(Direction::reply), " -w 5"));
}

TEST_CASE("the cell of the cursor is copied, whole", "[screen]") {
    Screen here = screen(half_way(), {24, 80});
    CHECK(here.press('y') == Effect::copy);
    CHECK(here.ui.copied == "[2001:db8:1::10]:41028"); // the row's address, not its protocol
    here.press(key::right);
    here.press(key::right);
    CHECK(here.press('y') == Effect::copy);
    CHECK(here.ui.copied == "[2001:db8:f0::30]:8005");
    CHECK(clipboard_sequence("foob") == "\033]52;c;Zm9vYg==\a"); // RFC 4648 10
    CHECK(base64("fooba") == "Zm9vYmE=");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64("").empty());
}

TEST_CASE("the cell under the cursor makes a filter", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    while (row_columns(here.ui, here.size.columns).all[here.ui.position().cell]->name != "state")
        here.press(key::right);
    const std::size_t all = here.picture.matched;
    CHECK(here.press('=') == Effect::rank);
    CHECK(here.ui.filter == "state=\"SYN_SENT2\"");
    CHECK(here.picture.matched == 2);
    here.press(key::escape);
    CHECK(here.press('!') == Effect::rank);
    CHECK(here.picture.matched == all - 2);
    here.press(key::home);
    CHECK(here.press('!') == Effect::rank);
    CHECK(here.ui.filter.starts_with("(state!=\"SYN_SENT2\") and state!="));
}

TEST_CASE("a text that is no condition is looked for in the cells", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    const auto shows = [&](std::string_view text, std::string_view condition) {
        here.ui.filter = condition;
        here.look();
        const std::size_t wanted = here.picture.matched;
        here.ui.filter.clear();
        here.press('/');
        type(here, text);
        here.press(key::enter);
        INFO(text << " " << here.ui.message);
        CHECK_FALSE(here.ui.prompt);
        CHECK(here.ui.filter == text);
        CHECK(here.picture.matched == wanted);
        return wanted;
    };
    CHECK(shows("syn_sent2", "state=syn_sent2") == 2);
    CHECK(shows("ESTAB", "state=established") != 0);
    CHECK(shows("\"time_w\"", "state=time_wait") != 0);
    CHECK(shows("nothing.has.this", "bytes<0") == 0);
    CHECK(shows("41028 and 2001:", "port 41028 and ip6") != 0);
    here.press('2'); // of hosts the source is shown, and nothing else that has words
    CHECK(shows("41028", "bytes<0") == 0);
}

TEST_CASE("a text that can become a word of the language waits for Enter", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    const std::size_t all = here.picture.matched;
    here.press('/');
    type(here, "unre");
    CHECK(here.ui.filter.empty());
    CHECK(here.picture.matched == all);
    CHECK(has(drawn(here), "Enter looks for it in the cells"));
    here.press(key::enter);
    CHECK(here.ui.filter == "unre");
    CHECK(here.picture.matched < all);
    here.press('/');
    type(here, "=443"); // no column
    CHECK_FALSE(here.ui.prompt->problem.empty());
}

TEST_CASE("Tab goes on with a word of the language", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    const auto completed = [&](std::string_view text) {
        here.press('/');
        here.press(key::control('u'));
        type(here, text);
        here.press(key::tab);
        return here.ui.prompt->text;
    };
    CHECK(completed("unrep") == "unreplied");
    CHECK(completed("tcp and not assu") == "tcp and not assured");
    CHECK(completed("state=time_w") == "state=time_wait");
    CHECK(completed("(udp or proto=icmp,ud") == "(udp or proto=icmp,udp");
    CHECK(completed("rate_") == "rate_"); // up and down
    CHECK(here.ui.prompt->hint == "rate_down= rate_up=");
    CHECK(completed("xyz") == "xyz");
    CHECK(here.ui.prompt->hint == "no word begins like this");
}

TEST_CASE("Space marks, and x asks for the number of what is marked", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    here.press(' ');
    here.press(' ');
    CHECK(here.ui.marked.size() == 2);
    CHECK(here.ui.position().cursor == 2);
    const auto lines = lines_of(drawn(here));
    CHECK(has(lines[0] + lines[1], "2 marked"));
    CHECK(lines[3].starts_with("*"));
    CHECK_FALSE(lines[5].starts_with("*"));
    here.press('k');
    here.press(' '); // no longer
    CHECK(here.ui.marked.size() == 1);
    here.press(' ');
    here.press('x');
    REQUIRE(here.ui.overlay == Overlay::removal);
    CHECK(has(drawn(here), "Delete 2 flows? Type 2 and Enter"));
    SECTION("the number confirms it") {
        here.press('2');
        CHECK(here.press(key::enter) == Effect::remove);
        CHECK(here.ui.doomed.size() == 2);
        CHECK(here.ui.marked.empty());
    }
    SECTION("another number does not, nor does y") {
        for (const Key wrong : {Key{'3'}, Key{'y'}, key::escape}) {
            CHECK(here.press(wrong) != Effect::remove);
            here.press(key::enter);
            CHECK(here.ui.doomed.empty());
            here.ui.overlay = Overlay::none;
            here.press('x');
        }
    }
    SECTION("Escape takes the marks away before anything else") {
        here.press(key::escape);
        here.ui.filter = "tcp";
        here.press(key::escape);
        CHECK(here.ui.marked.empty());
        CHECK(here.ui.filter == "tcp");
    }
}

TEST_CASE("x on a group, on marked groups and X ask for their flows", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    here.press('2');
    CHECK(here.press('x') == Effect::gather);
    CHECK(here.ui.doomed_by.starts_with("src="));
    here.press(' ');
    here.press(' ');
    REQUIRE(here.ui.marked_groups.size() == 2);
    CHECK(has(drawn(here), "2 marked"));
    CHECK(here.press('x') == Effect::gather);
    CHECK(here.ui.doomed_by ==
          "(" + here.ui.marked_groups[0] + ") or (" + here.ui.marked_groups[1] + ")");
    ask_about(here.ui, std::vector<Flow>(133, some_flow()));
    CHECK(has(drawn(here), "Delete 133 flows? Type 133"));
    CHECK(has(drawn(here), "and 123 more"));
    here.press(key::escape);
    here.press('1'); // marks are of the rows that they were made in
    CHECK(here.ui.marked_groups.empty());
    CHECK(here.press('X') == Effect::gather);
    CHECK(here.ui.doomed_by.empty());
    ask_about(here.ui, {});
    CHECK(here.ui.overlay == Overlay::none);
    ask_about(here.ui, std::vector<Flow>(doomed_limit + 1, some_flow()));
    CHECK(here.ui.overlay == Overlay::none);
    CHECK(here.ui.doomed.empty());
}

TEST_CASE("a plot begins with what is known of the last minute", "[screen]") {
    Picture picture;
    ShownRow shown;
    shown.flow = some_flow();
    shown.life.rate_up = 10;
    shown.life.rate_down = 90;
    picture.rows = {shown};
    Histories histories;
    std::optional<ShownRow> opened;
    for (int i = 0; i < 3; ++i)
        histories.tick(picture, opened);
    CHECK(picture.rows[0].speeds.down == std::deque<unsigned>{90, 90, 90});
    CHECK(picture.rows[0].speeds.peak == 100);
    picture.rows.clear(); // not on the screen
    histories.tick(picture, opened);
    picture.rows = {shown};
    histories.put_into(picture);
    CHECK(picture.rows[0].speeds.down.size() == 3);
    opened = shown; // and on the screen as well
    histories.tick(picture, opened);
    const std::deque<unsigned> with_gap{90, 90, 90, Speeds::unknown, 90};
    CHECK(picture.rows[0].speeds.down == with_gap);
    CHECK(opened->speeds.down == with_gap);
    CHECK(plot(with_gap, 5).front() == "███ █");
    opened.reset();
    picture.rows.clear();
    for (std::size_t i = 0; i <= Histories::seconds; ++i)
        histories.tick(picture, opened);
    picture.rows = {shown};
    histories.put_into(picture);
    CHECK(picture.rows[0].speeds.down.empty());
}

TEST_CASE("t brings what expires first", "[screen]") {
    Screen here = screen(half_way(), {40, 120});
    CHECK(here.press('t') == Effect::rank);
    std::chrono::milliseconds before{};
    std::size_t told = 0;
    for (const ShownRow& shown : here.picture.rows) {
        const Value left = column("timeout").get(shown.row(here.picture.around));
        if (const auto* const duration = std::get_if<Duration>(&left)) {
            CHECK(duration->value >= before);
            before = duration->value;
            ++told;
        }
    }
    CHECK(told > 50);
    here.press('2');
    CHECK(here.press('t') == Effect::none);
    CHECK(here.ui.message == "only flows expire");
}

TEST_CASE("what groups moved is kept by what they are made by", "[screen]") {
    Screen here = screen(half_way(), {24, 120});
    here.press('2');
    Histories histories;
    std::optional<ShownRow> opened;
    histories.tick(here.picture, opened);
    here.press('I'); // other places
    histories.put_into(here.picture);
    const auto moved = [&here](std::size_t row) { return here.picture.rows[row].speeds.peak; };
    CHECK(moved(here.picture.rows.size() - 1) == 68 + 50);
    CHECK(moved(0) == 0);
    here.press('3');
    histories.put_into(here.picture);
    CHECK(here.picture.rows[0].speeds.up.empty());
}

TEST_CASE("hosts are a board: peak, the last minute by one scale, share, and the sum", "[screen]") {
    Screen here = screen(half_way(), {24, 120});
    here.press('2');
    Picture& picture = here.picture;
    picture.rows[0].speeds = {{1000, 2000}, {0, 6000}, 8000};
    picture.rows[1].speeds = {{0, 0}, {0, 4000}, 4000};
    picture.mix.rate_up = picture.mix.rate_down = 250; // the first one moves 68 + 50 bytes a second
    const auto lines = lines_of(drawn(here));
    CHECK(has(lines[2], "PEAK 60 s, █ 64kb/s"));
    CHECK(has(lines[2], "SHARE"));
    CHECK(has(lines[3], "64k "));
    CHECK(has(lines[3], "▁█")); // 1000 of 8000, and all
    CHECK(has(lines[4], "▁▄"));
    CHECK(has(lines[3], "23%"));
    std::uint32_t flows = 0;
    for (const ShownRow& each : picture.rows)
        flows += each.group->flows;
    const std::string& total = lines[lines.size() - 2];
    CHECK(total.starts_with(" all of them"));
    CHECK(has(total, " " + std::to_string(flows) + " "));
    here.ui.filter = "src=192.0.2.10";
    here.look();
    CHECK(has(lines_of(drawn(here))[22], " 38 "));
}

TEST_CASE("the line of the sum is no row", "[screen]") {
    Screen here = screen(half_way(), {11, 100}); // eight lines: titles, six hosts of eight, the sum
    here.press('2');
    CHECK(list_rows(here.ui, here.size) == 6);
    here.press('G');
    const auto lines = lines_of(drawn(here));
    CHECK(lines[9].starts_with(" all of them"));
    const std::size_t last = here.ui.position().cursor;
    here.press('k');
    here.ui.pointer = {9, 5};
    here.press(key::click);
    CHECK(here.ui.position().cursor == last - 1);
}

TEST_CASE("the help says what the colours mean, each in its own", "[screen]") {
    Screen here = screen(half_way(), {70, 120});
    here.press('?');
    const Frame frame = render(here.picture, here.ui, here.size);
    const auto lines = lines_of(frame.text());
    std::size_t named = 0;
    for (const Style& style : styles()) {
        if (style.meaning.empty())
            continue;
        const auto line = std::find_if(lines.begin(), lines.end(), [&](const std::string& text) {
            return has(text, std::string(" ") + std::string(style.meaning));
        });
        REQUIRE(line != lines.end());
        const auto row = static_cast<std::size_t>(line - lines.begin());
        std::size_t cells = 0;
        for (std::size_t column = 0; column < here.size.columns; ++column)
            cells += frame.at(row, column).role == style.role ? 1 : 0;
        CHECK(cells >= style.meaning.size());
        ++named;
    }
    CHECK(named > 5);
}

TEST_CASE("read as text there are rows, no bars, no plots and no keys", "[screen]") {
    Screen here = screen(half_way(), {24, 160});
    here.ui.plain = true;
    for (const View view : {View::flows, View::hosts, View::ports}) {
        here.ui.view = view;
        here.look();
        const std::string text = plain_text(render(here.picture, here.ui, here.size), false);
        for (const std::string_view glyph : {"█", "▁", "▄", "? help"})
            CHECK_FALSE(has(text, glyph));
        CHECK(has(text, view == View::ports ? "198.51.100.1" : "192.0.2.10"));
        CHECK(text.ends_with("\n\n"));
        CHECK_FALSE(text.ends_with("\n\n\n"));
        for (const char c : plain_text(render(here.picture, here.ui, here.size), true))
            CHECK(static_cast<unsigned char>(c) < 0x80);
    }
    CHECK(plain_text(Frame({0, 0}), false) == "\n");
}

TEST_CASE("a line of a menu is found by a part of its name, and taken by a click", "[screen]") {
    Screen here = screen(half_way(), {70, 100});
    here.press('s');
    type(here, "/idl");
    CHECK(has(drawn(here), "find: idl"));
    here.press(key::enter);
    CHECK(here.ui.position().sort->name == "idle");
    here.press('s');
    type(here, "/zzz");
    CHECK(has(drawn(here), "no line has this"));
    here.press(key::escape);
    CHECK(here.ui.overlay == Overlay::sort);
    const auto lines = lines_of(drawn(here));
    const auto line = std::find_if(lines.begin(), lines.end(),
                                   [](const std::string& text) { return has(text, "bytes_up"); });
    REQUIRE(line != lines.end());
    here.ui.pointer = {static_cast<std::size_t>(line - lines.begin()), 30};
    here.press(key::click);
    CHECK(here.ui.overlay == Overlay::none);
    CHECK(here.ui.position().sort->name == "bytes_up");
}

TEST_CASE("columns have the places that the user gives them", "[screen]") {
    Screen here = screen(half_way(), {24, 160});
    const std::string_view first = here.ui.position().columns[0]->name;
    here.press('c'); // on the first one
    here.press('<');
    CHECK(here.ui.position().columns[0]->name == first);
    here.press('>');
    here.press('>');
    CHECK(here.ui.position().columns[2]->name == first);
    CHECK(has(drawn(here), "[ 3] proto"));
    here.press(key::escape);
    CHECK(titles(here).find("SOURCE") < titles(here).find("PROTO"));
    here.press('c');
    here.press('G'); // one that is not shown
    here.press('>');
    CHECK(has(here.ui.message, "only what is shown"));
}

TEST_CASE("what is remembered comes back, and what is not understood is said", "[screen]") {
    Screen here = screen(half_way(), {24, 160});
    here.press('u');
    here.press('n');
    here.press('C');
    here.press('+');
    here.press('>'); // another order
    here.press('c');
    here.press('>'); // another place of the first column
    here.press(key::escape);
    here.press('2');
    here.press('I');
    CHECK(here.press('S') == Effect::remember);
    const std::string text = remembered(here.ui);
    Ui again;
    CHECK(recall(again, text).empty());
    CHECK(remembered(again) == text);
    CHECK((again.names && !again.bits && again.light));
    CHECK(again.interval == here.ui.interval);
    for (const Rows rows : {Rows::flows, Rows::hosts, Rows::ports}) {
        const auto place = static_cast<std::size_t>(rows);
        CHECK(again.positions[place].columns == here.ui.positions[place].columns);
        CHECK(again.positions[place].sort == here.ui.positions[place].sort);
        CHECK(again.positions[place].descending == here.ui.positions[place].descending);
    }
    Ui shows_who;
    for (std::size_t rows = 0; rows < rows_count; ++rows)
        show_who(static_cast<Rows>(rows), shows_who.positions[rows]);
    shows_who.position().sort = &column("owner"); // what needs an option is not remembered
    CHECK(remembered(shows_who) == remembered(Ui{}));
    shows_who.position().columns = {&column("owner")};
    CHECK(recall(again, remembered(shows_who)).empty());
    for (const std::string_view wrong :
         {"interval", "interval 5", "interval 1000x", "interval 99999999999999", "rates", "rates 1",
          "flows.columns", "flows.columns source,source", "flows.columns source,,state",
          "flows.columns available", "hosts.sort", "hosts.sort -", "hosts.sort idle", "x", " ",
          "flows.sort -none"}) {
        Ui untouched;
        INFO(wrong);
        CHECK(recall(untouched, "# a word\n\n" + std::string(wrong) + "\nrates bytes") ==
              "line 3 is not understood");
        CHECK_FALSE(untouched.bits); // what is right counts
        untouched.bits = true;
        CHECK(remembered(untouched) == remembered(Ui{}));
    }
}

TEST_CASE("Up brings the filters back that were in force", "[screen]") {
    Screen here = screen(half_way(), {24, 100});
    for (const char* text : {"tcp", "udp", "tcp"}) {
        here.press('/');
        here.press(key::control('u'));
        type(here, text);
        here.press(key::enter);
    }
    here.press('/');
    here.press(key::control('u'));
    type(here, "ic");
    here.press(key::up);
    CHECK(here.ui.filter == "tcp");
    here.press(key::up);
    CHECK(here.ui.filter == "udp");
    here.press(key::up); // there are no more
    CHECK(here.ui.filter == "udp");
    here.press(key::down);
    here.press(key::down);
    CHECK(here.ui.prompt->text == "ic");
}
