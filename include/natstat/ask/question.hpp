// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the options ask for, put into the terms of the rooms: which rows, which columns, in which
// order.
#pragma once

#include "natstat/ask/options.hpp"

#include "natstat/filter/filter.hpp"
#include "natstat/table/groups.hpp"
#include "natstat/table/layout.hpp"
#include "natstat/table/order.hpp"

#include <optional>
#include <variant>

namespace natstat {

/// The groups of NAT ports, destination by destination. `range`: the ports that there are; absent:
/// the kernel's own.
[[nodiscard]] Grouping port_grouping(std::optional<NatPorts> range);

struct Question {
    Filter filter;
    Filter typed; // of the live view: what stands in its filter line at first
    /// Of flows, as a list; empty: all. The filter has them, but not that of the live view, where
    /// they can be changed.
    std::string kinds;
    Layout layout;
    std::optional<Order> order;       // absent: as the rows come
    bool needs_kinds = false;         // --local or --routed were asked for
    std::optional<Grouping> grouping; // absent: flows
    std::size_t limit = std::numeric_limits<std::size_t>::max(); // rows
    Knowledge knowledge = Knowledge::nothing; // what its columns have to know of addresses
    std::vector<std::string> networks;        // files of networks for that
};

/// Throws Failure when the question is about local or routed flows and it is not known whether this
/// one is; `name` is the file that does not tell it, as the user gave it.
void require_kind(const Question& question, const Row& row, std::string_view name);

/// Puts the options together. Names in them are looked up (`names`). A mistake of the user's is a
/// UsageError.
[[nodiscard]] std::variant<Question, UsageError> make_question(const Options& options,
                                                               const FilterNames& names);

/// What metrics count flows by, and no other part of a question.
[[nodiscard]] std::variant<Question, UsageError> metrics_question(const Options& options);

} // namespace natstat
