// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "natstat/live/clipboard.hpp"

#include <cstdint>

namespace natstat {

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view piece = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < piece.size() ? static_cast<unsigned char>(piece[i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            text += i <= piece.size() ? digits[bits >> (18 - 6 * i) & 0x3FU] : '=';
    }
    return text;
}

std::string clipboard_sequence(std::string_view text) {
    return "\033]52;c;" + base64(text) + "\a";
}

} // namespace natstat
