// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The rates of the last minute of what was on the screen: so that a plot begins with what is known
// and not empty. What was not on the screen is not known, and has a gap.
#pragma once

#include "natstat/live/picture.hpp"

#include <map>
#include <string>

namespace natstat {

class Histories {
  public:
    /// So many seconds are kept.
    static constexpr std::size_t seconds = 60;

    /// A second has passed: takes the rates of the picture's rows, and of the flow that is open.
    void tick(Picture& picture, std::optional<ShownRow>& opened);

    /// Gives rows that have come into the picture what is known of them.
    void put_into(Picture& picture) const;

  private:
    struct History {
        Speeds speeds;
        std::uint64_t told = 0; // the second of the last rate
    };
    void take(ShownRow& shown, const std::string& key, const Surroundings& around);

    std::map<std::string, History> kept_; // by what tells a row from others
    std::uint64_t now_ = 0;               // seconds that have passed
};

} // namespace natstat
