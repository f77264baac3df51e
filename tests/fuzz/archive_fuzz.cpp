// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Any packed bytes as a file, and what is compressed through a pipe as well: both ways must tell
// the same, and what is told must hold together. What unpacks to more and more is left in the
// middle, as by a user who has seen enough.
#include "natstat/intake/recording.hpp"

#include "input.hpp"
#include "src/intake/archive_source.hpp"
#include "src/intake/files.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace natstat;
using namespace natstat::fuzz;

namespace {

struct Outcome {
    std::uint64_t events = 0;
    std::uint64_t flows = 0;
    std::uint64_t odd = 0;
    std::string failure;
    bool ended = false;

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

void check(const Event& event, const ExtrasPool& extras) {
    const bool has_flow = event.kind == EventKind::created || event.kind == EventKind::updated ||
                          event.kind == EventKind::destroyed || event.kind == EventKind::listed;
    require(!has_flow || event.flow.has(Part::original));
    require(event.flow.extras < extras.size());
}

/// A batch is bounded whatever it was packed into.
void take(const Batch& batch, Outcome& outcome) {
    constexpr std::size_t most = 1U << 20;
    require(batch.events.size() < most);
    for (const Event& event : batch.events) {
        check(event, batch.extras);
        outcome.flows += event.flow.has(Part::original) ? 1U : 0U;
    }
    outcome.events += batch.events.size();
    outcome.odd += batch.odd;
}

Outcome read_all(Descriptor descriptor) {
    constexpr int most_reads = 100;
    Outcome outcome;
    Batch batch;
    const auto source = source_of(std::move(descriptor), "input");
    for (int read = 0; read < most_reads && !outcome.ended; ++read) {
        batch.clear();
        Progress progress = Progress::ended;
        try {
            progress = source->read(batch);
        } catch (const Failure& failure) {
            outcome.failure = failure.what();
        }
        take(batch, outcome);
        outcome.ended = progress == Progress::ended;
        if (progress == Progress::idle) {
            pollfd wanted{source->fd(), POLLIN, 0};
            poll(&wanted, 1, -1);
        }
    }
    static_cast<void>(source->notes());
    return outcome;
}

Descriptor pipe_of(std::string_view bytes) {
    std::array<int, 2> ends{};
    require(pipe2(ends.data(), O_CLOEXEC) == 0);
    require(write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    close(ends[1]);
    return Descriptor(ends[0]);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t pipe_size = 65536; // more would wait for a reader
    std::signal(SIGPIPE, SIG_IGN);           // as main has it
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    Descriptor file = file_of(bytes);
    const bool compressed = is_compressed(bytes);
    if (size > pipe_size || (!compressed && !is_archive(file.get())))
        return 0;
    const Outcome whole = read_all(std::move(file));
    if (!compressed) // of a pipe it does not show that files are in it
        return 0;
    const Outcome piped = read_all(pipe_of(bytes));
    if (!whole.ended || !piped.ended)
        return 0;
    require(whole == piped);
    return 0;
}
