// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Follows flows through what sources say of them. Pure: it reads no clock and no descriptor; time
// comes in with the events. Keyed by original tuple, protocol, zone and family.
#pragma once

#include "natstat/model/source.hpp"

#include <cstdint>
#include <vector>

namespace natstat {

/// Merges what `news` says into `known`: parts that it carries replace, the others stay.
void merge(Flow& known, const Flow& news);

/// The current picture of a table, made from events. A list marks what it names; its end sweeps
/// what it did not name, if the list was whole.
class Tracker {
  public:
    /// Takes one event. `extras` is the pool that the event's flow refers to.
    void apply(const Event& event, const ExtrasPool& extras);

    /// The flows that exist now, in no particular order. The flows refer to extras(). Both stay
    /// valid until the next apply().
    [[nodiscard]] const std::vector<Flow>& flows() const { return flows_; }
    [[nodiscard]] const ExtrasPool& extras() const { return extras_; }

  private:
    [[nodiscard]] std::size_t slot_of(const Flow& flow) const;
    void insert(const Flow& flow, std::size_t slot);
    void erase(std::size_t slot);
    void rebuild(std::size_t capacity);

    std::vector<Flow> flows_;
    std::vector<std::uint32_t> marks_; // the number of the list that last named the flow
    std::vector<std::uint32_t> slots_; // open addressing: index into flows_ + 1, 0 is free
    ExtrasPool extras_;
    std::uint32_t list_ = 1;
};

} // namespace natstat
