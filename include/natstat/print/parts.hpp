// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Rows that come in parts, formatted on several processors and written in order. A thread that has
// its part ready before its turn waits; what it can hold until then is bounded.
#pragma once

#include "natstat/print/printer.hpp"

#include <cstddef>
#include <functional>

namespace natstat {

/// Prints the rows of a part.
using PrintPart = std::function<void(std::size_t part, Printer& printer)>;

/// Prints parts 0 to `parts` - 1 to `output` between its printer's begin() and end(), which stay
/// the caller's; none of them is empty. Each thread calls `worker` once, and what that gives for
/// its parts; `make` makes a printer to an output. What is thrown there, or while writing, is
/// thrown here when all threads have ended.
void print_parts(std::size_t parts, const std::function<PrintPart()>& worker,
                 const std::function<std::unique_ptr<Printer>(Output&)>& make, Output& output);

} // namespace natstat
