// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// UTF-8 in and out. Names of files and hosts are what they are, so what can not be shown becomes
// '?'.
#include "natstat/live/frame.hpp"

#include "natstat/model/utf8.hpp"

#include <algorithm>

namespace natstat {

namespace {

void append(std::string& text, char32_t character) {
    const auto part = [&](unsigned shift) {
        return static_cast<char>(0x80U | (character >> shift & 0x3FU));
    };
    if (character < 0x80) {
        text += static_cast<char>(character);
    } else if (character < 0x800) {
        text += static_cast<char>(0xC0U | character >> 6);
        text += part(0);
    } else if (character < 0x10000) {
        text += static_cast<char>(0xE0U | character >> 12);
        text += part(6);
        text += part(0);
    } else {
        text += static_cast<char>(0xF0U | character >> 18);
        text += part(12);
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
    Cell* const cells = &cells_[row * size_.columns];
    Cell* last = nullptr;
    Characters characters(text);
    for (auto each = characters.next(); each && column < size_.columns; each = characters.next()) {
        const char32_t glyph = each->shown ? each->code : U'?';
        if (each->cells == 0) {
            if (last != nullptr)
                *std::find(last->marks.begin(), last->marks.end(), U'\0') = glyph;
            continue;
        }
        split(row, column);
        if (column + each->cells > size_.columns) { // there is no room for its second half
            cells[column++] = {U' ', {}, role};
            break;
        }
        split(row, column + each->cells);
        last = &(cells[column] = {glyph, {}, role});
        for (std::size_t i = 1; i < each->cells; ++i)
            cells[column + i] = {second_half, {}, role};
        column += each->cells;
    }
    return column;
}

void Frame::split(std::size_t row, std::size_t column) {
    if (column == 0 || column >= size_.columns)
        return;
    Cell* const right = &cells_[row * size_.columns + column];
    if (right->glyph != second_half)
        return;
    right->glyph = U' ';
    right[-1].glyph = U' ';
    right[-1].marks = {};
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

std::u32string Frame::glyphs(std::size_t row, std::size_t column, bool ascii) const {
    const Cell& cell = at(row, column);
    if (ascii)
        return {cell.glyph == second_half ? U' ' : in_ascii(cell.glyph)};
    if (cell.glyph == second_half)
        return {};
    const auto* const end = std::find(cell.marks.begin(), cell.marks.end(), U'\0');
    return cell.glyph + std::u32string(cell.marks.begin(), end);
}

std::string Frame::text(bool ascii) const {
    std::string text;
    for (std::size_t row = 0; row < size_.rows; ++row) {
        std::string line;
        for (std::size_t column = 0; column < size_.columns; ++column)
            for (const char32_t glyph : glyphs(row, column, ascii))
                append(line, glyph);
        text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    return text;
}

std::size_t width_of(std::string_view text) {
    return cells_of(text);
}

} // namespace natstat
