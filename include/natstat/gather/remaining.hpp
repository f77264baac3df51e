// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How many flows match a filter, kept up to date event by event. Pure: time comes in with the
// events.
#pragma once

#include "natstat/filter/filter.hpp"
#include "natstat/model/tracker.hpp"
#include "natstat/table/column.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace natstat {

/// An event costs two looks at its own flow, whatever the table's size. What changes without an
/// event (ages, rates, what is known of addresses) is looked at anew at the end of each list, and
/// stands still in between, so that a flow leaves the count as it came into it.
class Remaining {
  public:
    /// Both outlive it. Of `around`, the present moment is set at the end of each list.
    Remaining(const Filter& filter, Surroundings& around) : filter_(filter), around_(around) {}

    void take(const Event& event, const ExtrasPool& extras);

    /// Flows that match. Absent until a list has been whole, and from lost events on until one is
    /// again: fewer may be left than are known, or more.
    [[nodiscard]] std::optional<std::size_t> count() const;

    /// Visits those that match.
    void for_each(const std::function<void(const Row&)>& visit) const;

  private:
    [[nodiscard]] bool matches(const Flow& flow, const Life& life) const;
    [[nodiscard]] bool is_counted(const Flow& flow) const;
    void take_flow(const Event& event, const ExtrasPool& extras);
    void count_anew(Time now);

    const Filter& filter_;
    Surroundings& around_;
    Tracker tracker_;
    std::size_t count_ = 0;
};

} // namespace natstat
