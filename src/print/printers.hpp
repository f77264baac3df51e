// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The makers of the printers, one for each format.
#pragma once

#include "natstat/print/printer.hpp"

namespace natstat {

std::unique_ptr<Printer> make_table_printer(const Layout&, const PrintStyle&, Output&);
std::unique_ptr<Printer> make_csv_printer(const Layout&, const PrintStyle&, Output&);
/// `lines`: one object a line; otherwise one array of them.
std::unique_ptr<Printer> make_json_printer(const Layout&, Output&, bool lines);

} // namespace natstat
