// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What an answer may still do, as the options tell it: first until its files are open, then no more
// than it takes to go on.
#pragma once

#include "natstat/ask/options.hpp"

namespace natstat {

/// Comes when the network namespace is entered, and before anything is read that others have
/// written. Throws Failure.
void confine_to_opening(const Options& options);

/// Comes when the files of the options are open, and before a thread is started. Once is enough;
/// again, or where nothing was said before, it does nothing. Throws Failure.
void confine();

} // namespace natstat
