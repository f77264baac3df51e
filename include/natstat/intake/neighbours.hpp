// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which hosts on the links of this one are asked for and do not answer: what ip neighbour(8) shows
// as FAILED or INCOMPLETE. Readable without privilege.
#pragma once

#include "natstat/model/address.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace natstat {

/// Those of the network namespace that the process is in; none where the kernel does not tell.
[[nodiscard]] std::vector<Address> silent_neighbours();

/// Out of one RTM_NEWNEIGH message, its header included: the neighbour, if it does not answer.
[[nodiscard]] std::optional<Address> silent_neighbour(std::span<const std::uint8_t> message);

} // namespace natstat
