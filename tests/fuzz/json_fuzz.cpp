// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as natstat's own JSON: each line alone, and the whole as a source. What is told must
// hold together, and what a line judges of a step must be told as it is.
#include "lines.hpp"

#include "natstat/model/tracker.hpp"

using namespace natstat;
using namespace natstat::fuzz;

namespace {

void check_event(const Event& event, const ExtrasPool& extras) {
    require(event.time.time_since_epoch().count() >= 0);
    require(!event.judgement || has_flow(event));
    if (!has_flow(event))
        return;
    const Flow& flow = event.flow;
    require(flow.has(Part::original) && flow.has(Part::reply));
    require(flow.family == Family::ipv4 || flow.family == Family::ipv6);
    require(flow.extras < extras.size());
    require(!flow.has(Part::state) || !state_label(flow.protocol, flow.state).empty());
}

/// What a log says of a step is what is told of it.
void check_step(const Event& event, const Transition& step) {
    if (!event.judgement)
        return;
    require(step.by_list == event.judgement->by_list);
    if (step.kind == TransitionKind::ended)
        require(step.ending == event.judgement->ending);
    if (step.kind != TransitionKind::created)
        require(step.from == event.judgement->was && step.held == event.judgement->held);
}

void check_line(std::string_view line) {
    JsonLines reader;
    Batch batch;
    const std::string wrong = reader.take(line, batch);
    require(batch.events.size() <= (wrong.empty() ? 1U : 0U));
    Tracker tracker;
    for (const Event& event : batch.events) {
        check_event(event, batch.extras);
        tracker.apply(event, batch.extras,
                      [&](const Transition& step) { check_step(event, step); });
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_text({reinterpret_cast<const char*>(data), size}, TextFormat::json, check_line,
               check_event);
    return 0;
}
