// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The live view: the source is followed while keys are answered and the screen is kept up to date.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"

namespace natstat {

/// Runs until the user quits, or a signal ends it, which the answer names: the terminal is as it
/// was by then. The question selects the flows by the options; its typed filter is the first that
/// the user sees and can change. `complain` hears what is to be said before. Throws Failure.
[[nodiscard]] Answer top(TopRequest request, const Complain& complain);

} // namespace natstat
