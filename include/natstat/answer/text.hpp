// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Answers that are a text: --help, --version, the list of columns, and what completes a word.
#pragma once

#include "natstat/answer/answer.hpp"
#include "natstat/ask/request.hpp"

namespace natstat {

/// Prints it to standard output. Throws Failure or ClosedPipe.
[[nodiscard]] Answer text(TextRequest request, const Complain& complain);

} // namespace natstat
