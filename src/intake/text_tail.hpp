// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a line says from its first tuple on: pairs, which text_fields.hpp takes, flags, and words.
// Vendors put words of their own between them, which are passed over; what could be a piece of
// something that matters is not. Private to the room intake.
#pragma once

#include "natstat/model/source.hpp"
#include "text_fields.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace natstat {

class LineTail {
  public:
    /// Fills the event's flow, whose protocol and kind are set before the first token comes.
    explicit LineTail(Event& event) : event_(event), flow_(event.flow), fields_(event.flow) {}

    /// Takes the next token; false when it can not stand here, or its value is not one.
    [[nodiscard]] bool take(std::string_view token);

    /// A token behind which the line says nothing more that is read here.
    [[nodiscard]] bool over() const { return over_; }

    /// After the last token: whether both tuples were whole; sets what follows from all of them.
    /// `named`: see FlowFields::finish.
    [[nodiscard]] bool finish(bool named);

    /// Whether it ended as an entry of a list does, so that nothing of it is missing.
    [[nodiscard]] bool closed() const { return fields_.has_use() || cached_; }

    [[nodiscard]] const FlowFields& fields() const { return fields_; }

    /// Appends the event, and to the batch's extras what it has of them.
    void append_to(Batch& batch) const;

  private:
    bool take_pair(std::string_view token, std::size_t equals);
    bool take_flag(std::string_view token);
    bool take_word(std::string_view token);
    bool take_date(std::string_view text, std::optional<std::chrono::sys_seconds>& date);
    void set_status();
    void set_times();
    void set_start(std::chrono::sys_seconds start);

    Event& event_;
    Flow& flow_;
    FlowFields fields_;
    bool unreplied_ = false;
    bool cached_ = false;       // conntrackd printed it
    bool secctx_open_ = false;  // the token before was of the security context
    bool after_number_ = false; // the token before was a number that means something
    bool over_ = false;
    std::optional<std::chrono::sys_seconds> start_;
    std::optional<std::chrono::sys_seconds> stop_;
};

} // namespace natstat
