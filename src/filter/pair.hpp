// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A column compared with another one of the same row: sport!=gport, packets_up<packets_down.
#pragma once

#include "named.hpp"

#include <string_view>

namespace natstat {

/// Whether the cells of these columns can be compared: both are addresses, ends, ports, names of
/// one list, or numbers of one unit.
[[nodiscard]] bool is_comparable(const Column& a, const Column& b);

/// The column that a word, in lower case, means in the place of a value; null where it is a value.
/// Where values are names, only a column that can be compared is meant, and no word of the column's
/// own list.
[[nodiscard]] const Column* column_beside(const Column& column, std::string_view word);

/// "column relation other"; `word` is the other one as it was written. What is absent stands in no
/// relation, not in != either.
[[nodiscard]] NodeOrError compare_columns(const Column& column, Relation relation,
                                          const Column& other, const Word& word);

} // namespace natstat
