// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The one-shot view: a list from a source, filtered, in order, printed.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"

namespace natstat {

/// Prints the flows to standard output. Throws Failure.
[[nodiscard]] Answer list(ListRequest request, const Complain& complain);

/// The same from a source that is open already, in surroundings that are known already; a file may
/// tell more of them.
[[nodiscard]] Answer list_of(Source& source, Surroundings around, ListRequest request);

} // namespace natstat
