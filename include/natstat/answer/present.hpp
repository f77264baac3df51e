// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The flows that there are, counted for the metrics.
#pragma once

#include "natstat/ask/question.hpp"
#include "natstat/print/metrics.hpp"
#include "natstat/table/groups.hpp"

namespace natstat {

class Present {
  public:
    /// `around` outlives it.
    /// `by`: what the user wants to have counted; empty: nothing.
    Present(std::optional<NatPorts> range, GroupKeys by, const Surroundings& around)
        : pool_{range}, by_keys_(std::move(by)), by_(by_keys_, {}, around),
          mix_(std::get<GroupKeys>(parse_group_keys("kind,proto,state")), {}, around),
          ports_(port_grouping(range).keys, without_hosts(port_grouping(range).distinct), around) {}

    void add(const Row& row) {
        mix_.add(row);
        ports_.add(row);
        if (!by_keys_.empty())
            by_.add(row);
        outside_ += pool_.misses(row) ? 1U : 0U;
    }
    void clear() {
        outside_ = 0;
        mix_.clear();
        ports_.clear();
        by_.clear();
    }
    /// Puts all of it into `metrics`, which it outlives.
    void tell(Metrics& metrics) const {
        metrics.mix = &mix_;
        metrics.ports = &ports_;
        metrics.outside_ports = outside_;
        metrics.by = by_keys_.empty() ? nullptr : &by_;
        metrics.by_keys = &by_keys_;
    }

  private:
    static Distinct without_hosts(Distinct distinct) {
        distinct.hosts = false;
        return distinct;
    }

    PortPool pool_;
    std::uint64_t outside_ = 0;
    GroupKeys by_keys_;
    Groups by_;
    Groups mix_;
    Groups ports_;
};

} // namespace natstat
