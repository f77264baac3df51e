// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The words and signs of a filter, with their places in its text.
#pragma once

#include "natstat/filter/filter.hpp"

#include <string_view>
#include <variant>
#include <vector>

namespace natstat {

enum class Sign : std::uint8_t { word, quoted, open, close, comma, relation, and_, or_, not_, end };

enum class Relation : std::uint8_t { equal, not_equal, less, at_most, greater, at_least };

/// < <= > >=
[[nodiscard]] constexpr bool is_order(Relation relation) {
    return relation != Relation::equal && relation != Relation::not_equal;
}

/// A piece of the filter's text. It lives as long as that text.
struct Token {
    Sign sign = Sign::end;
    Relation relation = Relation::equal; // of Sign::relation only
    std::string_view text;               // without quotes
    std::size_t position = 0;            // a byte offset
};

/// A value and where it stands.
struct Word {
    std::string_view text;
    std::size_t position = 0;
};

/// Cuts a filter into its pieces; the last one is Sign::end. An error is a sign that the language
/// does not have, an open quote, or a text that is too long.
[[nodiscard]] std::variant<std::vector<Token>, FilterError> split_filter(std::string_view text);

/// Cuts a list at commas and blanks. An error is an empty list or an empty place between commas.
[[nodiscard]] std::variant<std::vector<Word>, FilterError> split_list(std::string_view text);

[[nodiscard]] std::string lower_case(std::string_view text);

/// The text in quotes for a message: shortened, and without what a terminal would act on.
[[nodiscard]] std::string quoted(std::string_view text);

} // namespace natstat
