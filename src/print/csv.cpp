// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// CSV as RFC 4180 has it: a header line, CRLF, quotes where a field needs them. Absent is empty.
#include "fields.hpp"
#include "printers.hpp"

#include <algorithm>
#include <string>

namespace natstat {

namespace {

bool needs_quotes(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; });
}

void put_quoted(Output& output, std::string_view text) {
    output.put('"');
    for (const char c : text) {
        if (c == '"')
            output.put('"');
        output.put(c);
    }
    output.put('"');
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
        if (const auto* hex = std::get_if<Hex>(&value)) // programs read decimal
            return field_text(Count{hex->value});
        field_text(value);
    }

    void field_text(const Value& value) {
        const TextStyle raw{nullptr, true}; // numbers, never names
        char* begin = output_.reserve(text_bound(value, raw));
        char* end = write_text(begin, value, raw);
        const std::string_view text(begin, static_cast<std::size_t>(end - begin));
        if (needs_quotes(text))
            put_quoted(output_, std::string(text));
        else
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
