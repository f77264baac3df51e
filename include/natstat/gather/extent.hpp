// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How far a file reaches, beside what is asked for of its time: event by event.
#pragma once

#include "natstat/filter/moment.hpp"
#include "natstat/gather/list_end.hpp"

namespace natstat {

class Extent {
  public:
    explicit Extent(const Moment& within) : within_(within) {}

    void take(const Event& event);

    /// Throws Failure when the file tells nothing, no times, or nothing of the time asked for;
    /// `name` is for messages.
    void require(const std::string& name) const;

    /// Where the file begins or ends within the time asked for.
    [[nodiscard]] Complaints complaints(const std::string& name) const;

    /// The part of the time asked for that the file has, behind require().
    [[nodiscard]] Moment covered() const;

  private:
    Moment within_;
    bool told_ = false;         // anything
    std::optional<Time> first_; // of the file
    Time last_{};
};

} // namespace natstat
