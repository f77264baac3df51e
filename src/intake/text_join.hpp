// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Lines that belong together: terminals and mail wrap entries, and files end in the middle of one.
// An entry is told when it is known to be whole; what may be a piece of one waits for the lines
// after it. Private to the room intake.
#pragma once

#include "natstat/model/source.hpp"
#include "text_line.hpp"
#include "text_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

class LineJoiner {
  public:
    struct Told {
        std::function<void(const Said& said, std::uint64_t line)> entry;
        TakeOdd odd;
    };
    explicit LineJoiner(Told told) : told_(std::move(told)) {}

    /// Takes a line in which an entry begins, or may go on, but for one that is whole by itself
    /// while nothing is held. `entry` is what it says by itself.
    /// `whole`: it ended with a newline, so that it was not cut off with the file.
    void take(std::string_view line, std::uint64_t number, const TextEntry& entry,
              bool whole = true);

    /// Whether a line in which no entry begins may be of the one before.
    [[nodiscard]] bool goes_on(std::string_view line) const;

    /// Whether a piece waits for more of it.
    [[nodiscard]] bool holds() const { return !pieces_.empty(); }

    /// Nothing that follows belongs to what is held.
    void flush() {
        if (!pieces_.empty())
            settle();
    }
    /// The same, of an event that is whole by itself: whoever follows it live does not wait for
    /// the line after it.
    void flush_event() {
        if (pieces_.size() == 1 && event_)
            settle();
    }

  private:
    void settle();
    void settle_one();
    [[nodiscard]] std::optional<std::string> joined() const;
    [[nodiscard]] std::string joined_by(std::uint32_t blanks) const;

    Told told_;
    std::vector<std::string> pieces_; // lines, the first one as it was
    std::string mark_;                // of mail or a diff, in front of the first line
    std::uint64_t line_ = 0;          // the first one's number
    std::optional<Said> event_;       // the first one, if it is an event by itself
    bool whole_ = true;               // the last one ended with a newline
};

} // namespace natstat
