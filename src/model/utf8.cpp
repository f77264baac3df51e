// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Decoding stops at how long a sequence is: natstat looks at no character but the controls.
#include "natstat/model/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace natstat {

namespace {

std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
}

} // namespace

std::size_t utf8_length(std::string_view text, std::size_t at) {
    const std::uint8_t lead = byte_at(text, at);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4)
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte_at(text, at + i) & 0xC0) != 0x80)
            return 0;
    // Longer than needed, halves of pairs, beyond the last character (RFC 3629 section 4).
    const std::uint8_t second = byte_at(text, at + 1);
    const bool wrong = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                       (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
    return wrong ? 0 : length;
}

bool is_control(std::string_view text, std::size_t at) {
    const std::uint8_t byte = byte_at(text, at);
    return byte < 0x20 || byte == 0x7F || (byte == 0xC2 && byte_at(text, at + 1) < 0xA0);
}

std::string without_controls(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = utf8_length(text, at);
        const std::size_t taken = std::max<std::size_t>(length, 1);
        const bool shown = text[at] == '\n' || (length != 0 && !is_control(text, at));
        for (const char each : text.substr(at, taken)) {
            const auto byte = static_cast<std::uint8_t>(each);
            if (shown)
                result += each;
            else
                result += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xFU]};
        }
        at += taken;
    }
    return result;
}

} // namespace natstat
