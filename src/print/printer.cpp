// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The formats: one row each.
#include "natstat/print/printer.hpp"

#include "printers.hpp"

#include <array>

namespace natstat {

namespace {

struct FormatRow {
    Format format;
    std::string_view name;
    std::string_view ending; // of file names; empty: what is written where no other fits
    Format streamed;
    bool for_people;
    std::unique_ptr<Printer> (*make)(const Layout&, const PrintStyle&, Output&);
};

// clang-format off
constexpr FormatRow formats[] = {
    {Format::table, "table", "",       Format::table, true,  make_table_printer},
    {Format::json,  "json",  ".json",  Format::jsonl, false, make_json_printer},
    {Format::jsonl, "jsonl", ".jsonl", Format::jsonl, false, make_json_lines_printer},
    {Format::csv,   "csv",   ".csv",   Format::csv,   false, make_csv_printer},
    {Format::emf,   "emf",   "",       Format::emf,   false, nullptr},
};
// clang-format on

static_assert([] {
    for (std::size_t i = 0; i < std::size(formats); ++i)
        if (formats[i].format != static_cast<Format>(i))
            return false;
    return true;
}());

constexpr auto names = [] {
    std::array<std::string_view, std::size(formats)> result{};
    for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = formats[i].name;
    return result;
}();

const FormatRow& row_of(Format format) {
    return formats[static_cast<std::size_t>(format)];
}

} // namespace

std::span<const std::string_view> format_names() {
    return names;
}

std::optional<Format> parse_format(std::string_view name) {
    for (const FormatRow& row : formats)
        if (row.name == name)
            return row.format;
    return std::nullopt;
}

Format format_of_file(std::string_view path) {
    for (const FormatRow& row : formats)
        if (!row.ending.empty() && path.ends_with(row.ending))
            return row.format;
    return Format::table;
}

Format streamed(Format format) {
    return row_of(format).streamed;
}

bool is_for_people(Format format) {
    return row_of(format).for_people;
}

std::unique_ptr<Printer> make_printer(Format format, const Layout& layout, const PrintStyle& style,
                                      Output& output) {
    return row_of(format).make(layout, style, output);
}

} // namespace natstat
