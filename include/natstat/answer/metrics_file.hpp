// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// --metrics --write FILE: one process that counts from its start on and replaces a file.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"

namespace natstat {

/// Follows the kernel until a signal ends it, and writes the metrics to the file of the request at
/// every interval. `who` knows what its columns ask, null: nothing. `complain` hears at once what
/// can not be written, and when it can again. Throws Failure.
[[nodiscard]] Answer metrics_file(const MetricsRequest& request, Who* who,
                                  const Complain& complain);

} // namespace natstat
