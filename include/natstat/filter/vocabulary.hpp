// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The words of the filter language as lists: for messages, completion and the manual. What a word
// means is known to the parser.
#pragma once

#include "natstat/table/column.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace natstat {

/// Words that can begin a condition without being a column that is compared.
[[nodiscard]] const std::vector<std::string_view>& filter_words();

/// Columns that a filter can compare: what a flow or a step has as one value.
[[nodiscard]] const std::vector<std::string_view>& filter_columns();

/// Columns that a filter can compare with this one, without itself.
[[nodiscard]] std::vector<std::string_view> filter_columns_beside(const Column& column);

/// What the column can be equal to, in lower case, where that is a closed list of names; empty
/// otherwise.
[[nodiscard]] std::vector<std::string> filter_values(const Column& column);

} // namespace natstat
