// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The flows that there are, counted for the metrics.
#pragma once

#include "natstat/ask/question.hpp"
#include "natstat/table/groups.hpp"

namespace natstat {

class Present {
  public:
    /// `around` outlives it.
    Present(std::optional<NatPorts> range, const Surroundings& around)
        : pool_{range}, mix_(std::get<GroupKeys>(parse_group_keys("kind,proto,state")), {}, around),
          ports_(port_grouping(range).keys, without_hosts(port_grouping(range).distinct), around) {}

    void add(const Row& row) {
        mix_.add(row);
        ports_.add(row);
        outside_ += pool_.misses(row) ? 1U : 0U;
    }
    void clear() {
        outside_ = 0;
        mix_.clear();
        ports_.clear();
    }
    /// By kind, protocol and state.
    [[nodiscard]] const Groups& mix() const { return mix_; }
    /// By NAT address and destination.
    [[nodiscard]] const Groups& ports() const { return ports_; }
    /// Flows whose NAT port is none of those that are counted.
    [[nodiscard]] std::uint64_t outside() const { return outside_; }

  private:
    static Distinct without_hosts(Distinct distinct) {
        distinct.hosts = false;
        return distinct;
    }

    PortPool pool_;
    std::uint64_t outside_ = 0;
    Groups mix_;
    Groups ports_;
};

} // namespace natstat
