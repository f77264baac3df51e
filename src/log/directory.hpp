// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The directory of a log: which files are days, and who may write in it. Private to the room log.
#pragma once

#include "natstat/model/descriptor.hpp"
#include "natstat/model/source.hpp"

#include <string>
#include <vector>

namespace natstat::log {

/// A day of UTC.
using Day = std::chrono::sys_days;

[[nodiscard]] inline Day day_of(Time time) {
    return std::chrono::floor<std::chrono::days>(time);
}

/// "nat-2026-11-30.db"
[[nodiscard]] std::string file_name_of(Day day);

/// The days that have a file, in order. Throws Failure.
[[nodiscard]] std::vector<Day> days_in(const std::string& directory);

/// A directory to write into, by one process at a time.
class OwnDirectory {
  public:
    /// Throws Failure when there is none, when it is another user's or others can write into it,
    /// and when somebody writes a log there.
    explicit OwnDirectory(const std::string& name);

    [[nodiscard]] std::string path_of(Day day) const { return path_ + "/" + file_name_of(day); }

    [[nodiscard]] std::vector<Day> days() const { return days_in(path_); }

    /// Of a day's file, and of what SQLite has beside it, in bytes.
    [[nodiscard]] std::uint64_t size_of(Day day) const;

    /// Takes the day's file away. Gives sentences where it stays.
    [[nodiscard]] std::vector<std::string> remove(Day day) const;

    /// Gives a day's file another name, and what SQLite has beside it; the new name.
    [[nodiscard]] std::string set_aside(Day day) const;

  private:
    std::string path_; // without links
    Descriptor descriptor_;
};

} // namespace natstat::log
