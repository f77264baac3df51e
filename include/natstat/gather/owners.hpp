// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Flows of a log that had ended, although nobody told it: another one has come since that is
// answered at the same place. The kernel holds one flow for each reply tuple and zone.
#pragma once

#include "natstat/model/tracker.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace natstat {

class Owners {
  public:
    /// Of the flows of the tracker as it is. Where a list has been whole, it has swept them.
    explicit Owners(const Tracker& tracker);

    /// Whether the flow of this number is the last that was seen to be answered there.
    [[nodiscard]] bool has_its_place(std::size_t index) const {
        return index >= gone_.size() || !gone_[index];
    }

    /// What is to be said of those that have not; empty for nothing.
    [[nodiscard]] std::string sentence() const;

  private:
    std::vector<bool> gone_;
    std::size_t number_ = 0;
};

} // namespace natstat
