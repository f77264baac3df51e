// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The statistics of connection tracking, from /proc/net/stat/nf_conntrack: readable without
// privilege, and those of the network namespace that the process is in.
#pragma once

#include "natstat/model/statistics.hpp"

namespace natstat {

/// The statistics now; absent when there is no such file (no connection tracking, or a kernel
/// without CONFIG_NF_CONNTRACK_PROCFS).
[[nodiscard]] std::optional<Statistics> conntrack_statistics();

/// What the text of that file says: a line of names, then a line of hexadecimal numbers for each
/// CPU. A counter that a line does not have, or not as a number, is absent.
[[nodiscard]] Statistics parse_statistics(std::string_view text);

} // namespace natstat
