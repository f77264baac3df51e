// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the kernel says of its table as a whole, for the live view.
#pragma once

#include "natstat/live/picture.hpp"
#include "natstat/live/recent.hpp"

#include <optional>

namespace natstat {

class TableState {
  public:
    /// Reads it; with the lines of the view of health where that is shown.
    void put_into(Picture& picture, bool with_health);

    /// In tenths of a per cent of the limit; absent: not known.
    [[nodiscard]] static std::optional<unsigned> fullness(std::optional<std::uint64_t> limit);

  private:
    FailureMeter insert_failed_, dropped_;
};

} // namespace natstat
