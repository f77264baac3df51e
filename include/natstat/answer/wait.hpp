// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// natstat --wait: until few enough flows are left that a box can be taken out of service.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"

namespace natstat {

/// Returns when fewer flows match than were named, or when time is up, and writes a line of what is
/// left and whose it is. `warned`: too many are left, or it is not known how many. A signal ends
/// the process as it ends any other. Throws Failure.
[[nodiscard]] Answer wait(WaitRequest request, const Complain& complain);

} // namespace natstat
