// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Following a source to its end, or until somebody ends it: --events prints each transition,
// --write keeps what the kernel says.
#pragma once

#include "natstat/ask/options.hpp"
#include "natstat/ask/question.hpp"

namespace natstat {

/// Follows until the source ends or SIGINT, SIGTERM or SIGHUP comes. Throws Failure, or ClosedPipe
/// when nobody reads standard output any more.
void follow(const Options& options, Question question);

} // namespace natstat
