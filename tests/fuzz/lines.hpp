// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the fuzzers of texts share: a text line by line, at once and in pieces; both ways of reading
// must tell the same.
#pragma once

#include "input.hpp"
#include "natstat/intake/text_source.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace natstat::fuzz {

[[nodiscard]] inline bool has_flow(const Event& event) {
    return event.kind != EventKind::lost && event.kind != EventKind::list_end;
}

/// Called for every event that a source tells; aborts if it does not hold together.
using CheckEvent = std::function<void(const Event&, const ExtrasPool&)>;

struct Outcome {
    std::vector<Event> events;
    std::uint64_t odd = 0;
    std::string failure;
};

/// Reads once; false when the source has failed or ended.
inline bool read_once(TextSource& source, const CheckEvent& check, Outcome& outcome) {
    Batch batch;
    Progress progress = Progress::more;
    try {
        progress = source.read(batch);
    } catch (const Failure& failure) {
        outcome.failure = failure.what();
        return false;
    }
    for (const Event& event : batch.events)
        check(event, batch.extras);
    outcome.events.insert(outcome.events.end(), batch.events.begin(), batch.events.end());
    outcome.odd += batch.odd;
    return progress != Progress::ended;
}

inline Outcome read_at_once(std::string_view text, TextFormat format, const CheckEvent& check) {
    TextSource source(file_of(text).release(), "input", {}, format);
    Outcome outcome;
    while (read_once(source, check, outcome))
        continue;
    return outcome;
}

/// The source reads each piece and finds no pause after it: a pause is somebody who waits for what
/// was written so far, and is told it.
inline Outcome read_in_pieces(std::string_view text, std::size_t piece, TextFormat format,
                              const CheckEvent& check) {
    std::array<int, 2> ends{};
    require(::pipe2(ends.data(), O_CLOEXEC) == 0);
    TextSource source(ends[0], "input", {}, format);
    Outcome outcome;
    bool more = true;
    while (more && !text.empty()) {
        const std::size_t size = std::min(piece, text.size());
        require(::write(ends[1], text.data(), size) == static_cast<ssize_t>(size));
        text.remove_prefix(size);
        more = read_once(source, check, outcome);
    }
    ::close(ends[1]);
    while (more)
        more = read_once(source, check, outcome);
    return outcome;
}

/// Calls `check_line` for each line, in a copy of its own, so that the address sanitizer sees a
/// step over its end; and reads the whole in both ways.
inline void check_text(std::string_view text, TextFormat format,
                       const std::function<void(std::string_view)>& check_line,
                       const CheckEvent& check) {
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const std::vector<char> line(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(end));
        check_line({line.data(), line.size()});
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const std::size_t piece = text.empty() ? 1 : 1 + static_cast<unsigned char>(text.back());
    const Outcome whole = read_at_once(text, format, check);
    const Outcome pieces = read_in_pieces(text, piece, format, check);
    require(whole.failure == pieces.failure);
    if (!whole.failure.empty())
        return;
    require(whole.odd == pieces.odd && whole.events.size() == pieces.events.size());
    for (std::size_t i = 0; i < whole.events.size(); ++i)
        require(whole.events[i].kind == pieces.events[i].kind &&
                same_connection(whole.events[i].flow, pieces.events[i].flow));
}

} // namespace natstat::fuzz
