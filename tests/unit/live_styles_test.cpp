// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Contrast as WCAG 2.1 counts it.
#include "natstat/live/background.hpp"
#include "natstat/live/styles.hpp"

#include "tests/catch.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

using namespace natstat;

namespace {

using Rgb = std::array<unsigned, 3>;

double luminance(const Rgb& rgb) {
    const auto linear = [](unsigned part) {
        const double value = part / 255.0;
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
}

double contrast(const Rgb& a, const Rgb& b) {
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

} // namespace

TEST_CASE("every colour can be read on the background that it is for", "[styles]") {
    constexpr double least = 4.5;
    const std::vector<Rgb> dark{{0, 0, 0}, {0x1C, 0x1C, 0x1C}},
        light{{255, 255, 255}, {238, 238, 238}};
    CHECK(contrast({0, 0, 0}, {255, 255, 255}) > 20.9); // the formula
    CHECK(std::abs(contrast({0x76, 0x76, 0x76}, {255, 255, 255}) - 4.54) < 0.01);
    std::size_t pairs = 0;
    for (const Style& style : styles())
        for (const Background background : {Background::dark, Background::light})
            for (const bool many : {true, false}) {
                const short color = style.color(background, many);
                if (color == own_color)
                    continue;
                const auto& behind = background == Background::dark ? dark : light;
                // A terminal of 16 colours has pure black or white behind them.
                for (std::size_t i = 0; i < (many ? behind.size() : 1); ++i, ++pairs) {
                    INFO(static_cast<int>(style.role) << " colour " << color);
                    CHECK(contrast(rgb_of(color), behind[i]) >= least);
                }
            }
    CHECK(pairs > 40);
}

TEST_CASE("every role has a style", "[styles]") {
    for (int role = 0; role <= static_cast<int>(Role::key); ++role)
        CHECK(style_of(static_cast<Role>(role)).role == static_cast<Role>(role));
}

TEST_CASE("a terminal answers what its background is", "[styles]") {
    const auto answer = [](std::string_view text) {
        BackgroundAnswer taken;
        for (std::size_t i = 0; i < text.size(); ++i)
            CHECK(taken.take(static_cast<unsigned char>(text[i])) == (i + 1 == text.size()));
        return taken.background();
    };
    CHECK(answer("ffff/ffff/ffff\x1b\\") == Background::light);
    CHECK(answer("fd/f6/e3\a") == Background::light);
    CHECK(answer("1e1e/2121/2727\x1b\\") == Background::dark);
    CHECK(answer("0/0/f\a") == Background::dark);
    CHECK(answer("0/f/0\a") == Background::light);
    for (const char* wrong : {"\a", "ff/ff\a", "ff/ff/ff/ff\a", "fffff/0/0\a", "x/y/z\a", "//\a"})
        CHECK_FALSE(answer(wrong));
    BackgroundAnswer endless; // and everything behind it are keys again
    int taken = 1;
    while (!endless.take('f'))
        REQUIRE(++taken < 100);
    CHECK_FALSE(endless.background());
    BackgroundAnswer broken_off; // a key of the user's ends it
    CHECK_FALSE(broken_off.take('f'));
    CHECK(broken_off.take(0x102));
    CHECK_FALSE(broken_off.background());
    CHECK(answers_questions("xterm-256color"));
    CHECK_FALSE(answers_questions("linux"));
    CHECK_FALSE(answers_questions("vt100"));
    CHECK_FALSE(answers_questions(""));
}

TEST_CASE("a terminal can say how its background is", "[styles]") {
    CHECK(background_of("15;0") == Background::dark);
    CHECK(background_of("0;15") == Background::light);
    CHECK(background_of("0;default;7") == Background::light);
    CHECK(background_of("7;8") == Background::dark);
    for (const char* nothing : {"", "default", "15;", "0;300"})
        CHECK_FALSE(background_of(nothing));
}
