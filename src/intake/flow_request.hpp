// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Requests about one flow: what there is of it now, and its end.
#pragma once

#include "natstat/model/flow.hpp"

#include <cstdint>
#include <vector>

namespace natstat {

/// A request of this type (IPCTNL_MSG_CT_GET, IPCTNL_MSG_CT_DELETE) for the flow with this original
/// tuple, zone and id. The kernel compares the id before it deletes; with a get it does not, and
/// the answer may be of another flow with the same tuple. `flags` come beside NLM_F_REQUEST.
[[nodiscard]] std::vector<std::uint8_t> make_flow_request(std::uint16_t type, std::uint16_t flags,
                                                          const Flow& flow, std::uint32_t sequence);

} // namespace natstat
