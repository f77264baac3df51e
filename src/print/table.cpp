// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The table for people. Padding is written before a cell, never after one, so that no line ends in
// blanks.
#include "printers.hpp"

#include <algorithm>
#include <cstring>

namespace natstat {

namespace {

constexpr std::string_view green = "\033[32m", yellow = "\033[33m", red = "\033[31m",
                           dim = "\033[2m", alarm = "\033[1;31m";

/// What stands out in a stream: new flows, those that failed, those that are over, gaps.
std::string_view color_of(const Row& row) {
    if (row.step == nullptr)
        return {};
    switch (row.step->kind) {
    case TransitionKind::created:
        return green;
    case TransitionKind::changed:
        return {};
    case TransitionKind::ended:
        break;
    case TransitionKind::lost:
        return alarm;
    }
    switch (row.step->ending.value_or(Ending::unknown)) {
    case Ending::closed:
    case Ending::expired:
        return dim;
    case Ending::reset:
    case Ending::no_reply:
        return red;
    case Ending::deleted:
    case Ending::unknown:
        return yellow;
    }
    return {};
}

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
        output_.put('\n');
    }

    void row(const Row& row) override {
        const std::string_view color = style_.color ? color_of(row) : std::string_view{};
        output_.put(color);
        cells(row);
        output_.put(color.empty() ? "\n" : "\033[0m\n");
    }

    void end() override {}

  private:
    void cells(const Row& row) {
        if (row.step != nullptr && row.step->kind == TransitionKind::lost)
            return gap(*row.step);
        Value value;
        line([&](const ShownColumn&, char* out) { return write_text(out, value, style_.text); },
             [&](const ShownColumn& shown) {
                 value = shown.column->get(row);
                 return text_bound(value, style_.text);
             });
    }

    /// Where events are missing there is no flow to show.
    void gap(const Transition& step) {
        if (step.time != Time{})
            output_.put(to_text(Instant{step.time}, style_.text) + " ");
        output_.put(transition_name(step.kind));
        const std::string number =
            step.lost == 0 ? "an unknown number of" : std::to_string(step.lost);
        output_.put("    " + number + " events; what they changed is told after the next list");
    }

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
