// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Network namespaces: those that ip-netns(8) gave names to, and the way into one.
#pragma once

#include <string>
#include <vector>

namespace natstat {

/// The names in /run/netns, sorted; none when that can not be read.
[[nodiscard]] std::vector<std::string> network_namespace_names();

/// Enters the network namespace that a file stands for, with the calling thread: call it before
/// there are others, and before any socket is open. 0, or the errno of what failed; EINVAL: the
/// file is no network namespace.
[[nodiscard]] int enter_network_namespace(const std::string& path);

/// Whether the calling thread is in the network namespace that this file stands for; false also
/// when there is no such file any more.
[[nodiscard]] bool is_in_network_namespace(const std::string& path);

} // namespace natstat
