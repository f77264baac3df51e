// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Tests for values that are names. All take at least one value, and hold for any of them.
#pragma once

#include "lexer.hpp"
#include "tree.hpp"

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace natstat {

using NodeOrError = std::variant<Filter::Node, FilterError>;

/// The error that stands at this value.
[[nodiscard]] FilterError wrong(const Word& value, std::string reason);

/// The error that this value stands behind < <= > or >=, which the column has no use for.
[[nodiscard]] FilterError without_order(const Column& column, const Word& value);

/// Status flags, by their names.
[[nodiscard]] NodeOrError compare_flags(std::span<const Word> values);

/// snat, dnat, both, local, routed.
[[nodiscard]] NodeOrError compare_kinds(std::span<const Word> values);

/// ipv4, ipv6.
[[nodiscard]] NodeOrError compare_families(std::span<const Word> values);

/// The closed list that the texts of the column come from; empty where there is none.
[[nodiscard]] std::span<const std::string_view> words_of(const Column& column);

/// Any texts; case does not count.
[[nodiscard]] NodeOrError compare_texts(const Column& column, std::span<const Word> values);

/// Texts of this column, which are all in `names`; in lower case.
[[nodiscard]] NodeOrError compare_closed(const Column& column,
                                         std::span<const std::string_view> names,
                                         std::span<const Word> values);

/// States of any protocol, and the words that stand for one where a protocol has none.
[[nodiscard]] NodeOrError compare_states(const Column& column, std::span<const Word> values);

/// Labels: one by its number or its name, or a whole bitmap as 0x....
[[nodiscard]] NodeOrError compare_labels(const Column& column, std::span<const Word> values,
                                         const LabelNames& names);

/// The protocol is one of these, by name or number.
[[nodiscard]] NodeOrError compare_protocols(std::span<const Word> values);

/// A protocol by its name (any case), also as tcpdump writes it (icmp6), or by its number.
[[nodiscard]] std::optional<std::uint8_t> protocol_called(std::string_view word);

/// The status flag of this name (in lower case) as a test.
[[nodiscard]] std::optional<StatusTest> flag_test(std::string_view name);

/// The names of all states, and the words that stand for one where a protocol has none.
[[nodiscard]] const std::vector<std::string_view>& all_states();

/// " (did you mean 'x'?)", or nothing where no name is near.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     std::span<const std::string_view> names);

} // namespace natstat
