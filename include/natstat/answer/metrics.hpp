// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// --metrics: one shot of everything that can be counted, for Prometheus.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"

namespace natstat {

/// Prints the metrics of the kernel or of a file to standard output, all of them or, when something
/// fails before, none. Throws Failure or ClosedPipe.
[[nodiscard]] Answer metrics(MetricsRequest request, const Complain& complain);

} // namespace natstat
