// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// --health: how connection tracking fares.
#pragma once

#include "natstat/ask/options.hpp"

namespace natstat {

/// Reads the health and prints it, as text or as JSON. Throws Failure.
void show_health(const Options& options);

} // namespace natstat
