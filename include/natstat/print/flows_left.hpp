// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What --wait says when it ends: for people a line, for programs an object.
#pragma once

#include "natstat/model/address.hpp"
#include "natstat/print/output.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace natstat {

/// The flows that are left.
struct FlowsLeft {
    /// Who opened some of them.
    struct Opener {
        Address address;
        std::uint64_t flows = 0;
    };

    std::optional<std::uint64_t> flows; // absent: it is not known how many
    std::uint64_t below = 1;            // fewer than these are few enough
    std::chrono::duration<double> after{0};
    std::vector<Opener> openers; // those with the most, first

    [[nodiscard]] bool is_few() const { return flows && *flows < below; }
};

/// "12 flows are left after 60.0 s, not fewer than 10: 8 of 192.0.2.16, 4 of others". Does not
/// flush.
void print_flows_left(const FlowsLeft& left, Output& output);

/// One object in one line; `left` is null when it is not known. Does not flush.
void print_flows_left_json(const FlowsLeft& left, Output& output);

} // namespace natstat
