// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The ways of answering, and the table of what each of them can do something with. What can not be
// asked for together follows from it: what a mode does not take it refuses.
#pragma once

#include "natstat/table/who.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace natstat {

/// The order is that of weight: where options ask for several modes, the first one says why the
/// others do not go with it.
enum class Mode : std::uint8_t {
    help,
    version,
    columns,
    health,
    expectations,
    diagnose,
    metrics,
    top,
    wait,
    record,
    ipfix,
    log,
    events,
    ports,
    groups,
    list,
};

/// Options by what they are about, as a set. An option is of one of them; the words of a filter are
/// of `flows`.
enum class Of : std::uint64_t {
    nothing = 0,
    snat = 1U << 0,
    other_kinds = 1U << 1, // than source NAT
    all = 1U << 2,
    flows = 1U << 3, // which ones, of any kind
    numeric = 1U << 4,
    name_timeout = 1U << 5,
    nat_host = 1U << 6,
    extended = 1U << 7,
    header = 1U << 8,
    columns = 1U << 9,
    sort = 1U << 10,
    limit = 1U << 11,
    format = 1U << 12,
    color = 1U << 13,
    port_range = 1U << 14,
    warn = 1U << 15,
    interval = 1U << 16,
    receive_buffer = 1U << 17,
    read = 1U << 18,
    at = 1U << 19,
    speed = 1U << 20,
    write = 1U << 21,
    netns = 1U << 22,
    by = 1U << 23,
    ports = 1U << 24,
    health = 1U << 25,
    metrics = 1U << 26,
    top = 1U << 27,
    events = 1U << 28,
    asides = 1U << 29, // help, version and the list of columns
    networks = 1U << 30,
    ipfix = 1U << 31,
    ipfix_way = 1ULL << 32, // how a collector is told
    who = 1ULL << 33,
    diagnose = 1ULL << 34,
    wait = 1ULL << 35,
    metrics_by = 1ULL << 36,
    json = 1ULL << 37,
    log = 1ULL << 38,
    log_way = 1ULL << 39, // how it is kept
    expectations = 1ULL << 40,
    span = 1ULL << 41, // of time, of a file
    anything = ~0ULL,
};

constexpr Of operator|(Of a, Of b) {
    return static_cast<Of>(static_cast<std::uint64_t>(a) | static_cast<std::uint64_t>(b));
}
constexpr bool has(Of set, Of part) {
    return (static_cast<std::uint64_t>(set) & static_cast<std::uint64_t>(part)) != 0;
}

/// One mode: a row here is all that it needs in this room, beside what it makes of the options.
struct ModeRow {
    Mode mode;
    std::string_view option;    // the long name of the one that asks for it; empty: none has to
    std::string_view shown;     // in "--warn is for ...": "--ports", "lists"
    Of takes;                   // has an effect, on the kernel and on files
    Of of_kernel = Of::nothing; // has one on the kernel only
    Of of_file = Of::nothing;   // and on files only
    /// Says what is so anyway. Accepted, because a shell's alias may always say it (`-n`,
    /// `--color`) or because it is true (`--all` of what is of the whole table).
    Of holds = Of::nothing;
    /// Why not, with {} for the option; empty: which modes the option is for.
    std::string_view refusal = {};
    /// The same of an option that asks for another mode; empty: the two are two questions.
    std::string_view refusal_of_mode = {};
    /// What has to be known for --who, where it is taken.
    Knowledge who = Knowledge::workloads | Knowledge::processes | Knowledge::owners;
};

/// In the order of Mode.
[[nodiscard]] std::span<const ModeRow> mode_table();

[[nodiscard]] const ModeRow& mode_row(Mode mode);

} // namespace natstat
