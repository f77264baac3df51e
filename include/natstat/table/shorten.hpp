// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Cells that are longer than their column, for people: what tells one from another stays, which of
// an address is its beginning, its end and its port. The gap is a character of its own, so that no
// part can pass for the whole.
#pragma once

#include "natstat/model/utf8.hpp"
#include "natstat/table/value.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace natstat {

/// What stands where something was left out: one cell wide, in UTF-8.
inline constexpr std::string_view gap = "…";

/// What of a moment is left without its date: "12:04:31.123".
inline constexpr std::size_t time_of_day_width = 12;

/// The text of an address, an endpoint or a name, shortened in its middle to `width` cells where it
/// is longer. An IPv6 address loses whole groups as long as that is enough; a port stays whole as
/// long as it fits: "[2001:db8:2::a:eeee]:443" is "2001:db8:…:eeee:443".
[[nodiscard]] std::string shortened_middle(std::string_view text, std::size_t width);

/// Any other text, cut at its end.
[[nodiscard]] std::string shortened_end(std::string_view text, std::size_t width);

/// Words in lines of at most `width` cells; a word that is longer has a line of its own.
[[nodiscard]] std::vector<std::string> wrapped(std::string_view words, std::size_t width);

/// The cell of a value in a column of this width: whole if it fits; otherwise an address in the
/// middle, an amount in three digits and a unit, of a moment the time of day, "ESTABLISHED" as
/// ss(8) has it, anything else at its end.
[[nodiscard]] std::string fitted_text(const Value& value, const TextStyle& style,
                                      std::size_t width);

} // namespace natstat
