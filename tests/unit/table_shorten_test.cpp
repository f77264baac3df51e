// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "natstat/table/shorten.hpp"

#include "tests/catch.hpp"

using namespace natstat;

TEST_CASE("an address is shortened in its middle, and its port stays", "[shorten]") {
    constexpr std::string_view longest = "[2001:db8:2:1111:2222:3333:4444:eeee]:51258";
    CHECK(shortened_middle(longest, 43) == longest);
    CHECK(shortened_middle(longest, 42) == "2001:db8:2:1111:…:3333:4444:eeee:51258");
    CHECK(shortened_middle(longest, 21) == "2001:db8:…:eeee:51258");
    CHECK(shortened_middle("[2001:db8:2:1111:2222:3333:4444:eeee]:443", 23) ==
          "2001:db8:2:…:eeee:443");
    CHECK(shortened_middle("2001:db8:2:1111:2222:3333:4444:eeee", 15) == "2001:db8:…:eeee");
    CHECK(shortened_middle("192.0.2.10:51258", 16) == "192.0.2.10:51258");
    CHECK(shortened_middle("[2001:db8::1]:80", 21) == "[2001:db8::1]:80");
    CHECK(shortened_middle("www.a-long-name.example:https", 21) == "www.a-long…mple:https");
}

TEST_CASE("no width is exceeded, and what was left out shows", "[shorten]") {
    for (const std::string_view text :
         {"[2001:db8:2:1111:2222:3333:4444:eeee]:51258", "2001:db8:2:1111:2222:3333:4444:eeee",
          "192.0.2.10:51258", "[2001:db8::1]:80", "a-name", "", "::", "[::]:1"})
        for (std::size_t width = 0; width < 50; ++width) {
            INFO(text << " " << width);
            for (const std::string& cut :
                 {shortened_middle(text, width), shortened_end(text, width)}) {
                const bool has_gap = cut.find(gap) != std::string::npos;
                CHECK(cut.size() - (has_gap ? gap.size() - 1 : 0) <= width);
                CHECK((has_gap || cut == text || width == 0));
            }
        }
}

TEST_CASE("names are cut by the cells that they take", "[shorten]") {
    CHECK(shortened_end("Société Générale", 16) == "Société Générale");
    CHECK(shortened_end("Société Générale", 8) == "Société…");
    CHECK(shortened_end("株式会社", 8) == "株式会社");
    CHECK(shortened_end("株式会社", 7) == "株式会…");
    CHECK(shortened_end("株式会社", 6) == "株式…"); // half of a character is none
    CHECK(shortened_end("e\u0301te\u0301s", 3) == "e\u0301t…");
    CHECK(shortened_end("te\u0301s", 3) == "te\u0301s");
    CHECK(shortened_middle("株式会社株式会社", 9) == "株式…会社");
}

TEST_CASE("words stand in lines of a width, and a long one alone", "[shorten]") {
    using Lines = std::vector<std::string>;
    CHECK(wrapped("", 10).empty());
    CHECK(wrapped("one two three", 7) == Lines{"one two", "three"});
    CHECK(wrapped("one two three", 6) == Lines{"one", "two", "three"});
    CHECK(wrapped("a longer-than-that b", 6) == Lines{"a", "longer-than-that", "b"});
    CHECK(wrapped("é é é", 3) == Lines{"é é", "é"});
    CHECK(wrapped("one", 0) == Lines{"one"});
}

TEST_CASE("a number that does not fit is said in three digits, never cut", "[shorten]") {
    CHECK(fitted_text(Count{1'234'567}, {}, 7) == "1234567");
    CHECK(fitted_text(Count{1'234'567}, {}, 5) == "1.2M");
    CHECK(fitted_text(Text{"CLOSE_WAIT_"}, {}, 9) == "CLOSE_WA…");
    CHECK(fitted_text(Text{"ESTABLISHED"}, {}, 10) == "ESTAB"); // as ss(8) has it
    CHECK(fitted_text(Text{"ESTABLISHED"}, {}, 11) == "ESTABLISHED");
}

TEST_CASE("a moment loses its date first", "[shorten]") {
    const Instant moment{Time{std::chrono::milliseconds{1'795'324'211'500}}};
    const std::string whole = to_text(moment);
    REQUIRE(whole.size() == 26);
    CHECK(fitted_text(moment, {}, 26) == whole);
    CHECK(fitted_text(moment, {}, time_of_day_width) == whole.substr(11, time_of_day_width));
}
