// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as natstat's own JSON: each line alone, and the whole as a source that reads it at once
// and in pieces. What is told must hold together, both ways of reading must tell the same, and what
// a line judges of a step must be told as it is.
#include "natstat/intake/text_source.hpp"
#include "natstat/model/tracker.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace natstat;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

bool has_flow(const Event& event) {
    return event.kind != EventKind::lost && event.kind != EventKind::list_end;
}

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

int file_of(std::string_view text) {
    const int file = ::memfd_create("json-fuzz", MFD_CLOEXEC);
    require(file >= 0 &&
            ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
            ::lseek(file, 0, SEEK_SET) == 0);
    return file;
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

/// A line alone.
void check_line(std::string_view line) {
    // A copy of its own, so that the address sanitizer sees a step over its end.
    const std::vector<char> copy(line.begin(), line.end());
    JsonLines reader;
    Batch batch;
    const std::string wrong = reader.take({copy.data(), copy.size()}, batch);
    require(batch.events.size() <= (wrong.empty() ? 1U : 0U));
    Tracker tracker;
    for (const Event& event : batch.events) {
        check_event(event, batch.extras);
        tracker.apply(event, batch.extras,
                      [&](const Transition& step) { check_step(event, step); });
    }
}

struct Outcome {
    std::vector<Event> events;
    std::uint64_t odd = 0;
    std::string failure;
};

/// Reads until there is nothing more now; false when the source has failed or ended.
bool drain(TextSource& source, Outcome& outcome) {
    Batch batch;
    Progress progress = Progress::more;
    try {
        while (progress == Progress::more)
            progress = source.read(batch);
    } catch (const Failure& failure) {
        outcome.failure = failure.what();
        return false;
    }
    for (const Event& event : batch.events)
        check_event(event, batch.extras);
    outcome.events.insert(outcome.events.end(), batch.events.begin(), batch.events.end());
    outcome.odd += batch.odd;
    return progress != Progress::ended;
}

Outcome read_at_once(std::string_view text) {
    TextSource source(file_of(text), "input", {}, TextFormat::json);
    Outcome outcome;
    while (drain(source, outcome))
        continue;
    return outcome;
}

Outcome read_in_pieces(std::string_view text, std::size_t piece) {
    std::array<int, 2> ends{};
    require(::pipe2(ends.data(), O_CLOEXEC) == 0);
    TextSource source(ends[0], "input", {}, TextFormat::json);
    Outcome outcome;
    bool more = true;
    while (more && !text.empty()) {
        const std::size_t size = std::min(piece, text.size());
        require(::write(ends[1], text.data(), size) == static_cast<ssize_t>(size));
        text.remove_prefix(size);
        more = drain(source, outcome);
    }
    ::close(ends[1]);
    while (more)
        more = drain(source, outcome);
    return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        check_line(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const Outcome whole = read_at_once(text);
    const Outcome pieces = read_in_pieces(text, 1 + (text.empty() ? 0 : data[size - 1]));
    require(whole.failure == pieces.failure);
    if (!whole.failure.empty())
        return 0;
    require(whole.odd == pieces.odd && whole.events.size() == pieces.events.size());
    for (std::size_t i = 0; i < whole.events.size(); ++i)
        require(whole.events[i].kind == pieces.events[i].kind &&
                same_connection(whole.events[i].flow, pieces.events[i].flow));
    return 0;
}
