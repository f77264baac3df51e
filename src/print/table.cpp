// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The table for people. Padding is written before a cell, never after one, so that no line ends in
// blanks.
#include "printers.hpp"

#include <algorithm>
#include <cstring>

namespace natstat {

namespace {

class TablePrinter : public Printer {
  public:
    TablePrinter(const Layout& layout, const PrintStyle& style, Output& output)
        : layout_(layout), style_(style), output_(output) {}

    void begin() override {
        if (!style_.header)
            return;
        line([](const ShownColumn& shown,
                char* out) { return std::copy(shown.title.begin(), shown.title.end(), out); },
             [](const ShownColumn& shown) { return shown.title.size(); });
    }

    void row(const Row& row) override {
        Value value;
        line([&](const ShownColumn&, char* out) { return write_text(out, value, style_.text); },
             [&](const ShownColumn& shown) {
                 value = shown.column->get(row);
                 return text_bound(value, style_.text);
             });
    }

    void end() override {}

  private:
    /// A cell for each column: `bound` says how long it can be, `write` writes it.
    template <typename Write, typename Bound>
    void line(Write&& write, Bound&& bound) {
        std::size_t blanks = 0;
        for (const ShownColumn& shown : layout_) {
            const std::size_t room = std::max(bound(shown), shown.width);
            char* begin = output_.reserve(blanks + room);
            char* cell = begin + blanks;
            char* end = write(shown, cell);
            const auto size = static_cast<std::size_t>(end - cell);
            const std::size_t missing = shown.width - std::min(size, shown.width);
            if (size == 0) {
                blanks += shown.width + 1;
                continue;
            }
            std::memset(begin, ' ', blanks);
            blanks = 1;
            if (shown.column->align == Align::right) {
                std::memmove(cell + missing, cell, size);
                std::memset(cell, ' ', missing);
                end += missing;
            } else {
                blanks += missing;
            }
            output_.commit(end);
        }
        output_.put('\n');
    }

    const Layout& layout_;
    const PrintStyle& style_;
    Output& output_;
};

} // namespace

std::unique_ptr<Printer> make_table_printer(const Layout& layout, const PrintStyle& style,
                                            Output& output) {
    return std::make_unique<TablePrinter>(layout, style, output);
}

} // namespace natstat
