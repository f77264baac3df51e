// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a NAT gateway did while it was followed, by the measures that AWS has for its own: of flows
// of source NAT, and of these a connection is one of TCP. Pure, as the tracker and the ledger are
// that it listens to.
#pragma once

#include "natstat/model/ledger.hpp"
#include "natstat/model/life.hpp"

#include <optional>

namespace natstat {

struct GatewayCounts {
    std::uint64_t attempted = 0;   // connections that began with a SYN
    std::uint64_t established = 0; // that came to be
    std::uint64_t idled = 0;       // that had, and whose time ran out because nothing came any more
    Traffic from_source{};
    Traffic from_destination{};
    bool counts = true; // every flow told its packets and bytes
    // The kernel's, of the whole namespace; absent where it tells none.
    std::optional<std::uint64_t> failed{}; // flows that found no place: insert_failed
    std::optional<std::uint64_t> dropped{};
};

class GatewayTally {
  public:
    GatewayTally();
    GatewayTally(const GatewayTally&) = delete;
    GatewayTally& operator=(const GatewayTally&) = delete;
    ~GatewayTally() = default;

    /// An event, as a source tells it, in its order.
    void take(const Event& event);
    /// What the tracker makes of it.
    void take(const Transition& step);

    /// So far. What an entry carries is seen in lists and at its end.
    [[nodiscard]] const GatewayCounts& counts() const { return counts_; }

  private:
    void count(const Entry& entry);

    GatewayCounts counts_;
    Ledger ledger_;
    Ledger::Take count_ = [this](const Entry& entry) { count(entry); };
};

} // namespace natstat
