// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// --health: how connection tracking fares.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"

namespace natstat {

/// Reads the health and prints it, as text or as JSON. Throws Failure or ClosedPipe.
[[nodiscard]] Answer health(HealthRequest request, const Complain& complain);

} // namespace natstat
