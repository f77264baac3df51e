// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the live view is shown on, and where its keys come from.
#pragma once

#include "natstat/live/styles.hpp"
#include "natstat/live/ui.hpp"

#include <optional>
#include <string_view>

namespace natstat {

class Display {
  public:
    Display() = default;
    Display(const Display&) = delete;
    Display& operator=(const Display&) = delete;
    virtual ~Display() = default;

    /// Readable when a key may be there; negative where there are none.
    [[nodiscard]] virtual int fd() const = 0;
    [[nodiscard]] virtual Size size() const = 0;

    /// The next key that was pressed, if there is one; never waits.
    virtual std::optional<Key> read() = 0;
    /// Where the mouse was at the last key::click.
    [[nodiscard]] virtual Ui::Spot pointer() const = 0;

    /// Whether it takes output. A terminal does not after ^S, or while its reader is behind.
    [[nodiscard]] virtual bool is_ready() const = 0;

    /// Shows a frame of size().
    virtual void show(const Frame& frame) = 0;
    /// For which its colours are.
    [[nodiscard]] virtual Background background() const = 0;
    virtual void use(Background background) = 0;
    /// Asks what is behind the colours; the answer comes between two read()s, or never.
    virtual void ask_background() {}
    /// The answer, once.
    virtual std::optional<Background> told_background() { return std::nullopt; }
    /// Asks the terminal to put this text into the clipboard.
    virtual void copy(std::string_view text) = 0;
    /// Forgets what is on the screen, so that the next show() draws all of it.
    virtual void redraw() = 0;
    /// Takes over a new size.
    virtual void resize() = 0;
    /// Stops the process as ^Z does, and goes on when that does.
    virtual void suspend() = 0;
};

} // namespace natstat
