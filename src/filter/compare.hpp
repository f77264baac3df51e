// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A column compared with values: how each kind of column reads its literals and which test it
// becomes.
#pragma once

#include "named.hpp"

namespace natstat {

/// "column relation values"; several values (at least one is given) go with = and != only.
[[nodiscard]] NodeOrError compare_column(const Column& column, Relation relation,
                                         std::span<const Word> values, const FilterNames& names);

/// The ends are one of these values: addresses, networks, names, each with a port or without.
/// `protocol` is what service names belong to (0: any).
[[nodiscard]] NodeOrError compare_ends(Ends ends, std::span<const Word> values,
                                       std::uint8_t protocol, const FilterNames& names);

/// As above for values that are ports, ranges of ports, service names.
[[nodiscard]] NodeOrError compare_ports(Ends ends, std::span<const Word> values,
                                        std::uint8_t protocol, const FilterNames& names);

/// As above for values that are networks.
[[nodiscard]] NodeOrError compare_networks(Ends ends, std::span<const Word> values);

} // namespace natstat
