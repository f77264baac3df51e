// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Rows to an output, in one of the formats. All formats show the columns of one layout; people get
// text, programs get raw numbers.
#pragma once

#include "natstat/print/output.hpp"
#include "natstat/table/layout.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace natstat {

/// The formats, in the order of their table (printer.cpp), which says what each is.
enum class Format : std::uint8_t { table, json, jsonl, csv, emf };

/// "table", "json", "jsonl", "csv", "emf".
[[nodiscard]] std::span<const std::string_view> format_names();
[[nodiscard]] std::optional<Format> parse_format(std::string_view name);

/// The format that a file of this name is written in, by the ending of the name.
[[nodiscard]] Format format_of_file(std::string_view path);

/// The format in which rows come that have no end: what this is for one row.
[[nodiscard]] Format streamed(Format format);

/// Whether people read it: names in the place of numbers, columns of one width, colours.
[[nodiscard]] bool is_for_people(Format format);

class Printer {
  public:
    Printer() = default;
    Printer(const Printer&) = delete;
    Printer& operator=(const Printer&) = delete;
    virtual ~Printer() = default;

    /// What stands before the first row. Called once, when the layout is as wide as it is known to
    /// be.
    virtual void begin() = 0;
    virtual void row(const Row& row) = 0;
    /// The rows that come stand behind others, which somebody else has printed.
    virtual void go_on() {}
    /// What stands after the last row; does not flush.
    virtual void end() = 0;
};

struct PrintStyle {
    TextStyle text;
    bool header = true; // tables and CSV
    bool color = false; // tables: escape sequences for a terminal
    /// Tables: of the terminal, in characters; a longer row has its cells shortened. 0: all is
    /// whole.
    std::size_t width = 0;
};

/// A printer of this format, which is one of rows: emf is of metrics alone. `layout`, `style` and
/// `output` outlive it; a table reads the widths of the layout at every row, so that they may still
/// grow.
[[nodiscard]] std::unique_ptr<Printer> make_printer(Format format, const Layout& layout,
                                                    const PrintStyle& style, Output& output);

} // namespace natstat
