// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The table for people. Padding is written before a cell, never after one, so that no line ends in
// blanks. On a terminal a row that would take two lines has its cells shortened.
#include "printers.hpp"

#include "natstat/model/protocol.hpp"
#include "natstat/table/shorten.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace natstat {

namespace {

constexpr std::string_view green = "\033[32m", yellow = "\033[33m", red = "\033[31m",
                           magenta = "\033[35m", dim = "\033[2m", alarm = "\033[1;31m",
                           usual = "\033[0m";

/// What stands out in a stream: new flows, those that failed, those that are over, gaps.
std::string_view color_of(const Row& row) {
    if (row.step == nullptr)
        return {};
    switch (row.step->kind) {
    case TransitionKind::created:
        return green;
    case TransitionKind::changed:
    case TransitionKind::listed:
        return {};
    case TransitionKind::ended:
        break;
    case TransitionKind::whole:
    case TransitionKind::stopped:
        return dim;
    case TransitionKind::started:
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

/// What stands out in a list: flows that are not established yet. Those that are closing stand
/// back.
std::string_view color_of_state(const Flow& flow) {
    const auto state = state_of(flow);
    const Phase phase = state ? phase_of(flow.protocol, *state) : Phase::none;
    return phase == Phase::opening ? magenta : phase == Phase::closing ? dim : std::string_view{};
}

/// A layout as narrow as a terminal, made anew when a row has widened it.
class NarrowLayout {
  public:
    const Layout& of(const Layout& layout, std::size_t width) {
        std::size_t sum = 1;
        for (const ShownColumn& each : layout) // both only grow
            sum += each.width + each.content;
        if (std::exchange(made_of_, sum) != sum)
            narrow_ = narrowed(layout, width);
        return narrow_;
    }

  private:
    Layout narrow_;
    std::size_t made_of_ = 0;
};

class TablePrinter : public Printer {
  public:
    TablePrinter(const Layout& layout, const PrintStyle& style, Output& output)
        : layout_(layout), style_(style), output_(output) {}

    void begin() override {
        if (!style_.header)
            return;
        std::string title;
        line([&](const ShownColumn&,
                 char* out) { return std::copy(title.begin(), title.end(), out); },
             [&](const ShownColumn& shown) {
                 title = is_narrow() ? marked(shortened_end(shown.title, shown.width))
                                     : std::string(shown.title);
                 return title.size();
             });
        output_.put('\n');
    }

    void row(const Row& row) override {
        const std::string_view color = style_.color ? color_of(row) : std::string_view{};
        output_.put(color);
        cells(row);
        if (!color.empty())
            output_.put(usual);
        output_.put('\n');
    }

    void end() override {}

  private:
    void cells(const Row& row) {
        if (row.step != nullptr && !is_of_flow(row.step->kind))
            return between_flows(*row.step);
        const std::string_view color =
            style_.color && row.step == nullptr ? color_of_state(row.flow) : std::string_view{};
        if (is_narrow())
            return narrow_cells(row, color);
        Value value;
        line([&](const ShownColumn&, char* out) { return write_text(out, value, style_.text); },
             [&](const ShownColumn& shown) {
                 value = shown.column->get(row);
                 return text_bound(value, style_.text);
             },
             color);
    }

    void narrow_cells(const Row& row, std::string_view color) {
        std::string text;
        line(
            [&](const ShownColumn&, char* out) { return std::copy(text.begin(), text.end(), out); },
            [&](const ShownColumn& shown) {
                text = marked(fitted_text(shown.column->get(row), style_.text, shown.width));
                return text.size();
            },
            color);
    }

    [[nodiscard]] bool is_narrow() const { return style_.width != 0; }

    /// Whether a cell may take other cells of the screen than it has bytes.
    [[nodiscard]] bool has_letters(const ShownColumn& shown) const {
        return is_narrow() || can_have_letters(shown.column->kind, style_.text);
    }

    /// With a mark of what is left out that the terminal can show.
    [[nodiscard]] std::string marked(std::string text) const {
        if (const std::size_t at = text.find(natstat::gap);
            style_.text.ascii && at != std::string::npos)
            text.replace(at, natstat::gap.size(), "~");
        return text;
    }

    /// Where there is no flow to show.
    void between_flows(const Transition& step) {
        if (step.time != Time{})
            output_.put(to_text(Instant{step.time}, style_.text) + " ");
        std::string name(transition_name(step.kind));
        constexpr std::size_t width = 7; // of the column
        name.resize(std::max(name.size(), width), ' ');
        output_.put(name + " " + said_of(step));
    }

    [[nodiscard]] std::string said_of(const Transition& step) const {
        const auto moment = [this](Time time) { return to_text(Instant{time}, style_.text); };
        switch (step.kind) {
        case TransitionKind::started:
            return step.run == Time{} ? "what was before is not known"
                                      : "nobody looked since " + moment(step.run) +
                                            "; what had changed is told after the first list";
        case TransitionKind::whole:
            return "all that is there has been told";
        case TransitionKind::stopped:
            return "nobody looks from here on";
        default:
            break;
        }
        const std::string number =
            step.lost == 0 ? "an unknown number of" : std::to_string(step.lost);
        return number + " events; what they changed is told after the next list";
    }

    /// A cell for each column: `bound` says how long it can be, `write` writes it. A state has this
    /// colour.
    template <typename Write, typename Bound>
    void line(Write&& write, Bound&& bound, std::string_view state_color = {}) {
        std::size_t blanks = 0;
        for (const ShownColumn& shown : is_narrow() ? narrow_.of(layout_, style_.width) : layout_) {
            const std::string_view color =
                shown.column->traits.present_state ? state_color : std::string_view{};
            const std::size_t room = bound(shown) + shown.width; // bytes, and the blanks beside
            char* begin = output_.reserve(blanks + color.size() + room);
            char* cell = std::copy(color.begin(), color.end(), begin + blanks);
            char* end = write(shown, cell);
            const auto size = static_cast<std::size_t>(end - cell);
            const std::size_t taken = has_letters(shown) ? cells_of({cell, size}) : size;
            const std::size_t missing = shown.width - std::min(taken, shown.width);
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
            if (!color.empty())
                output_.put(usual);
        }
    }

    const Layout& layout_;
    const PrintStyle& style_;
    Output& output_;
    NarrowLayout narrow_;
};

} // namespace

std::unique_ptr<Printer> make_table_printer(const Layout& layout, const PrintStyle& style,
                                            Output& output) {
    return std::make_unique<TablePrinter>(layout, style, output);
}

} // namespace natstat
