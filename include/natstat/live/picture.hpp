// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the live view shows, as plain data: filled by the program's loop, read by render().
#pragma once

#include "natstat/live/examination.hpp"
#include "natstat/live/ranking.hpp"

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace natstat {

/// What the rows of a view are.
enum class Rows : std::uint8_t { flows, hosts, ports, groups, changes };
inline constexpr std::size_t rows_count = 5;

/// Bytes a second, second by second for the last minute, oldest first.
struct Speeds {
    /// What nobody looked at: the row was not on the screen.
    static constexpr unsigned unknown = std::numeric_limits<unsigned>::max();
    std::deque<unsigned> up;
    std::deque<unsigned> down;
    std::uint64_t peak = 0; // of both together, since it was first seen
};

/// A row in the window, with what there is to say of it. Copied, so that it stays when it ends.
struct ShownRow {
    Flow flow{}; // of a group: its first one
    Life life{};
    Extras extras{};
    std::optional<Group> group;
    std::optional<Transition> end; // the flow has ended, and stays for a moment
    bool new_source = false;       // of what has changed: it was never seen before
    bool new_destination = false;
    Speeds speeds{};

    /// This outlives the row.
    [[nodiscard]] Row row(const Surroundings& around) const {
        return group ? Row(flow, *group, extras, around) : Row(flow, life, extras, around);
    }
};

/// Whether both are of one and the same flow, not only of one connection after the other.
[[nodiscard]] inline bool same_flow(const Flow& a, const Flow& b) {
    return a.id == b.id && same_connection(a, b);
}

/// A step in the list of steps, with its extras.
struct ShownStep {
    Transition step{};
    Extras extras{};
};

/// Which steps are shown; gaps always are.
enum class StepChoice : std::uint8_t { all, ends, failures };
[[nodiscard]] bool is_chosen(const Transition& step, StepChoice choice);

/// What went wrong since the view began, and a second.
struct Failures {
    std::uint64_t since = 0;
    std::uint64_t rate = 0;
};

struct Picture {
    Surroundings around; // its `now` is the moment of the picture
    std::string from;    // the host, or the file
    bool ascii = false;  // who looks at it has no other characters
    std::string within;  // what a command begins with to be of the same namespace, and a blank

    std::optional<std::uint64_t> count; // entries of the kernel's table, and its limit
    std::optional<std::uint64_t> limit;
    Failures insert_failed;
    Failures dropped;

    Mix mix;
    Rows kind = Rows::flows;      // what was ranked last
    std::string by;               // for Rows::groups: the column
    std::size_t matched = 0;      // rows, of flows that the filter lets through
    std::size_t lingering = 0;    // of these, flows that have ended
    std::size_t first = 0;        // the place of the first one in the window
    std::vector<ShownRow> rows;   // the window
    std::deque<ShownStep> steps;  // the last ones that the filter lets through, oldest first
    std::uint64_t steps_told = 0; // how many of them there were in all
    std::deque<unsigned> created; // flows that came in each of the last seconds, oldest first
    std::deque<unsigned> ended;
    /// Of the table, in tenths of a per cent, in each of the last seconds.
    std::deque<unsigned> fullness;
    Time changes_since{};               // of what has changed: how far back all of it is known
    Group total;                        // of all groups, where they were ranked: flows and sums
    std::vector<std::string> health;    // lines about how connection tracking fares
    std::optional<Diagnosis> diagnosis; // of the whole table; absent: not yet
    const Naming* naming = nullptr;     // null: numbers

    bool complete = false;  // a list has been whole
    bool stale = false;     // events are missing
    bool replay = false;    // it is a file
    bool over = false;      // and that has ended
    Time file_begin{};      // its first moment
    Time file_end{};        // and its last one, once that is known
    bool counters = true;   // flows have counters
    bool events = true;     // the kernel tells of changes; otherwise lists do
    std::uint64_t lost = 0; // events that are missing, in all
};

} // namespace natstat
