// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// CSV as RFC 4180 has it: a header line, CRLF, quotes where a field needs them. Absent is empty.
#include "fields.hpp"
#include "printers.hpp"

#include <algorithm>

namespace natstat {

namespace {

constexpr TextStyle raw{nullptr, true}; // numbers, never names

/// Texts from outside can have anything in them, and flags have commas.
constexpr bool can_need_quotes(Kind kind) {
    return can_have_letters(kind, raw) || kind == Kind::flags;
}

bool needs_quotes(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        switch (c) { // one test of a bit
        case ',':
        case '"':
        case '\r':
        case '\n':
            return true;
        default:
            return false;
        }
    });
}

/// Puts the text into quotes where it stands, its own quotes doubled, and returns the new end.
/// There is room for each character twice and for the two around them.
char* quote(char* begin, char* end) {
    char* const new_end = end + std::count(begin, end, '"') + 2;
    char* to = new_end;
    *--to = '"';
    while (end != begin) {
        *--to = *--end;
        if (*to == '"')
            *--to = '"';
    }
    *begin = '"';
    return new_end;
}

class CsvPrinter : public Printer {
  public:
    CsvPrinter(const Layout& layout, const PrintStyle& style, Output& output)
        : layout_(layout), style_(style), output_(output) {}

    void begin() override {
        if (!style_.header)
            return;
        first_ = true;
        for (const ShownColumn& shown : layout_) {
            for (const std::string_view name : field_names(*shown.column)) {
                separate();
                output_.put(name);
            }
        }
        output_.put("\r\n");
    }

    void row(const Row& row) override {
        first_ = true;
        for (const ShownColumn& shown : layout_)
            for_each_field(*shown.column, shown.column->get(row),
                           [this](const Value& value) { field(value); });
        output_.put("\r\n");
    }

    void end() override {}

  private:
    void separate() {
        if (!first_)
            output_.put(',');
        first_ = false;
    }

    void field(const Value& value) {
        separate();
        if (is_absent(value))
            return;
        char* begin = output_.reserve(2 * text_bound(value, raw) + 2);
        char* end = write_text(begin, value, raw);
        if (can_need_quotes(static_cast<Kind>(value.index())) &&
            needs_quotes({begin, static_cast<std::size_t>(end - begin)}))
            end = quote(begin, end);
        output_.commit(end);
    }

    const Layout& layout_;
    const PrintStyle& style_;
    Output& output_;
    bool first_ = true;
};

} // namespace

std::unique_ptr<Printer> make_csv_printer(const Layout& layout, const PrintStyle& style,
                                          Output& output) {
    return std::make_unique<CsvPrinter>(layout, style, output);
}

} // namespace natstat
