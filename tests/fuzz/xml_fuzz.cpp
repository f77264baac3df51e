// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as conntrack's XML, as a source. What is told must hold together.
#include "lines.hpp"

using namespace natstat;
using namespace natstat::fuzz;

namespace {

void check_event(const Event& event, const ExtrasPool& extras) {
    if (!has_flow(event))
        return;
    const Flow& flow = event.flow;
    require(flow.has(Part::original) && flow.has(Part::reply) && flow.has(Part::status));
    require(flow.family == Family::ipv4 || flow.family == Family::ipv6);
    require(flow.has(Part::original_ports) == flow.has(Part::reply_ports));
    require(!flow.has(Part::state) || !state_label(flow.protocol, flow.state).empty());
    require(!(flow.has(Part::start) && flow.age()));
    require(flow.extras < extras.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_text(
        {reinterpret_cast<const char*>(data), size}, TextFormat::xml, [](std::string_view) {},
        check_event);
    return 0;
}
