// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How connection tracking fares, read from /proc and from the drivers of the interfaces: all of it
// but the number of expectations without privilege, all of it of the network namespace that the
// process is in. Nothing is changed.
#pragma once

#include "natstat/model/health.hpp"

#include <span>

namespace natstat {

/// The health now. Throws Failure when there is no connection tracking here.
[[nodiscard]] Health read_health();

/// The timeouts that differ from the kernel's defaults; `setting` tells the present one of a name,
/// without nf_conntrack_, absent when there is none.
[[nodiscard]] std::vector<ChangedTimeout>
    changed_timeouts(std::optional<std::uint64_t> (*setting)(std::string_view name));

/// The counters of an interface that are about allowances, in the order of allowance_names; absent
/// when there are none. `names` has `name_size` bytes for each of `values`, as a driver filled
/// them: ended by a zero or not at all.
inline constexpr std::size_t name_size = 32; // ETH_GSTRING_LEN
[[nodiscard]] std::optional<Allowances> find_allowances(std::string_view interface,
                                                        std::string_view names,
                                                        std::span<const std::uint64_t> values);

/// The allowances of all interfaces that have any, asked of their drivers.
[[nodiscard]] std::vector<Allowances> read_allowances();

} // namespace natstat
