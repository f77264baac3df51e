// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The view of groups: --by and --ports. Everything is read first, then the groups are printed.
#pragma once

#include "natstat/ask/question.hpp"

#include "natstat/model/source.hpp"

namespace natstat {

/// Prints the answer to a question with a grouping to standard output; complaints that leave the
/// answer useful go to standard error. False when --warn has something to warn of. Throws Failure
/// or ClosedPipe.
[[nodiscard]] bool print_groups(const Options& options, Question question);

/// The same of a source of lists that is there already.
[[nodiscard]] bool print_groups_of(Source& source, Surroundings around, const Options& options,
                                   Question question);

} // namespace natstat
