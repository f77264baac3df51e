// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// --metrics: one shot of everything that can be counted, for Prometheus.
#pragma once

#include "natstat/ask/options.hpp"

namespace natstat {

/// Prints the metrics of the kernel or of a file to standard output, all of them or, when something
/// fails before, none; complaints that leave them useful go to standard error. Throws Failure or
/// ClosedPipe.
void show_metrics(const Options& options);

} // namespace natstat
