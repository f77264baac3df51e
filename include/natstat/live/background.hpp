// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A terminal is asked for the colour of its background (OSC 11, xterm's ctlseqs) and answers among
// the keys that are pressed, whenever it likes or never: nobody waits for it.
#pragma once

#include "natstat/live/styles.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace natstat {

/// What asks for it.
inline constexpr std::string_view background_question = "\x1b]11;?\x1b\\";
/// What an answer begins with.
inline constexpr std::string_view background_answer = "\x1b]11;rgb:";

/// Whether terminals of this type answer, or take the question in silence.
[[nodiscard]] bool answers_questions(std::string_view term);

/// What stands behind the beginning of an answer, character by character.
class BackgroundAnswer {
  public:
    /// True when the answer has ended, or is none.
    bool take(int character);
    /// Of an answer that has ended: "RR/GG/BB" of one to four digits each; absent: it is none.
    [[nodiscard]] std::optional<Background> background() const;

  private:
    std::string text_;
};

} // namespace natstat
