// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Characters in the cells of a screen: two for some, none for marks, and never half of one.
#include "natstat/live/frame.hpp"

#include "tests/catch.hpp"

using namespace natstat;

namespace {

std::string line(const Frame& frame, bool ascii = false) {
    const std::string text = frame.text(ascii);
    return text.substr(0, text.find('\n'));
}

} // namespace

TEST_CASE("a wide character takes two cells, a mark none", "[frame]") {
    Frame frame({1, 10});
    CHECK(frame.put(0, 0, "株e\u0301!") == 4);
    CHECK(line(frame) == "株e\u0301!");
    CHECK(line(frame, true) == "? e!");
    CHECK(frame.at(0, 0).glyph == U'株');
    CHECK(frame.at(0, 1).glyph == Frame::second_half);
    CHECK(frame.at(0, 2).marks.front() == U'\u0301');
    CHECK(frame.at(0, 3).glyph == U'!');
    frame.put(0, 2, "x");
    CHECK(line(frame) == "株x!"); // the mark goes with its letter
}

TEST_CASE("of a wide character that is written over nothing is left", "[frame]") {
    Frame frame({1, 6});
    frame.put(0, 0, "株株株");
    frame.put(0, 1, "ab");
    CHECK(line(frame) == " ab 株");
    frame.put(0, 3, "株");
    CHECK(line(frame) == " ab株");
}

TEST_CASE("a wide character that has no room is a blank", "[frame]") {
    Frame frame({2, 3});
    CHECK(frame.put(0, 2, "株") == 3);
    frame.put(1, 0, "x");
    CHECK(frame.text() == "\nx\n");
    CHECK(frame.put(0, 0, "a株株") == 3);
    CHECK(line(frame) == "a株");
}

TEST_CASE("what can not be shown is a question mark", "[frame]") {
    Frame frame({1, 20});
    CHECK(frame.put(0, 0, "\x1b[m\u202E\xff\u0301é") == 7);
    CHECK(line(frame) == "?[m???é");
}
