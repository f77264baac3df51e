// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Requests about one flow: what there is of it now, and its end.
#pragma once

#include "natstat/model/flow.hpp"

#include <cstdint>
#include <optional>
#include <vector>

struct nlmsghdr;     // linux/netlink.h
struct nf_conntrack; // libnetfilter_conntrack

namespace natstat {

/// nfct_nlmsg_build(3), or what stands in for it in a test.
using BuildMessage = int (*)(nlmsghdr*, const nf_conntrack*);

/// A request of this type (IPCTNL_MSG_CT_GET, IPCTNL_MSG_CT_DELETE) for the flow with this original
/// tuple, zone and id. The kernel compares the id before it deletes; with a get it does not, and
/// the answer may be of another flow with the same tuple. `flags` come beside NLM_F_REQUEST.
///
/// Nothing when libnetfilter_conntrack can not name the flow: 1.0.8 knows no protocol without ports
/// but ICMP. A request without an original tuple would be about the whole table, so there is none
/// unless the library has said that all is well, and the tuple is there.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> make_flow_request(std::uint16_t type,
                                                                         std::uint16_t flags,
                                                                         const Flow& flow,
                                                                         std::uint32_t sequence);
[[nodiscard]] std::optional<std::vector<std::uint8_t>>
make_flow_request(std::uint16_t type, std::uint16_t flags, const Flow& flow, std::uint32_t sequence,
                  BuildMessage build);

/// remove_flow() (removal.hpp) with another builder.
[[nodiscard]] int remove_flow(const Flow& flow, BuildMessage build);

} // namespace natstat
