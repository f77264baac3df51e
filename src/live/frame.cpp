// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// UTF-8 in and out. Names of files and hosts are what they are, so control characters become '?'.
#include "natstat/live/frame.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// The next character, taken from the front of the text; a byte that is none is shown as '?'.
char32_t take_character(std::string_view& text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t size = first < 0x80 ? 1 : first < 0xC0 ? 0 : first < 0xE0 ? 2 : 3;
    if (size == 0 || first >= 0xF0 || size > text.size()) {
        text.remove_prefix(1);
        return U'?';
    }
    const bool control = first < 0x20 || first == 0x7F;
    char32_t character = control ? U'?' : size == 1 ? first : first & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i)
        character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
    text.remove_prefix(size);
    return character;
}

void append(std::string& text, char32_t character) {
    const auto part = [&](unsigned shift) {
        return static_cast<char>(0x80U | (character >> shift & 0x3FU));
    };
    if (character < 0x80) {
        text += static_cast<char>(character);
    } else if (character < 0x800) {
        text += static_cast<char>(0xC0U | character >> 6);
        text += part(0);
    } else {
        text += static_cast<char>(0xE0U | character >> 12);
        text += part(6);
        text += part(0);
    }
}

} // namespace

char32_t in_ascii(char32_t glyph) {
    if (glyph < 0x80)
        return glyph;
    if (glyph >= U'▁' && glyph <= U'▄')
        return U'.';
    if (glyph > U'▄' && glyph <= U'█')
        return U'#';
    switch (glyph) {
    case U'▲':
    case U'↑':
        return U'^';
    case U'▼':
    case U'↓':
        return U'v';
    case U'▸':
    case U'›':
    case U'≥':
        return U'>';
    case U'◂':
        return U'<';
    case U'…':
        return U'~';
    case U'│':
        return U'|';
    case U'─':
        return U'-';
    case U'└':
    case U'┘':
        return U'+';
    default:
        return U'?';
    }
}

std::size_t Frame::put(std::size_t row, std::size_t column, std::string_view text, Role role) {
    if (row >= size_.rows)
        return column;
    while (!text.empty() && column < size_.columns)
        cells_[row * size_.columns + column++] = {take_character(text), role};
    return column;
}

void Frame::paint(std::size_t row, Role role) {
    for (std::size_t column = 0; row < size_.rows && column < size_.columns; ++column)
        cells_[row * size_.columns + column].role = role;
}

void Frame::paint(std::size_t row, std::size_t begin, std::size_t end, Role role) {
    for (std::size_t column = begin; row < size_.rows && column < std::min(end, size_.columns);
         ++column)
        cells_[row * size_.columns + column].role = role;
}

std::string Frame::text(bool ascii) const {
    std::string text;
    for (std::size_t row = 0; row < size_.rows; ++row) {
        std::string line;
        for (std::size_t column = 0; column < size_.columns; ++column)
            append(line, ascii ? in_ascii(at(row, column).glyph) : at(row, column).glyph);
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    for (; !text.empty(); ++width)
        take_character(text);
    return width;
}

} // namespace natstat
