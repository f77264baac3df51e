// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is hidden is a table: the general categories Cc, Cf, Co, Zl and Zp of Unicode, and what has
// the property Default_Ignorable_Code_Point. Which of the others are assigned, and how wide they
// are, is the C library's to know (wcwidth(3)), as it is for whoever draws them.
#include "natstat/model/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <clocale>
#include <cstdint>
#include <cstring>

#include <langinfo.h>
#include <wchar.h>

namespace natstat {

namespace {

struct Range {
    char32_t first, last;
};

/// Above the ASCII characters, in their order.
constexpr Range hidden[] = {
    {0x0080, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},   {0x0600, 0x0605},
    {0x061C, 0x061C},   {0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x0890, 0x0891},
    {0x08E2, 0x08E2},   {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
    {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},
    {0xE000, 0xF8FF},   {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD},
    {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    {0xF0000, 0x10FFFF}};

bool is_hidden(char32_t code) {
    const auto* const range =
        std::lower_bound(std::begin(hidden), std::end(hidden), code,
                         [](const Range& each, char32_t wanted) { return each.last < wanted; });
    return range != std::end(hidden) && range->first <= code;
}

std::uint8_t byte_at(std::string_view text, std::size_t at) {
    return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
}

/// Bytes of the sequence at the front, 0 when there is none.
std::size_t utf8_length(std::string_view text) {
    const std::uint8_t lead = byte_at(text, 0);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4)
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte_at(text, i) & 0xC0) != 0x80)
            return 0;
    // Longer than needed, halves of pairs, beyond the last character (RFC 3629 section 4).
    const std::uint8_t second = byte_at(text, 1);
    const bool wrong = (lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
                       (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F);
    return wrong ? 0 : length;
}

char32_t code_of(std::string_view sequence) {
    constexpr std::array<unsigned, 5> of_lead{0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t code = byte_at(sequence, 0) & of_lead[sequence.size()];
    for (std::size_t i = 1; i < sequence.size(); ++i)
        code = code << 6 | (byte_at(sequence, i) & 0x3FU);
    return code;
}

/// The user's locale, or one that has all characters as well; null where there is none.
locale_t locale_of_characters() {
    static const locale_t found = [] {
        for (const char* const name : {"", "C.UTF-8"}) {
            const locale_t locale = newlocale(LC_CTYPE_MASK, name, nullptr);
            if (locale == nullptr)
                continue;
            if (std::strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0)
                return locale;
            freelocale(locale);
        }
        return locale_t{};
    }();
    return found;
}

/// Absent for one that is not assigned. wcwidth(3) asks the thread's locale.
std::optional<std::size_t> cells_of(char32_t code) {
    const locale_t locale = locale_of_characters();
    if (locale == nullptr)
        return 1;
    const locale_t before = uselocale(locale);
    const int cells = wcwidth(static_cast<wchar_t>(code));
    uselocale(before);
    return cells < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(cells));
}

bool is_ascii(std::string_view text) {
    std::uint64_t bits = 0;
    for (; text.size() >= sizeof bits; text.remove_prefix(sizeof bits)) {
        std::uint64_t eight = 0;
        std::memcpy(&eight, text.data(), sizeof eight);
        bits |= eight;
    }
    for (const char each : text)
        bits |= static_cast<std::uint8_t>(each);
    return (bits & 0x8080808080808080U) == 0;
}

} // namespace

std::optional<Character> Characters::next() {
    if (rest_.empty())
        return std::nullopt;
    Character found;
    const std::size_t length = utf8_length(rest_);
    found.bytes = rest_.substr(0, std::max<std::size_t>(length, 1));
    rest_.remove_prefix(found.bytes.size());
    if (length != 0)
        found.code = code_of(found.bytes);
    if (length == 1) {
        found.shown = found.code >= 0x20 && found.code != 0x7F;
    } else if (length != 0 && !is_hidden(found.code)) {
        const auto cells = cells_of(found.code);
        found.shown = cells && (*cells != 0 || marks_ < most_marks);
        found.cells = found.shown ? *cells : 1;
    }
    marks_ = !found.shown ? most_marks : found.cells == 0 ? marks_ + 1 : 0;
    return found;
}

std::size_t cells_of(std::string_view text) {
    if (is_ascii(text))
        return text.size();
    std::size_t cells = 0;
    Characters characters(text);
    while (const auto each = characters.next())
        cells += each->cells;
    return cells;
}

std::string_view first_cells(std::string_view text, std::size_t cells) {
    std::size_t end = 0;
    Characters characters(text);
    for (auto each = characters.next(); each && each->cells <= cells; each = characters.next()) {
        cells -= each->cells;
        end += each->bytes.size();
    }
    return text.substr(0, end);
}

std::string_view last_cells(std::string_view text, std::size_t cells) {
    std::size_t all = cells_of(text);
    std::size_t begin = 0;
    Characters characters(text);
    for (auto each = characters.next(); each && (all > cells || each->cells == 0);
         each = characters.next()) {
        all -= each->cells;
        begin += each->bytes.size();
    }
    return text.substr(begin);
}

void append_escaped(std::string& text, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char each : bytes) {
        const auto byte = static_cast<std::uint8_t>(each);
        text += {'\\', 'x', digits[byte >> 4U], digits[byte & 0xFU]};
    }
}

std::string unescaped(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        unsigned byte = 0;
        const std::string_view digits = text.size() >= 4 ? text.substr(2, 2) : std::string_view{};
        if (text.starts_with("\\x") && !digits.empty() &&
            std::from_chars(digits.data(), digits.data() + 2, byte, 16).ptr == digits.data() + 2) {
            result += static_cast<char>(byte);
            text.remove_prefix(4);
        } else {
            result += text.front();
            text.remove_prefix(1);
        }
    }
    return result;
}

std::string without_controls(std::string_view text) {
    std::string result;
    Characters characters(text);
    while (const auto each = characters.next()) {
        if (each->shown || each->code == U'\n')
            result += each->bytes;
        else
            append_escaped(result, each->bytes);
    }
    return result;
}

} // namespace natstat
