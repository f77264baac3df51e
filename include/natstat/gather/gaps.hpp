// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// When nobody looked while a file was written, and when its clock was set back: what an answer out
// of it has to say. Event by event, in the order of the file.
#pragma once

#include "natstat/filter/moment.hpp"
#include "natstat/model/source.hpp"

#include <optional>
#include <string>
#include <vector>

namespace natstat {

class Gaps {
  public:
    /// What is kept is about this moment; absent: about the end of the file.
    explicit Gaps(std::optional<Moment> moment = std::nullopt) : moment_(moment) {}

    void take(const Event& event);

    /// Sentences about the moment, or the end.
    [[nodiscard]] std::vector<std::string> sentences() const;

  private:
    /// Nobody looked from `from` to `to`, and only at `known` was told what is there.
    struct Gap {
        Time from;
        Time to;
        std::optional<Time> known;
    };
    /// The clock was set back from `from` to `to`: what lies between came twice.
    struct SetBack {
        Time from;
        Time to;
    };
    void begin(Time time);
    void take_mark(const Event& event);
    void end_gap(Time time);
    void take_list(const Event& event);
    void take_time(Time time);
    [[nodiscard]] bool concerns(Time from, std::optional<Time> to) const;
    void add(const Gap& gap);

    std::optional<Moment> moment_;
    std::vector<Gap> gaps_;          // that are over, and concern the moment
    std::optional<Gap> gap_;         // that is not over
    std::vector<SetBack> set_backs_; // that concern the moment
    std::optional<SetBack> set_back_;
    std::optional<Time> run_;  // since when somebody looks
    bool stopped_ = false;     // he does no more
    bool follows_ = false;     // lists are of somebody who follows, and not all that he sees
    std::optional<Time> look_; // at which a list was taken, and nothing else was told since
    bool several_ = false;     // looked at once
    Time last_{};              // the last moment told
    Time latest_{};            // the latest of all
};

} // namespace natstat
