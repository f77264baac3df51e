// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The terminal: the only place that knows ncurses. It shows frames and gives keys, and leaves the
// terminal as it was, whatever ends it.
#pragma once

#include "natstat/live/ui.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace natstat {

class Terminal {
  public:
    /// Takes the terminal that standard output is; keys come from standard input if that is one and
    /// is free, otherwise from the controlling terminal. Throws Failure when there is none.
    Terminal(bool standard_input_is_free, bool color);
    /// Gives the terminal back as it was.
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    /// Readable when a key may be there.
    [[nodiscard]] int fd() const;
    [[nodiscard]] Size size() const;

    /// The next key that was pressed, if there is one; never waits.
    std::optional<Key> read();
    /// Where the mouse was at the last key::click.
    [[nodiscard]] Ui::Spot pointer() const;

    /// Whether the terminal takes output. It does not after ^S, or while its reader is behind.
    [[nodiscard]] bool is_ready() const;

    /// Shows a frame of size().
    void show(const Frame& frame);
    /// From colours for a dark background to those for a light one, and back.
    void change_background();
    /// Asks the terminal to put this text into the clipboard.
    void copy(std::string_view text);
    /// Forgets what is on the screen, so that the next show() draws all of it.
    void redraw();
    /// Takes over a new size of the terminal.
    void resize();
    /// Gives the terminal back, stops the process as ^Z does, and takes the terminal again when it
    /// goes on.
    void suspend();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace natstat
