// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The flows that there are, counted for the metrics.
#pragma once

#include "natstat/answer/problems.hpp"
#include "natstat/ask/request.hpp"
#include "natstat/print/metrics.hpp"
#include "natstat/table/groups.hpp"

namespace natstat {

class Present {
  public:
    /// Both outlive it.
    Present(const MetricsRequest& request, const Surroundings& around)
        : pool_{request.port_range}, by_keys_(request.by()), by_(by_keys_, {}, around),
          mix_(std::get<GroupKeys>(parse_group_keys("kind,proto,state")), {}, around),
          ports_(port_grouping(request.port_range).keys,
                 without_hosts(port_grouping(request.port_range).distinct), around) {
        if (request.finds)
            problems_.emplace(around, request.files.empty());
    }

    void add(const Row& row) {
        mix_.add(row);
        ports_.add(row);
        if (!by_keys_.empty())
            by_.add(row);
        if (problems_)
            problems_->add(row);
        outside_ += pool_.misses(row) ? 1U : 0U;
    }
    void clear() {
        outside_ = 0;
        mix_.clear();
        ports_.clear();
        by_.clear();
        if (problems_)
            problems_->clear();
    }
    /// Where problems are looked for.
    [[nodiscard]] Problems* problems() { return problems_ ? &*problems_ : nullptr; }

    /// The list has ended: puts all of it into `metrics`, which it outlives.
    void tell(Metrics& metrics) {
        metrics.mix = &mix_;
        metrics.ports = &ports_;
        metrics.outside_ports = outside_;
        metrics.by = by_keys_.empty() ? nullptr : &by_;
        metrics.by_keys = &by_keys_;
        if (problems_)
            metrics.problems = problems_->count();
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
    std::optional<Problems> problems_;
};

} // namespace natstat
