// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "natstat/live/styles.hpp"

#include <algorithm>
#include <charconv>

namespace natstat {

namespace {

constexpr short own = own_color;

// clang-format off
constexpr Style table[] = {
    //                                                dark light dark light
    // role              meaning                      256  256   16   16    bold   reverse underl. alone
    {Role::plain,        "",                          own, own,  own, own},
    {Role::strong,       "",                          own, own,  own, own,  true,  false, false, true},
    {Role::title,        "",                          own, own,  own, own,  true,  true,  false, true},
    {Role::head,         "",                          own, own,  own, own,  true,  false, true,  true},
    {Role::selected,     "",                          own, own,  own, own,  false, true},
    {Role::cell,         "",                          own, own,  own, own,  true,  true,  true,  true},
    {Role::fresh,        "has just begun",            114, 22,   10,  4,    false, false, false, true},
    {Role::fresh_fading, "",                          108, 240,  10,  own},
    {Role::changed,      "has just changed",          80,  24,   14,  4,    false, false, false, true},
    {Role::changed_fading, "",                        73,  240,  14,  own},
    {Role::opening,      "is not established yet",    183, 90,   13,  5},
    {Role::ended,        "has ended",                 179, 94,   11,  own},
    {Role::failed,       "failed, or a limit is near", 210, 124, 9,   1,    false, false, false, true},
    {Role::alarm,        "the picture is not whole",  203, 124,  9,   1,    true,  false, false, true},
    {Role::dim,          "is closing, or matters less", 246, 240, 7,  own},
    {Role::key,          "",                          117, 25,   14,  4,    true,  false, false, true},
};
// clang-format on

/// The 16 that a terminal has by itself, as xterm has them.
constexpr std::array<std::array<unsigned, 3>, 16> basic{{
    {0, 0, 0},
    {205, 0, 0},
    {0, 205, 0},
    {205, 205, 0},
    {0, 0, 238},
    {205, 0, 205},
    {0, 205, 205},
    {229, 229, 229},
    {127, 127, 127},
    {255, 0, 0},
    {0, 255, 0},
    {255, 255, 0},
    {92, 92, 255},
    {255, 0, 255},
    {0, 255, 255},
    {255, 255, 255},
}};

} // namespace

std::span<const Style> styles() {
    return table;
}

const Style& style_of(Role role) {
    const auto* found = std::find_if(std::begin(table), std::end(table),
                                     [&](const Style& style) { return style.role == role; });
    return found == std::end(table) ? table[0] : *found;
}

std::optional<Background> background_of(std::string_view color_fg_bg) {
    const std::string_view number = color_fg_bg.substr(color_fg_bg.rfind(';') + 1);
    unsigned color = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), color);
    if (error != std::errc{} || end != number.data() + number.size() || color > 15)
        return std::nullopt;
    return color == 7 || color >= 9 ? Background::light : Background::dark;
}

std::array<unsigned, 3> rgb_of(short color) {
    const auto number = static_cast<unsigned>(color);
    if (number < basic.size())
        return basic[number];
    if (number >= 232) { // greys
        const unsigned level = 8 + 10 * (number - 232);
        return {level, level, level};
    }
    const auto level = [](unsigned part) { return part == 0 ? 0U : 55 + 40 * part; };
    const unsigned cube = number - 16; // of six levels a side
    return {level(cube / 36), level(cube / 6 % 6), level(cube % 6)};
}

} // namespace natstat
