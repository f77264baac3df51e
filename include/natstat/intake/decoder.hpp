// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// From the bytes of a conntrack netlink message to a Flow: an inlined walk over the attributes,
// every length checked. Strict on lengths, tolerant on presence: attributes that are not there
// leave their part absent, unknown ones are passed over. It knows no socket; nfct_nlmsg_parse is
// its oracle in the tests.
#pragma once

#include "natstat/model/flow.hpp"

#include <cstdint>
#include <span>

namespace natstat {

/// Decodes the payload of a conntrack message (what follows its nlmsghdr: nfgenmsg and attributes,
/// linux/netfilter/nfnetlink_conntrack.h) into `flow`, which must be fresh. False when a length is
/// wrong, or when there is no original tuple of the message's family: then `flow` holds nothing of
/// use.
[[nodiscard]] bool decode_flow(std::span<const std::uint8_t> payload, Flow& flow,
                               ExtrasPool& extras);

/// Decodes a nest with a tuple (CTA_TUPLE_*) into the original half of `flow`, whose family is
/// known. False when a length is wrong or an address is missing.
[[nodiscard]] bool decode_tuple(std::span<const std::uint8_t> nest, Flow& flow);

} // namespace natstat
