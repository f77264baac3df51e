// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Steps of flows as lines.
#pragma once

#include "natstat/answer/printing.hpp"
#include "natstat/ask/request.hpp"
#include "natstat/print/output.hpp"

namespace natstat {

class StepPrinter {
  public:
    /// `layout` and `output` outlive it. Whoever reads sees the head at once. Throws Failure or
    /// ClosedPipe, as all below.
    StepPrinter(Layout& layout, const Look& look, Output& output);

    /// Whether it is people who read.
    [[nodiscard]] bool is_table() const { return printing_.is_table(); }

    void print(const Row& row);
    /// Hands over what was printed.
    void flush() { output_.flush(); }
    void finish();

  private:
    Layout& layout_;
    Printing printing_;
    Output& output_;
    std::unique_ptr<Printer> printer_;
};

} // namespace natstat
