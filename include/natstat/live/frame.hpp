// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A screen as data: a grid of characters, each with the role that it plays. Nothing here knows a
// terminal, so a frame can be compared as text.
#pragma once

#include "natstat/model/utf8.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

struct Size {
    std::size_t rows = 0;
    std::size_t columns = 0;
    friend bool operator==(const Size&, const Size&) = default;
};

/// What a cell means; which colour that is, the terminal decides.
enum class Role : std::uint8_t {
    plain,
    strong,   // where one is
    title,    // natstat's own name, headings
    head,     // titles of columns
    selected, // the row of the cursor
    cell,     // and the cell in it
    fresh,    // a flow that has just begun
    fresh_fading,
    changed, // a flow that has just changed its state
    changed_fading,
    opening, // the state of a flow that is not established yet
    ended,   // a flow that has ended
    failed,  // a flow that failed, a limit that is near
    alarm,   // the picture is not what it seems: stale, an error
    dim,     // what matters less
    key,     // a key that can be pressed
};

/// What there is in ASCII for one of the few other characters that natstat draws.
[[nodiscard]] char32_t in_ascii(char32_t glyph);

class Frame {
  public:
    struct Cell {
        char32_t glyph = U' ';
        std::array<char32_t, Characters::most_marks> marks{}; // on it; 0: no more of them
        Role role = Role::plain;
    };
    /// The glyph of a cell that the character in the cell before takes as well.
    static constexpr char32_t second_half = 0;

    explicit Frame(Size size) : size_(size), cells_(size.rows * size.columns) {}

    [[nodiscard]] Size size() const { return size_; }
    [[nodiscard]] const Cell& at(std::size_t row, std::size_t column) const {
        return cells_[row * size_.columns + column];
    }

    /// Writes UTF-8 text from `column` on and gives the column behind it; what lies outside of the
    /// frame is left out. A character of two cells of which one is written over goes wholly.
    std::size_t put(std::size_t row, std::size_t column, std::string_view text,
                    Role role = Role::plain);

    /// What a cell adds to its line: a character with its marks, or nothing where the one before
    /// is wide.
    [[nodiscard]] std::u32string glyphs(std::size_t row, std::size_t column, bool ascii) const;

    /// Gives the whole row a role.
    void paint(std::size_t row, Role role);
    /// Gives the cells from `begin` to before `end` a role.
    void paint(std::size_t row, std::size_t begin, std::size_t end, Role role);

    /// The lines as UTF-8, or in ASCII, without trailing blanks, each with a newline.
    [[nodiscard]] std::string text(bool ascii = false) const;

  private:
    /// A wide character on both sides of this cell's left edge becomes blanks.
    void split(std::size_t row, std::size_t column);

    Size size_;
    std::vector<Cell> cells_;
};

/// How many cells a UTF-8 text takes.
[[nodiscard]] std::size_t width_of(std::string_view text);

} // namespace natstat
