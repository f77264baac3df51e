// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The one-shot view: a list from a source, filtered, in order, printed.
#pragma once

#include "natstat/ask/question.hpp"

namespace natstat {

/// Prints the answer to standard output; complaints that leave the answer useful go to standard
/// error. Throws Failure or ClosedPipe.
void print_list(const Options& options, Question question);

/// The same from a source that is open already, in surroundings that are known already; a file may
/// tell more of them.
void print_list_of(Source& source, Surroundings around, const Options& options, Question question);

} // namespace natstat
