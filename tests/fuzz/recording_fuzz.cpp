// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any bytes as a capture file, at once and in pieces through a pipe: both ways must tell the same,
// and what is told must hold together.
#include "natstat/intake/recording.hpp"

#include "input.hpp"

#include <algorithm>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace natstat;
using namespace natstat::fuzz;

namespace {

struct Outcome {
    std::vector<Event> events;
    std::uint64_t odd = 0;
    std::string failure;
    std::optional<std::vector<Address>> addresses;
};

void check(const Event& event, const ExtrasPool& extras) {
    const bool has_flow = event.kind == EventKind::created || event.kind == EventKind::updated ||
                          event.kind == EventKind::destroyed || event.kind == EventKind::listed;
    require(has_flow == event.flow.has(Part::original));
    require(event.flow.extras < extras.size());
    require(event.time.time_since_epoch().count() >= 0);
}

Outcome read_all(RecordingSource& source) {
    Outcome outcome;
    Batch batch;
    for (Progress progress = Progress::more; progress != Progress::ended;) {
        batch.clear();
        try {
            progress = source.read(batch);
        } catch (const Failure& failure) {
            outcome.failure = failure.what();
            progress = Progress::ended;
        }
        for (const Event& event : batch.events)
            check(event, batch.extras);
        outcome.events.insert(outcome.events.end(), batch.events.begin(), batch.events.end());
        outcome.odd += batch.odd;
        if (progress == Progress::idle) {
            pollfd wanted{source.fd(), POLLIN, 0};
            poll(&wanted, 1, -1);
        }
    }
    outcome.addresses = source.local_addresses();
    return outcome;
}

Outcome read_at_once(std::string_view bytes) {
    RecordingSource source(file_of(bytes).release(), "input");
    return read_all(source);
}

/// The first piece is handed over as read already, the second one comes through a pipe.
Outcome read_in_pieces(std::string_view bytes, std::size_t piece) {
    int ends[2];
    require(pipe2(ends, O_CLOEXEC) == 0);
    piece = std::min(piece, bytes.size());
    const auto rest = bytes.substr(piece);
    RecordingSource source(ends[0], "input", std::string(bytes.substr(0, piece)));
    require(write(ends[1], rest.data(), rest.size()) == static_cast<ssize_t>(rest.size()));
    close(ends[1]);
    return read_all(source);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t pipe_size = 65536; // more would wait for a reader
    if (size > pipe_size)
        return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const Outcome whole = read_at_once(bytes);
    const Outcome pieces = read_in_pieces(bytes, size == 0 ? 0 : data[size - 1]);
    require(whole.failure == pieces.failure);
    if (!whole.failure.empty()) // how much was counted before it depends on the pieces
        return 0;
    require(whole.odd == pieces.odd && whole.addresses == pieces.addresses);
    require(whole.events.size() == pieces.events.size());
    for (std::size_t i = 0; i < whole.events.size(); ++i) {
        const Event& a = whole.events[i];
        const Event& b = pieces.events[i];
        require(a.kind == b.kind && a.time == b.time && a.whole == b.whole && a.count == b.count);
        require(!a.flow.has(Part::original) || same_connection(a.flow, b.flow));
    }
    return 0;
}
