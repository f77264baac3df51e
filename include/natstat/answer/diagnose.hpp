// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// --diagnose: what is wrong, who causes it, what to do.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"

namespace natstat {

/// Looks and prints what it found, as text or as JSON; `warned` where connections fail or may.
/// `complain` hears what is to be said before. Throws Failure or ClosedPipe.
[[nodiscard]] Answer diagnose(DiagnoseRequest request, const Complain& complain);

} // namespace natstat
