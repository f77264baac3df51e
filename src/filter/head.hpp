// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What stands before the values of a selection, as in "tcp src port 80".
#pragma once

#include "named.hpp"
#include "words.hpp"

#include <optional>
#include <span>

namespace natstat {

/// "[protocol or family] [direction] [type]"; what is left out does not restrict.
struct Head {
    std::optional<std::uint8_t> protocol;
    std::optional<Family> family;
    Ends ends = Ends::any;
    Type type = Type::place;
    bool only_nat = false; // "nat" without a type: it can also do without values
};

/// The test of a selection: the head with at least one value.
[[nodiscard]] NodeOrError compare_head(const Head& head, std::span<const Word> values,
                                       const FilterNames& names);

/// What a head says of protocol and family, and `node`.
[[nodiscard]] Filter::Node with_head(const Head& head, Filter::Node&& node);

} // namespace natstat
