// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The live view: the source is followed while keys are answered and the screen is kept up to date.
#pragma once

#include "natstat/ask/options.hpp"
#include "natstat/ask/question.hpp"

namespace natstat {

/// Runs until the user quits. `question` selects the flows by the options; the filter among them is
/// the first that the user sees and can change. Gives the number of the signal that ended it, 0 for
/// none: the terminal is as it was by then. Throws Failure.
int top(const Options& options, Question question);

} // namespace natstat
