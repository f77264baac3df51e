// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How roles look: one table, for dark and light backgrounds, for terminals of 256 and of 16
// colours. A test counts the contrast of each colour with its background.
#pragma once

#include "natstat/live/frame.hpp"

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace natstat {

enum class Background : std::uint8_t { dark, light };

/// A colour by its number in xterm's palette; own: the terminal's own, which its owner can read.
inline constexpr short own_color = -1;

struct Style {
    Role role;
    std::string_view meaning; // for the legend; empty: it needs none
    short dark256, light256, dark16, light16;
    bool bold = false, reverse = false, underline = false;
    /// Without colours.
    bool bold_alone = false;

    [[nodiscard]] short color(Background background, bool many) const {
        return background == Background::dark ? (many ? dark256 : dark16)
                                              : (many ? light256 : light16);
    }
};

[[nodiscard]] std::span<const Style> styles();
[[nodiscard]] const Style& style_of(Role role);

/// What the terminal says of itself in COLORFGBG ("15;0"): the background is the last number.
[[nodiscard]] std::optional<Background> background_of(std::string_view color_fg_bg);

/// Red, green and blue of a colour of xterm's palette, from 0 on.
[[nodiscard]] std::array<unsigned, 3> rgb_of(short color);

} // namespace natstat
