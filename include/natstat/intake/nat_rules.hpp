// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The rules of source NAT, as libnftables tells them (libnftables(3), libnftables-json(5)). The
// library is loaded when somebody asks, and natstat does without it where it is not installed.
#pragma once

#include "natstat/model/nat_rules.hpp"

#include <string_view>

namespace natstat {

/// Those of the network namespace that the process is in; where they can not be read it says why.
/// Nothing is executed, and nothing changed. Needs CAP_NET_ADMIN there.
[[nodiscard]] NatRules read_nat_rules();

/// Out of the JSON of "list ruleset". What is no JSON gives no rules, and is not `known`.
[[nodiscard]] NatRules parse_nat_rules(std::string_view json);

} // namespace natstat
