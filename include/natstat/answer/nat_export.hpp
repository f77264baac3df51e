// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Steps of flows as events of the NAT, for a collector: what begins and ends of those that are
// translated, and when a destination has no NAT port left.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"
#include "natstat/ipfix/exporter.hpp"
#include "natstat/ipfix/port_use.hpp"
#include "natstat/model/tracker.hpp"

#include <poll.h>

namespace natstat {

class NatExport {
  public:
    /// `of_file`: the steps are those of a file, which can wait for a collector. `complain` hears
    /// of a collector that is away. Throws Failure.
    NatExport(const Export& request, bool of_file, const Complain& complain);

    /// Every step, whatever is asked for: ports are counted over all flows. `tells`: of ports that
    /// are used up.
    void count(const Row& step, bool tells);
    /// Counts the ports anew, of the flows that there are.
    void count_all(const Tracker& tracker, const Surroundings& around, Time now, bool tells);
    /// Tells of the step, which is asked for.
    void tell(const Row& step);

    /// Hands over what was told.
    void push();
    /// Waits for the rest to arrive, and says what did not. Throws Failure where that was a file's.
    void finish(Answer& answer);

    /// What push() is to be called for by itself: a descriptor, and milliseconds, -1 for never.
    [[nodiscard]] pollfd wanted() const { return exporter_.wanted(); }
    [[nodiscard]] int patience() const;

  private:
    std::string where_;
    bool historic_;
    bool of_file_;
    ipfix::PortUse ports_;
    ipfix::Exporter exporter_;
};

} // namespace natstat
