// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// --expectations: what the helpers wait for.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"

namespace natstat {

/// Lists the kernel's expectations and prints them. Throws Failure or ClosedPipe.
[[nodiscard]] Answer expectations(ExpectationsRequest request, const Complain& complain);

} // namespace natstat
