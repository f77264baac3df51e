// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as the rules that libnftables tells. What is taken from them must hold together.
#include "lines.hpp"

#include "natstat/intake/nat_rules.hpp"

using namespace natstat;
using namespace natstat::fuzz;

namespace {

void check_ranges(const std::vector<AddressSpan>& ranges) {
    for (const AddressSpan& each : ranges) {
        require(each.first.family != Family::none && each.first.family == each.last.family);
        require(each.first <= each.last);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const NatRules rules = parse_nat_rules({reinterpret_cast<const char*>(data), size});
    require(rules.known || rules.rules.empty());
    for (const NatRule& rule : rules.rules) {
        check_ranges(rule.to);
        check_ranges(rule.gives);
        for (const NatPorts& ports : rule.to_ports)
            require(ports.first <= ports.last);
        require(!rule.ports || rule.ports->first <= rule.ports->last);
    }
    return 0;
}
