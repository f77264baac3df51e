// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Where one list ends and the next one begins in a text that holds several: at conntrack's closing
// remark, at a line that is a date or a command, and where the first entry comes again. Private to
// the room intake.
#pragma once

#include "natstat/model/flow.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace natstat {

class Lists {
  public:
    /// `ended` is called at the end of each list.
    explicit Lists(std::function<void()> ended) : ended_(std::move(ended)) {}

    /// Comes before the entry is told. One that was not understood has no flow.
    void take_entry(const Flow* flow, std::uint64_t line);
    /// Comes after it: it may have been the last one.
    void entry_told();

    /// A remark of conntrack's own: "... 5 flow entries have been shown." It is not buffered, so
    /// that it can stand before entries of its list, and says how many these are.
    void take_remark(std::string_view remark, std::uint64_t line);

    /// What stands between two lists: a date, a command, the end of an array.
    void take_border();

    /// What a list begins with, of a format that says so.
    void take_opening(std::uint64_t line);

    /// How many there were, and the line in which the last one begins.
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] std::uint64_t last_line() const { return last_line_; }

  private:
    void begin(std::uint64_t line);
    void end();

    std::function<void()> ended_;
    Flow first_{}; // of the present list
    bool open_ = false;
    bool has_first_ = false;
    std::uint64_t entries_ = 0; // of the present list
    std::optional<std::uint64_t> expected_;
    std::uint64_t count_ = 0;
    std::uint64_t last_line_ = 0;
    std::uint64_t line_before_ = 0; // the one in which the list before it begins
};

/// Whether conntrack's closing remark says that it has shown nothing.
[[nodiscard]] bool is_empty_list(std::string_view remark);

/// Whether a line that is no entry stands between lists: what date(1) prints, or a shell's prompt
/// with the command that lists.
[[nodiscard]] bool is_border(std::string_view line);

} // namespace natstat
