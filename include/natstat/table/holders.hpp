// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Who holds the NAT ports of a group: those with the most, by name, and how many others there are.
// Whom a port belongs to is for Groups to say.
#pragma once

#include "natstat/model/address.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace natstat {

/// A workload, or an address of which none is known.
struct Holder {
    std::string workload; // as it comes from outside; empty: not known
    Address address{};    // of one without a workload
    std::uint32_t ports = 0;
};

class PortHolders {
  public:
    static constexpr std::size_t most = 3; // that are kept

    /// That a holder has so many ports now, one more than before; `number`: which holder it is, and
    /// always the same.
    void update(std::uint32_t number, const Holder& holder);

    /// Those with the most ports, and of equal ones the first by name.
    [[nodiscard]] std::span<const Holder> biggest() const { return biggest_; }
    /// How many others there are.
    [[nodiscard]] std::uint32_t others() const {
        return count_ - static_cast<std::uint32_t>(biggest_.size());
    }

  private:
    std::uint32_t count_ = 0;
    std::vector<Holder> biggest_;
    std::vector<std::uint32_t> numbers_; // of these
};

} // namespace natstat
