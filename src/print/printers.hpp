// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The makers of the printers, one for each format.
#pragma once

#include "natstat/print/printer.hpp"

namespace natstat {

std::unique_ptr<Printer> make_table_printer(const Layout&, const PrintStyle&, Output&);
std::unique_ptr<Printer> make_csv_printer(const Layout&, const PrintStyle&, Output&);
/// One array of objects.
std::unique_ptr<Printer> make_json_printer(const Layout&, const PrintStyle&, Output&);
/// One object a line.
std::unique_ptr<Printer> make_json_lines_printer(const Layout&, const PrintStyle&, Output&);

} // namespace natstat
