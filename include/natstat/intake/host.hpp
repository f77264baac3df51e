// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What this host says of itself outside the conntrack table: its addresses and its timeouts. Both
// are readable without privilege, and both are those of the network namespace that the process is
// in.
#pragma once

#include "natstat/model/address.hpp"
#include "natstat/model/timeouts.hpp"

#include <optional>
#include <string>
#include <vector>

namespace natstat {

/// The addresses of all interfaces, both families. Throws Failure when the kernel does not tell.
[[nodiscard]] std::vector<Address> local_addresses();

/// The configured timeouts, net.netfilter.nf_conntrack_*_timeout*; what can not be read is absent.
[[nodiscard]] Timeouts configured_timeouts();

/// A number from /proc/sys/net/netfilter, e.g. "nf_conntrack_buckets"; absent when there is none.
[[nodiscard]] std::optional<std::uint64_t> conntrack_setting(const std::string& name);

/// Whether IPVS may translate here: it changes the reply tuple and leaves the status flags of NAT
/// as they are (ip_vs_update_conntrack in net/netfilter/ipvs/ip_vs_nfct.c).
[[nodiscard]] bool has_ipvs();

} // namespace natstat
