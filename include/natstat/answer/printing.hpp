// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How the rows of an answer are written: the style, and names where people are to see them.
#pragma once

#include "natstat/answer/naming.hpp"
#include "natstat/ask/request.hpp"

namespace natstat {

/// Whether a terminal is to be coloured: --color, NO_COLOR (https://no-color.org).
[[nodiscard]] bool wants_color(When when);

/// Of standard output, in characters; 0: it is no terminal, or does not know.
[[nodiscard]] std::size_t terminal_width();

/// Whether the user's locale has more than ASCII, whichever the program is in.
[[nodiscard]] bool is_utf8_locale();

class Printing {
  public:
    explicit Printing(const Look& look);
    Printing(const Printing&) = delete; // the style points to the names
    Printing& operator=(const Printing&) = delete;
    ~Printing() = default;

    [[nodiscard]] bool is_table() const { return is_for_people(look_.format); }

    /// Widens the layout so that the row fits, as a table of this style needs it.
    void fit(Layout& layout, const Row& row) const {
        natstat::fit(layout, row, style_.text, style_.width != 0);
    }

    /// Null where numbers are wanted.
    [[nodiscard]] TableNaming* naming() { return naming_ ? &*naming_ : nullptr; }
    /// Waits for the names that were wanted, as long as it may.
    void wait_for_names() { naming_->wait(*look_.names); }
    /// What there is to say of names that did not come; empty for nothing.
    [[nodiscard]] std::string complaint() const {
        return naming_ ? naming_->complaint() : std::string();
    }

    /// `layout` and `output` outlive the printer, and so does this.
    [[nodiscard]] std::unique_ptr<Printer> printer(const Layout& layout, Output& output) const {
        return make_printer(look_.format, layout, style_, output);
    }

  private:
    Look look_;
    std::optional<TableNaming> naming_;
    PrintStyle style_;
};

} // namespace natstat
