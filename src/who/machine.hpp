// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The network namespaces that are linked to this one, with what is in them: the one look that names
// of workloads and processes are made from.
#pragma once

#include "natstat/intake/linked_namespaces.hpp"
#include "natstat/model/address.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace natstat {

/// A network namespace.
struct Inhabited {
    std::string name;                     // in /run/netns; empty: none
    std::vector<std::uint32_t> processes; // the lowest first
    std::vector<Address> addresses;
};

struct Machine {
    Inhabited here; // this namespace; its processes are all that are in none of the linked ones
    std::map<LinkedNamespaces::Id, Inhabited> linked;
    std::vector<std::pair<Address, LinkedNamespaces::Mac>> neighbours;
};

/// As it is now. Throws Failure.
[[nodiscard]] Machine look_at_machine();

} // namespace natstat
