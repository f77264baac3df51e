// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The strings in a JSON text with the names that lead to them; no document is built.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace natstat {

/// `names`: of the members on the way to the value, arrays have none. `element`: how many objects
/// of the outermost array were there before.
using VisitText = std::function<void(std::span<const std::string> names, std::size_t element,
                                     std::string_view value)>;

/// Visits them in their order until the text ends, is no JSON any more or nests too deeply; false
/// where it did not end well.
bool for_each_text(std::string_view json, const VisitText& visit);

} // namespace natstat
