// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the live view shows, as plain data: filled by the program's loop, read by render().
#pragma once

#include "natstat/table/ranking.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace natstat {

/// A flow in the window, with what there is to say of it. Copied, so that it stays when it ends.
struct ShownFlow {
    Flow flow{};
    Life life{};
    Extras extras{};
    std::optional<Transition> end; // it has ended, and stays for a moment
};

/// A step in the list of steps, with its extras.
struct ShownStep {
    Transition step{};
    Extras extras{};
};

struct Picture {
    Surroundings around; // its `now` is the moment of the picture
    std::string from;    // the host, or the file

    std::optional<std::uint64_t> count; // entries of the kernel's table, and its limit
    std::optional<std::uint64_t> limit;
    std::optional<std::uint64_t> insert_failed; // since boot
    std::optional<std::uint64_t> dropped;

    Mix mix;
    std::size_t matched = 0;      // flows that the filter lets through
    std::size_t first = 0;        // the place of the first one in the window
    std::vector<ShownFlow> flows; // the window
    std::deque<ShownStep> steps;  // the last ones, oldest first
    std::deque<unsigned> created; // flows that came in each of the last seconds, oldest first
    std::deque<unsigned> ended;

    bool complete = false;  // a list has been whole
    bool stale = false;     // events are missing
    bool replay = false;    // it is a file
    bool over = false;      // and that has ended
    bool counters = true;   // flows have counters
    std::uint64_t lost = 0; // events that are missing, in all
};

} // namespace natstat
