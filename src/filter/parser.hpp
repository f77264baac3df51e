// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The grammar of the filter language.
#pragma once

#include "named.hpp"

#include <span>

namespace natstat {

/// The tree of a filter. `tokens` is what split_filter gives, and has more than the end.
[[nodiscard]] NodeOrError parse_tokens(std::span<const Token> tokens, const FilterNames& names);

} // namespace natstat
