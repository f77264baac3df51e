// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as conntrack text: each line alone, and the whole as a source that reads it at once and
// in pieces. What is told must hold together; both ways of reading must tell the same.
#include "natstat/intake/text_source.hpp"

#include <algorithm>
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

void check_flow(const Flow& flow, const ExtrasPool& extras) {
    require(flow.has(Part::original) && flow.has(Part::reply) && flow.has(Part::status));
    require(flow.family == Family::ipv4 || flow.family == Family::ipv6);
    require(flow.has(Part::original_ports) == flow.has(Part::reply_ports));
    require(flow.has(Part::zone) ||
            !(flow.has(Part::zone_original_only) || flow.has(Part::zone_reply_only)));
    require(flow.extras < extras.size());
}

void check_line(std::string_view line) {
    // A copy of its own, so that the address sanitizer sees a step over its end.
    const std::vector<char> copy(line.begin(), line.end());
    Batch batch;
    const TextLine kind = parse_conntrack_line({copy.data(), copy.size()}, batch);
    require(batch.odd == (kind == TextLine::odd ? 1U : 0U));
    if (kind == TextLine::flow) {
        require(batch.events.size() == 1);
        check_flow(batch.events.front().flow, batch.extras);
    } else {
        require(batch.events.size() <= (kind == TextLine::note ? 1U : 0U));
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
        if (event.kind != EventKind::lost && event.kind != EventKind::list_end)
            check_flow(event.flow, batch.extras);
    outcome.events.insert(outcome.events.end(), batch.events.begin(), batch.events.end());
    outcome.odd += batch.odd;
    return progress != Progress::ended;
}

Outcome read_at_once(std::string_view text) {
    const int file = ::memfd_create("text-fuzz", MFD_CLOEXEC);
    require(file >= 0 &&
            ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
            ::lseek(file, 0, SEEK_SET) == 0);
    TextSource source(file, "input");
    Outcome outcome;
    while (drain(source, outcome))
        continue;
    return outcome;
}

Outcome read_in_pieces(std::string_view text, std::size_t piece) {
    int ends[2];
    require(::pipe2(ends, O_CLOEXEC) == 0);
    TextSource source(ends[0], "input");
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
