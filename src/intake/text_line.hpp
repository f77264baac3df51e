// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One line of conntrack text into one event: kind, time, protocol and state, which stand before the
// tuples. Private to the room intake.
#pragma once

#include "natstat/model/source.hpp"
#include "text_prefix.hpp"
#include "text_tail.hpp"

#include <string_view>

namespace natstat {

/// What an entry says, without the line that it was in.
struct Said {
    Event event;
    std::string helper;
    std::string secctx;
    Stamp stamp;                    // in front of it
    DiffMark mark = DiffMark::none; // of a diff

    /// Appends the event, and to the batch's extras what it has of them.
    void append_to(Batch& batch) const;
};

/// A line as it is read. It refers to the line.
class TextEntry {
  public:
    /// Reads one line, without its newline. Whatever stands before the entry in it is passed over,
    /// but for a whole time.
    explicit TextEntry(std::string_view line);

    /// Whether it was one; the rest is about one that was, if not said otherwise.
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] const Event& event() const { return event_; }
    /// Appends the event, and to the batch's extras what it has of them.
    void append_to(Batch& batch) const { tail_.append_to(batch); }
    /// The same, to be kept for longer than the line.
    [[nodiscard]] Said said() const;

    /// Of one that began and was not good: the word that could not be understood; empty where the
    /// line ended too early.
    [[nodiscard]] std::string_view wrong() const { return wrong_; }

    /// Whether an entry begins in this line, good or not.
    [[nodiscard]] bool began() const { return began_; }

    /// Whether it is known that nothing of it is missing: a list's entries end in "use=N". The end
    /// of an event can not be told from a piece of it.
    [[nodiscard]] bool closed() const { return tail_.closed(); }

    /// What stands before the entry, without the blanks around it, and the time in it.
    [[nodiscard]] std::string_view prefix() const { return prefix_; }
    /// How many characters stand before the entry.
    [[nodiscard]] std::size_t begin() const { return begin_; }
    [[nodiscard]] const Stamp& stamp() const { return stamp_; }

  private:
    bool read_prefix();
    bool read_event_time();
    bool read();
    void read_kind();
    bool read_protocol();
    bool read_state();
    bool take_state(std::string_view word);
    bool refuse(std::string_view word);
    std::string_view next();

    std::string_view rest_;
    std::string_view prefix_;
    std::size_t begin_ = 0;
    std::string_view wrong_;
    Stamp stamp_;
    Event event_;
    Flow& flow_ = event_.flow;
    LineTail tail_{event_};
    bool named_ = true; // the protocol was not printed as "unknown"
    bool began_ = true;
    bool good_ = false;
};

/// Whether the line is a remark of conntrack's own, or blank.
[[nodiscard]] bool is_remark(std::string_view line);

/// Whether it is the remark that events were lost.
[[nodiscard]] bool tells_loss(std::string_view line);

} // namespace natstat
