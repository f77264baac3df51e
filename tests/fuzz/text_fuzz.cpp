// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as conntrack text: each line alone, and the whole as a source. What is told must hold
// together.
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
    require(flow.has(Part::zone) ||
            !(flow.has(Part::zone_original_only) || flow.has(Part::zone_reply_only)));
    require(flow.extras < extras.size());
}

void check_line(std::string_view line) {
    Batch batch;
    const TextLine kind = parse_conntrack_line(line, batch);
    require(batch.odd == (kind == TextLine::odd ? 1U : 0U));
    if (kind == TextLine::flow) {
        require(batch.events.size() == 1);
        check_event(batch.events.front(), batch.extras);
    } else {
        require(batch.events.size() <= (kind == TextLine::note ? 1U : 0U));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_text({reinterpret_cast<const char*>(data), size}, TextFormat::conntrack, check_line,
               check_event);
    return 0;
}
