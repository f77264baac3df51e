// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The vocabulary of the filter language. All words are taken in lower case.
#pragma once

#include "tree.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace natstat {

/// What the values of a selection are.
enum class Type : std::uint8_t { place, network, port, protocol };

/// src, dst, nat.
[[nodiscard]] std::optional<Ends> direction_called(std::string_view word);

/// host, net, port, portrange, proto.
[[nodiscard]] std::optional<Type> type_called(std::string_view word);

/// ip, ip4, ipv4, ip6, ipv6.
[[nodiscard]] std::optional<Family> family_called(std::string_view word);

/// A protocol's name; not a number, which is no word of the language.
[[nodiscard]] std::optional<std::uint8_t> protocol_word(std::string_view word);

/// The test of a word that stands alone: protocols, families, snat, local, assured, ...
[[nodiscard]] std::optional<Filter::Node> word_called(std::string_view word);

/// What is wrong with a word, as it was written, that begins no condition.
[[nodiscard]] std::string unknown_word(std::string_view text);

/// What is wrong with a word, as it was written, in the place of a column.
[[nodiscard]] std::string unknown_filter_column(std::string_view text);

} // namespace natstat
