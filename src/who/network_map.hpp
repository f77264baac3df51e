// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Networks with what they stand for, and for an address the network that counts. Those that overlap
// are taken apart once, so that a look-up is a search among ranges that do not.
#pragma once

#include "natstat/model/address.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace natstat {

class NetworkMap {
  public:
    using Item = std::uint32_t;

    /// Of networks that an address is in, the one of the highest rank counts, then the longest,
    /// then the one that was added last.
    void add(const Network& network, Item item, std::uint8_t rank = 0);

    /// Comes after the last add() and before the first find().
    void finish();

    [[nodiscard]] std::optional<Item> find(const Address& address) const;

  private:
    using Bytes = std::array<std::uint8_t, 16>;

    struct Entry {
        Network network;
        Item item;
        std::uint8_t rank;
    };
    /// From here on, until the next one.
    struct Range {
        Bytes from;
        std::optional<Item> item;
    };
    class Sweep;

    std::vector<Entry> entries_; // until they are finished
    std::vector<Range> four_;
    std::vector<Range> six_;
};

} // namespace natstat
