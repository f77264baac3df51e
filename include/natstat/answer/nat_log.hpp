// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Steps of flows into the log on the box: what begins and ends of those that are translated, and
// the marks between.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"
#include "natstat/log/writer.hpp"
#include "natstat/model/tracker.hpp"
#include "natstat/table/column.hpp"

namespace natstat {

class NatLog {
  public:
    /// `of_file`: the steps are those of a file, which can wait. `flows`: which ones are asked for,
    /// in words. `complain` hears what can not wait for the end. Throws Failure.
    NatLog(const Kept& request, const std::string& flows, bool of_file, const Complain& complain);

    /// Takes a step of a flow; `wanted`: it is asked for.
    void tell(const Row& step, bool wanted);
    void tell_mark(const Transition& mark);

    /// All that came until then has been told.
    void push(Time now);
    /// Whether flows are to be told of anew, all of them, because something is missing; once.
    [[nodiscard]] bool wants_all() { return writer_.wants_all(); }

    /// Milliseconds until idle() has something to do.
    [[nodiscard]] int patience() const { return writer_.patience(); }
    /// Nothing is to be told now: writes what is due.
    void idle();

    /// Writes the rest, and says what could not be. Throws Failure.
    void finish(Answer& answer);

  private:
    void say_news();

    bool of_file_;
    const Complain& complain_;
    log::Writer writer_;
};

} // namespace natstat
