// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Following a source to its end, or until somebody ends it: --events prints each transition,
// --write keeps what the kernel says.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"

namespace natstat {

/// Follows until the source ends or SIGINT, SIGTERM or SIGHUP comes. `complain` hears what is to be
/// said before. Throws Failure, or ClosedPipe when nobody reads standard output any more.
[[nodiscard]] Answer follow(FollowRequest request, const Complain& complain);

} // namespace natstat
