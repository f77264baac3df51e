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

    /// Makes the file of that time the one that is written, with what lives. Throws Refused and
    /// Failure.
    void turn_to(Time time);

    /// Writes them, in the order in which they came; nothing else happened until `until`. Throws
    /// Refused where this could not be, and goes on with the rest when it is given the same again;
    /// throws Failure where it never can.
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

    [[nodiscard]] DayFile opened(const Volume& volume);
    [[nodiscard]] DayFile file_for(Volume& volume, Time time);
    void remove_old(bool by_age);
    void make_room();
    void remove_oldest();
    void tell_damage(const std::string& why, const std::string& new_name);
    void leave_day(const DayFile& next, Day day);
    void leave_set_back(DayFile& next, Time time);
    [[nodiscard]] bool is_set_back(Time time, Time latest) const;
    [[nodiscard]] bool stays(Time time, Time latest) const;
    void write_part(const Step* first, const Step* last, Time until);
    void take(const Step& step);
    void take_beginning(const Step& step);
    void take_end(const Step& step);
    void take_mark(Step mark);
    void remember(Key key);
    void forget_part();
    void take_back();

    Settings settings_;
    OwnDirectory directory_;
    std::deque<Volume> others_;     // beside the one that is written
    std::uint64_t others_size_ = 0; // in bytes, where that matters
    std::optional<Volume> volume_;
    std::optional<DayFile> file_;
    Time latest_{};        // of what is in it
    std::size_t done_ = 0; // steps of a handful that could not be written whole
    LivingByKey living_;
    std::int64_t next_ = 1; // number in `open`
    std::vector<Fresh> fresh_;
    std::vector<Before> undo_; // of living_, for this transaction
    std::optional<LivingByKey> undo_all_;
    Time until_{};
    Time run_{};         // when who looks had begun, as it is written
    Time told_run_{};    // and as he says it
    bool whole_ = false; // all that was there then has been told
    std::vector<std::string> news_;
};

} // namespace natstat::log
