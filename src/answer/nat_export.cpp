// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is a step of a flow here is an event of the NAT there; a state that changes is none.
#include "natstat/answer/nat_export.hpp"

#include "natstat/answer/signals.hpp"

#include <algorithm>

namespace natstat {

namespace {

using ipfix::NatEvent;
using std::chrono::milliseconds;

/// So long a collector may take nothing in before what is left for it is given up.
constexpr milliseconds patience_at_end{30'000};

ipfix::ExportSettings settings_of(const Export& request) {
    ipfix::ExportSettings settings;
    settings.domain = request.domain.value_or(settings.domain);
    return settings;
}

} // namespace

NatExport::NatExport(const Export& request, bool of_file, const Complain& complain)
    : where_(request.to.text()), historic_(request.historic), of_file_(of_file),
      ports_(PortPool{request.port_range}),
      exporter_(ipfix::open_transport(request.to, complain), settings_of(request), complain) {}

void NatExport::count(const Row& step, bool tells) {
    if (step.step->kind == TransitionKind::ended)
        ports_.remove(step);
    if (step.step->kind == TransitionKind::created && ports_.add(step) && tells)
        exporter_.add({NatEvent::ports_exhausted, step.step->time, step});
}

void NatExport::count_all(const Tracker& tracker, const Surroundings& around, Time now,
                          bool tells) {
    ports_.clear();
    for (std::size_t i = 0; i < tracker.size(); ++i) {
        const auto& [flow, life] = tracker[i];
        const Row row(flow, life, tracker.extras()[flow.extras], around);
        if (ports_.add(row) && tells)
            exporter_.add({NatEvent::ports_exhausted, now, row});
    }
}

void NatExport::tell(const Row& step) {
    const bool created = step.step->kind == TransitionKind::created;
    const bool ended = step.step->kind == TransitionKind::ended;
    if (step.nat == Nat::none || (!created && !ended))
        return;
    const NatEvent begin = historic_ ? NatEvent::created_historic : NatEvent::created;
    const NatEvent end = historic_ ? NatEvent::deleted_historic : NatEvent::deleted;
    exporter_.add({created ? begin : end, step.step->time, step});
}

void NatExport::push() {
    exporter_.push();
    if (of_file_)
        exporter_.wait_for_room(end_is_wanted);
}

int NatExport::patience() const {
    const auto due = exporter_.due();
    if (!due)
        return -1;
    const auto left = std::chrono::ceil<milliseconds>(*due - ipfix::SteadyTime::clock::now());
    return static_cast<int>(std::clamp(left, milliseconds{0}, milliseconds{60'000}).count());
}

void NatExport::finish(Answer& answer) {
    exporter_.finish(patience_at_end, end_is_wanted);
    std::string missing;
    if (const auto lost = exporter_.lost())
        missing = where_ + ": " + std::to_string(lost) +
                  (lost == 1 ? " record was not sent" : " records were not sent");
    else if (const auto refused = exporter_.refused())
        missing = where_ + ": " + std::to_string(refused) +
                  (refused == 1 ? " message was refused" : " messages were refused");
    if (of_file_ && !missing.empty())
        throw Failure(missing);
    answer.add(missing);
}

} // namespace natstat
