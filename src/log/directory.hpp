// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The directory of a log: which files are days, and who may write in it. Private to the room log.
#pragma once

#include "natstat/model/descriptor.hpp"
#include "natstat/model/source.hpp"

#include <compare>
#include <string>
#include <vector>

namespace natstat::log {

/// A day of UTC.
using Day = std::chrono::sys_days;

[[nodiscard]] inline Day day_of(Time time) {
    return std::chrono::floor<std::chrono::days>(time);
}

/// A file of a log: a day's, or another one of that day, because the clock was set back over what
/// the one before has already.
struct Volume {
    Day day{};
    unsigned number = 1;

    friend auto operator<=>(const Volume&, const Volume&) = default;
};

/// "nat-2026-11-30.db", and "nat-2026-11-30.2.db"
[[nodiscard]] std::string file_name_of(const Volume& volume);

/// In order. Throws Failure.
[[nodiscard]] std::vector<Volume> volumes_in(const std::string& directory);

/// A directory to write into, by one process at a time.
class OwnDirectory {
  public:
    /// Throws Failure when there is none, when it is another user's or others can write into it,
    /// and when somebody writes a log there.
    explicit OwnDirectory(const std::string& name);

    [[nodiscard]] std::string path_of(const Volume& volume) const {
        return path_ + "/" + file_name_of(volume);
    }

    [[nodiscard]] std::vector<Volume> volumes() const { return volumes_in(path_); }

    /// With what SQLite has beside it, in bytes.
    [[nodiscard]] std::uint64_t size_of(const Volume& volume) const;

    /// Takes it away. Gives sentences where it stays.
    [[nodiscard]] std::vector<std::string> remove(const Volume& volume) const;

    /// Gives it another name, and what SQLite has beside it; the new name.
    [[nodiscard]] std::string set_aside(const Volume& volume) const;

  private:
    std::string path_; // without links
    Descriptor descriptor_;
};

} // namespace natstat::log
