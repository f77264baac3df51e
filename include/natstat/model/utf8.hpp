// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Text from outside as characters: which of them can be shown, and in how many cells of a screen.
// What would move the cursor, turn or hide the text around it, or look like nothing, can not.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace natstat {

struct Character {
    std::string_view bytes; // its UTF-8 (RFC 3629), or a single byte that belongs to none
    char32_t code = U'?';
    /// Whether it can be shown: it is written, assigned, and nothing but seen.
    bool shown = false;
    /// That it takes: 1 or 2, 0 of a mark on the character before it; 1 where it is not shown, for
    /// a '?'.
    std::size_t cells = 1;
};

/// Reads a text from its front. `text` outlives what it tells.
class Characters {
  public:
    /// `after`: whether a character that can have marks stands in front of the text.
    explicit Characters(std::string_view text, bool after = false)
        : rest_(text), marks_(after ? 0 : most_marks) {}

    /// Absent at the end.
    [[nodiscard]] std::optional<Character> next();

    /// More than these on one character are not shown: it would grow over the lines above and
    /// below. It is as many as curses(3) takes.
    static constexpr std::size_t most_marks = 4;

  private:
    std::string_view rest_;
    std::size_t marks_; // that the character before has, or the most where there is none
};

/// How many cells a text takes on a screen.
[[nodiscard]] std::size_t cells_of(std::string_view text);

/// The most of the text's beginning that takes at most so many cells.
[[nodiscard]] std::string_view first_cells(std::string_view text, std::size_t cells);

/// The most of its end.
[[nodiscard]] std::string_view last_cells(std::string_view text, std::size_t cells);

/// The bytes as `\xNN` at the end of the text.
void append_escaped(std::string& text, std::string_view bytes);

/// The text with the bytes that each `\xNN` in it stands for.
[[nodiscard]] std::string unescaped(std::string_view text);

/// The text with `\xNN` in the place of what can not be shown, but for line feeds.
[[nodiscard]] std::string without_controls(std::string_view text);

} // namespace natstat
