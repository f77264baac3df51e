// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The live view without a screen, for logs and screen readers: one frame below the other, without
// keys. It goes to whatever standard output is.
#pragma once

#include "natstat/live/display.hpp"
#include "natstat/print/output.hpp"

#include <memory>
#include <string>

namespace natstat {

/// A frame as lines: without that of the keys, and without empty ones below the rows; behind it an
/// empty one. `ascii`: where the locale has no other characters.
[[nodiscard]] std::string plain_text(const Frame& frame, bool ascii);

class Plain : public Display {
  public:
    Plain();

    [[nodiscard]] int fd() const override { return -1; }
    [[nodiscard]] Size size() const override { return size_; }
    std::optional<Key> read() override { return std::nullopt; }
    [[nodiscard]] Ui::Spot pointer() const override { return {}; }
    [[nodiscard]] bool is_ready() const override;
    void show(const Frame& frame) override;
    [[nodiscard]] Background background() const override { return Background::dark; }
    void use(Background) override {}
    void copy(std::string_view) override {}
    void redraw() override {}
    void resize() override;
    void suspend() override;

  private:
    Size size_;
    bool ascii_;
    Output output_;
};

} // namespace natstat
