// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The flows that the tests of the kernel's filters look for: of each family, protocol, kind of NAT,
// zone and mark a few, so that every condition has flows that meet it and flows that do not.
#pragma once

#include "natstat/model/flow.hpp"
#include "natstat/model/source.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace natstat::test {

using Ids = std::set<std::uint32_t>;

/// Flows of each family in the table.
inline constexpr std::size_t flows_of_family = 14;

/// All flows of a table of the test's own, which is made at the first call (see
/// enter_own_namespace). Throws std::runtime_error when the kernel does not take a flow.
const std::vector<Flow>& table();

/// The ids of the flows of the table that meet any of the conditions.
[[nodiscard]] Ids true_matches(const ListQuery& query);

/// A condition of the family alone.
[[nodiscard]] ListCondition of_family(Family family);

/// 192.0.2.LAST or 2001:db8::LAST.
[[nodiscard]] Address address_of(Family family, std::uint8_t last);

} // namespace natstat::test
