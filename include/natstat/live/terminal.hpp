// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The terminal: the only place that knows ncurses. It shows frames and gives keys, and leaves the
// terminal as it was, whatever ends it.
#pragma once

#include "natstat/live/display.hpp"

#include <memory>

namespace natstat {

class Terminal : public Display {
  public:
    /// Takes the terminal that standard output is; keys come from standard input if that is one and
    /// is free, otherwise from the controlling terminal. Throws Failure when there is none.
    Terminal(bool standard_input_is_free, bool color);
    /// Gives the terminal back as it was.
    ~Terminal() override;

    [[nodiscard]] int fd() const override;
    [[nodiscard]] Size size() const override;
    std::optional<Key> read() override;
    [[nodiscard]] Ui::Spot pointer() const override;
    [[nodiscard]] bool is_ready() const override;
    void show(const Frame& frame) override;
    [[nodiscard]] Background background() const override;
    void use(Background background) override;
    void ask_background() override;
    std::optional<Background> told_background() override;
    void copy(std::string_view text) override;
    void redraw() override;
    void resize() override;
    /// Gives the terminal back, and takes it again when the process goes on.
    void suspend() override;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace natstat
