// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Steps into the files of their days, a transaction for each handful of them, without threads and
// clocks. A handful that could not be written has not been, and can be tried again. Private to the
// room log.
#pragma once

#include "day_file.hpp"
#include "directory.hpp"

#include "natstat/log/writer.hpp"

#include <deque>

namespace natstat::log {

class Days {
  public:
    /// Throws Failure.
    explicit Days(const Settings& settings);

    /// Makes the day's file the one that is written, with what lives. Throws Refused and Failure.
    void turn_to(Day day);

    /// Writes them, in the order in which they came; nothing else happened until `until`. Throws
    /// Refused where this could not be, and Failure where it never can.
    void write(const std::vector<Step>& steps, Time until);

    /// Writes that somebody looked until the last moment that was written, and no longer.
    void write_stop();

    /// The file that is written is damaged: it gets another name, and what comes, comes into a new
    /// one. Throws Failure.
    void set_aside(const std::string& why);

    /// Of the last transaction; Time{}: there was none.
    [[nodiscard]] Time until() const { return until_; }

    /// Closes the file.
    void settle();

    /// Sentences that have not been taken yet.
    [[nodiscard]] std::vector<std::string> news() { return std::exchange(news_, {}); }

  private:
    using Key = std::uint64_t; // a hash of a flow's name
    /// A flow that lives.
    struct Living {
        Begun begun;
        std::size_t fresh = 0; // place in fresh_, and one more; 0: in the file
    };
    using LivingByKey = std::unordered_map<Key, Living, NumberHash>;
    struct Fresh {
        const Step* step; // null: ended since
        Begun begun;
    };
    struct Before {
        Key key;
        std::optional<Living> living;
    };

    [[nodiscard]] DayFile opened(Day day);
    void remove_old(Day day, bool by_age);
    void make_room();
    void remove_oldest();
    void tell_damage(const std::string& why, const std::string& new_name);
    void leave_day(const DayFile& next, Day day);
    void write_part(const Step* first, const Step* last, Time until);
    void take(const Step& step);
    void take_beginning(const Step& step);
    void take_end(const Step& step);
    void take_mark(const Step& step);
    void remember(Key key);
    void forget_part();
    void take_back();
    [[nodiscard]] Day day_for(Time time) const;

    Settings settings_;
    OwnDirectory directory_;
    std::deque<Day> others_;        // days with files, beside the one that is written
    std::uint64_t others_size_ = 0; // of their files, in bytes, where that matters
    std::optional<Day> day_;
    std::optional<DayFile> file_;
    LivingByKey living_;
    std::int64_t next_ = 1; // number in `open`
    std::vector<Fresh> fresh_;
    std::vector<Before> undo_; // of living_, for this transaction
    std::optional<LivingByKey> undo_all_;
    Time until_{};
    Time run_{};
    std::vector<std::string> news_;
};

} // namespace natstat::log
