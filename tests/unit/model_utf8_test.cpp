// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which characters of a text from outside can be shown, and how wide they are. All of Unicode is
// gone through in tests/characters_test.py.
#include "natstat/model/utf8.hpp"

#include "tests/catch.hpp"

using namespace natstat;

namespace {

/// What a terminal is sent for the text: '?' for what can not be shown.
std::string shown(std::string_view text, bool after = false) {
    std::string result;
    Characters characters(text, after);
    while (const auto each = characters.next())
        result += each->shown ? std::string(each->bytes) : "?";
    return result;
}

} // namespace

TEST_CASE("letters, marks and signs of any script can be shown", "[utf8]") {
    for (const std::string_view text :
         {"plain ~!", "Société Générale", "Ελλάδα", "Россия", "株式会社", "서울", "עברית", "عربي",
          "आधार", "ไทย", "e\u0301", "½ €", "\U0001F600", "\U00020000"})
        CHECK(shown(text) == text);
}

TEST_CASE("what controls, turns or hides text, or is nobody's, can not", "[utf8]") {
    CHECK(shown("\x1b[2J\n\t\x7f") == "?[2J???");
    CHECK(shown("\u0085\u009B2J") == "??2J"); // C1
    for (const std::string_view turns :
         {"\u202A", "\u202B", "\u202C", "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069",
          "\u200E", "\u200F", "\u061C"})
        CHECK(shown(turns) == "?");
    for (const std::string_view hides :
         {"\u200B", "\u200C", "\u200D", "\u2060", "\uFEFF", "\u00AD", "\u034F", "\u3164", "\uFE0F",
          "\U000E0041", "\U000E0100", "\u2028", "\u2029"})
        CHECK(shown(hides) == "?");
    for (const std::string_view nobodys : {"\uE000", "\uF8FF", "\U000F0000", "\U0010FFFD", "\uFDD0",
                                           "\uFFFE", "\U0001FFFF", "\u0378", "\U00050000"})
        CHECK(shown(nobodys) == "?");
}

TEST_CASE("bytes that are no UTF-8 are single", "[utf8]") {
    CHECK(shown("\xff\xfe") == "??");
    CHECK(shown("a\xC3") == "a?");
    CHECK(shown("\xC0\x80") == "??");           // longer than needed
    CHECK(shown("\xED\xA0\x80") == "???");      // half of a pair
    CHECK(shown("\xF4\x90\x80\x80") == "????"); // beyond Unicode
    CHECK(shown("\xE2\x82z") == "??z");
    CHECK(shown(std::string_view("\0z", 2)) == "?z");
}

TEST_CASE("a mark stands on a character of its own text, and few of them", "[utf8]") {
    CHECK(shown("\u0301a") == "?a");
    CHECK(shown("\u0301a", true) == "\u0301a");
    CHECK(shown("\x1b\u0301") == "??");
    const std::string four = "a\u0301\u0302\u0303\u0304";
    CHECK(shown(four + "\u0305\u0306" + "b\u0301") == four + "??b\u0301");
}

TEST_CASE("texts have the cells that a screen gives them", "[utf8]") {
    CHECK(cells_of("") == 0);
    CHECK(cells_of("Générale") == 8);
    CHECK(cells_of("株式会社") == 8);
    CHECK(cells_of("e\u0301") == 1);
    CHECK(cells_of("a\x1b\xff") == 3);
    CHECK(cells_of("a text that is longer than eight bytes") == 38);
    CHECK(first_cells("株式会社", 5) == "株式");
    CHECK(first_cells("e\u0301a", 1) == "e\u0301");
    CHECK(last_cells("株式会社", 5) == "会社");
    CHECK(last_cells("ae\u0301", 1) == "e\u0301");
    CHECK(last_cells("e\u0301a", 1) == "a");
    CHECK(last_cells("ab", 9) == "ab");
}

TEST_CASE("messages have lines, and nothing else that is not seen", "[utf8]") {
    CHECK(without_controls("line\nmünchen \x1b[m\u202E") == "line\nmünchen \\x1b[m\\xe2\\x80\\xae");
    CHECK(unescaped("\\x1b[m\\x5c \\x \\xg0") == "\x1b[m\\ \\x \\xg0");
}
