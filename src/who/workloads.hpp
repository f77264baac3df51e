// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Who has an address on this machine or its LAN: the namespaces that are linked to this one, by the
// names of ip-netns(8), of their containers or of what runs in them; and hosts by their leases.
#pragma once

#include "container_names.hpp"
#include "leases.hpp"
#include "machine.hpp"

#include "natstat/model/address.hpp"

#include <string>
#include <unordered_map>

namespace natstat {

/// A name for each address. Two namespaces that have the same one are both named.
using Workloads = std::unordered_map<Address, std::string, AddressHash>;

/// `root`: what the paths of files but those of /proc begin with; empty but in tests.
[[nodiscard]] Workloads name_workloads(const Machine& machine, const std::string& root = {});

/// The leases of all servers that have their files where they usually are.
[[nodiscard]] LeasedNames read_leases(const std::string& root);

} // namespace natstat
