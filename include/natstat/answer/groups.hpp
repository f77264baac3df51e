// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The view of groups: --by and --ports. Everything is read first, then the groups are printed.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"

namespace natstat {

/// Prints the groups to standard output. `complain` hears what is to be said before a measurement
/// begins. Throws Failure.
[[nodiscard]] Answer groups(GroupsRequest request, const Complain& complain);

/// The same of a source of lists that is there already.
[[nodiscard]] Answer groups_of(Source& source, Surroundings around, GroupsRequest request);

} // namespace natstat
