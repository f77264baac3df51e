// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The flows of a tracker that a screen shows, or groups of them: filtered, counted and put into an
// order a slice at a time, so that a million of them hold up no key; sorted only where somebody
// looks.
#pragma once

#include "natstat/filter/filter.hpp"
#include "natstat/model/tracker.hpp"
#include "natstat/table/groups.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace natstat {

/// What a table holds, whatever the filter.
struct Mix {
    std::size_t flows = 0;
    std::size_t snat = 0, dnat = 0, both = 0, local = 0, routed = 0; // kinds, where they are known
    std::size_t opening = 0, established = 0, closing = 0;           // of TCP
    std::size_t tcp = 0, udp = 0, icmp = 0, other = 0;
    double rate_up = 0, rate_down = 0; // bytes a second, of the flows whose rates are known
    bool rates = false;                // some are
    std::size_t uncounted = 0;         // flows that the kernel keeps no counters of

    void add(const Row& row);
};

class Departures;

/// What has changed is to be ranked: flows that began since then, and those that ended.
struct ChangesSince {
    const Departures* departures = nullptr; // outlives the ranking
    Time since{};
};

class Ranking {
  public:
    /// The tracker, the two filters and `around` outlive the ranking. The tracker may change
    /// between two calls: a flow that moves meanwhile may be left out or counted twice, until the
    /// next ranking. With a `grouping` what is ranked are groups; otherwise flows, whose numbers
    /// are the tracker's. `changes` leaves nothing but those in the groups.
    Ranking(const Tracker& tracker, const Filter& selection, const Filter& filter, Order order,
            const Surroundings& around, const std::optional<Grouping>& grouping = {},
            const ChangesSince& changes = {});

    /// Looks at so many more flows, or groups; true when all have been looked at.
    bool advance(std::size_t count);

    /// How many places there are; flows that the filter lets through, or groups of them.
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] const Mix& mix() const { return mix_; }
    /// Flows and sums of all groups together; null where flows are ranked.
    [[nodiscard]] const Group* total() const { return groups_ ? &total_ : nullptr; }

    /// The numbers of what is in the places from `first` on, in order, at most `count`. A flow that
    /// ended since may have given its number to another one: that comes only if the filter lets it
    /// through. The cost is linear in size(), and small beside that of advance().
    [[nodiscard]] std::vector<std::size_t> window(std::size_t first, std::size_t count);

    /// The flow or the group of this number.
    [[nodiscard]] Row operator[](std::size_t number) const;

    /// The number of the flow of this row, or of the group that it belongs to, if it is there.
    [[nodiscard]] std::optional<std::size_t> find(const Row& row) const;

    /// The place of a number in the order, whether the filter lets it through or not.
    [[nodiscard]] std::size_t place_of(std::size_t number) const;

  private:
    struct Entry {
        std::uint64_t head;
        std::uint32_t tail;
        std::uint32_t number;
    };
    void add_flow(std::size_t number);
    /// Looks at so many more flows that are there no more; true when all have been looked at.
    bool advance_departed(std::size_t count);
    void add_entry(const Row& row, std::size_t number);
    [[nodiscard]] bool is_there(std::size_t number) const;
    [[nodiscard]] bool is_wanted(std::size_t number) const;
    [[nodiscard]] bool before(const Entry& a, const Entry& b) const;

    const Tracker& tracker_;
    const Filter& selection_; // both must let a flow through
    const Filter& filter_;
    Order order_;
    const Surroundings& around_;
    std::unique_ptr<Groups> groups_; // null: flows are ranked
    ChangesSince changes_;
    std::uint64_t next_departed_ = 0, departed_end_ = 0;
    std::size_t next_ = 0; // flow
    std::size_t next_group_ = 0;
    std::vector<Entry> entries_;
    Mix mix_;
    Group total_;
};

} // namespace natstat
