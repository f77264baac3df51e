// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Widths are guessed before the first row, because what happens is not held back.
#include "natstat/answer/step_printer.hpp"

namespace natstat {

StepPrinter::StepPrinter(Layout& layout, const Look& look, Output& output)
    : layout_(layout), printing_(look), output_(output),
      printer_(printing_.printer(layout, output_)) {
    expect_widths(layout_);
    printer_->begin();
    output_.flush();
}

void StepPrinter::print(const Row& row) {
    printing_.fit(layout_, row);
    printer_->row(row);
}

void StepPrinter::finish() {
    printer_->end();
    output_.flush();
}

} // namespace natstat
