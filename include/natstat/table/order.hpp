// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Sorting by any columns: rows are compared by the values of the chosen columns, ties by the raw
// tuples, absent values last in both directions.
#pragma once

#include "natstat/table/column.hpp"

#include <array>
#include <string>
#include <variant>
#include <vector>

namespace natstat {

struct SortKey {
    const Column* column;
    bool descending = false;
};

/// The first bytes of a row's place in an order, as big-endian numbers: fixed and small, so that a
/// million of them sort fast.
struct OrderPrefix {
    static constexpr std::size_t size = 12;
    std::uint64_t head = 0;
    std::uint32_t tail = 0;

    friend auto operator<=>(const OrderPrefix&, const OrderPrefix&) = default;
};

class Order {
  public:
    explicit Order(std::vector<SortKey> keys);

    /// Reads "src,-bytes"; the error is a sentence that names the wrong word.
    [[nodiscard]] static std::variant<Order, std::string> parse(std::string_view text);

    /// prefix(a) < prefix(b) implies that a is before b; equal prefixes decide nothing.
    [[nodiscard]] OrderPrefix prefix(const Row& row) const;

    /// The whole order: columns, then the raw tuples, protocol, zone and id, so that no two
    /// different flows are equal.
    [[nodiscard]] bool before(const Row& a, const Row& b) const;

    [[nodiscard]] const std::vector<SortKey>& keys() const { return keys_; }

  private:
    std::vector<SortKey> keys_;
};

} // namespace natstat
