// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A dump request with the conditions that the kernel can check by itself.
#pragma once

#include "natstat/model/source.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace natstat {

/// The bytes of an IPCTNL_MSG_CT_GET dump request. Conditions that the kernel does not know, or
/// gets wrong, are not in it, so it may tell more than asked.
[[nodiscard]] std::vector<std::uint8_t> make_list_request(const ListCondition& condition,
                                                          std::uint32_t sequence);

/// What is left of a condition when the kernel refuses its filters: the family.
[[nodiscard]] ListCondition without_filters(const ListCondition& condition);

/// A request for a list of expectations, of which a condition's family counts alone.
[[nodiscard]] std::vector<std::uint8_t> make_expectation_request(const ListCondition& condition,
                                                                 std::uint32_t sequence);

} // namespace natstat
