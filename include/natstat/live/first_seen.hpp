// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Since when hosts and destinations are known, so that what was never seen before stands out. Of
// those that have not been seen for long, where there are many, nothing is remembered: they are as
// new when they come back.
#pragma once

#include "natstat/model/siphash.hpp"
#include "natstat/model/source.hpp"

#include <optional>
#include <unordered_map>

namespace natstat {

class FirstSeen {
  public:
    /// At least so many are remembered, those that were seen last.
    explicit FirstSeen(std::size_t kept = 65'536)
        : kept_(kept), young_(0, NumberHash{run_key()}), old_(0, NumberHash{run_key()}) {}

    /// The flow was seen at this time; Time{}: it was there before anybody looked.
    void take(const Flow& flow, Time time);

    /// Since when the flow's source, an address in its zone, is known, and its destination, an
    /// address with protocol and port. Absent: it is not.
    [[nodiscard]] std::optional<Time> source(const Flow& flow) const;
    [[nodiscard]] std::optional<Time> destination(const Flow& flow) const;

  private:
    using Known = std::unordered_map<std::uint64_t, Time, NumberHash>; // by hash
    void take(std::uint64_t key, Time time);
    [[nodiscard]] std::optional<Time> find(std::uint64_t key) const;

    std::size_t kept_;
    Known young_, old_; // what was seen while the young ones were gathered, and before
};

} // namespace natstat
