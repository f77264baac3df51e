// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One day's file, read: its beginnings, ends and marks, each in the order of their times. Whoever
// made the file may be hostile. Private to the room log.
#pragma once

#include "directory.hpp"
#include "sqlite.hpp"

#include "natstat/log/reader.hpp"

#include <unordered_map>

namespace natstat::log {

/// What is wanted of a file.
struct Wanted {
    std::optional<Window> window;
    ListQuery query{ListCondition{}};
    bool carried = false; // what began before this day has been told
};

class DayReader {
  public:
    /// Throws Refused, as everything below.
    DayReader(const std::string& path, Day day);

    /// Comes before anything is read.
    void want(const Wanted& wanted);

    /// Gives the next thing that happened; false: nothing is left.
    bool take(Batch& batch);

    /// The last moment that was looked at.
    [[nodiscard]] Time until() const { return until_; }

  private:
    enum class What : std::uint8_t { begun, ended, mark };
    /// Rows of one kind, the next of them at hand.
    struct Stream {
        What what;
        Statement statement;
        std::optional<Time> next{};
    };

    using Values = std::vector<std::int64_t>;

    void add(What what, const std::string& sql, const Values& values);
    void add_rows(const Wanted& wanted, const std::string& where, const Values& values);
    void look_up(const Endpoint& end, const std::string& address, const std::string& port,
                 std::string& where, Values& values);
    [[nodiscard]] std::optional<std::int64_t> number_of(const Address& address);
    void advance(Stream& stream) const;
    [[nodiscard]] std::size_t first() const;
    [[nodiscard]] Event event_of(const Stream& stream);
    [[nodiscard]] Event mark_of(const Stream& stream, Batch& batch) const;
    [[nodiscard]] Flow flow_of(const Statement& row);
    [[nodiscard]] const Address& address_of(std::int64_t number);

    Database database_;
    Time begin_; // of the day
    Time until_{};
    bool carried_ = false;
    Statement find_text_;
    Statement find_number_;
    std::vector<Stream> streams_;
    std::unordered_map<std::uint64_t, Address, NumberHash> addresses_; // some of them
    std::unique_ptr<std::uint64_t> steps_left_;                        // of SQLite's machine
};

} // namespace natstat::log
