// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The formats by name.
#include "natstat/print/printer.hpp"

#include "printers.hpp"

#include <algorithm>

namespace natstat {

namespace {

constexpr std::string_view names[] = {"table", "json", "jsonl", "csv"};

} // namespace

std::span<const std::string_view> format_names() {
    return names;
}

std::optional<Format> parse_format(std::string_view name) {
    const auto found = std::find(std::begin(names), std::end(names), name);
    if (found == std::end(names))
        return std::nullopt;
    return static_cast<Format>(found - std::begin(names));
}

std::unique_ptr<Printer> make_printer(Format format, const Layout& layout, const PrintStyle& style,
                                      Output& output) {
    switch (format) {
    case Format::table:
        return make_table_printer(layout, style, output);
    case Format::json:
        return make_json_printer(layout, output, false);
    case Format::jsonl:
        return make_json_printer(layout, output, true);
    case Format::csv:
        return make_csv_printer(layout, style, output);
    }
    return nullptr;
}

} // namespace natstat
