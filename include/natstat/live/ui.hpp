// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Where the user is in the live view, and what a key does there. Pure: keys come in, an effect for
// the loop comes out. One table says which keys there are; the help is made of it.
#pragma once

#include "natstat/live/frame.hpp"
#include "natstat/live/picture.hpp"
#include "natstat/table/filter.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace natstat {

/// A key: a printable character as itself, others beyond all of them.
using Key = std::uint32_t;
namespace key {
constexpr Key enter = 0x110000, escape = 0x110001, backspace = 0x110002, up = 0x110003,
              down = 0x110004, page_up = 0x110005, page_down = 0x110006, home = 0x110007,
              end = 0x110008, left = 0x110009, right = 0x11000A, f1 = 0x11000B, f6 = 0x11000C,
              tab = 0x11000D;
constexpr Key control(char letter) {
    return static_cast<Key>(letter) & 0x1FU;
}
} // namespace key

enum class View : std::uint8_t { flows, events };
inline constexpr std::string_view view_names[] = {"flows", "events"};

/// What lies over the view.
enum class Overlay : std::uint8_t { none, help, details, sort };

struct Ui {
    View view = View::flows;
    Overlay overlay = Overlay::none;
    bool paused = false;
    bool bits = true;
    std::chrono::milliseconds interval{1000};

    std::string filter;                 // in force
    std::optional<std::string> editing; // what is being typed in its place
    std::string problem;                // why what is typed is no filter
    std::string message;                // one line for the user, until the next key

    std::string sort = "bytes"; // a column
    bool descending = true;

    std::size_t cursor = 0;     // the place of the selected flow
    std::optional<Flow> chosen; // the flow itself: the cursor stays on it
    std::size_t first = 0;      // the place of the first row on the screen
    std::size_t scrolled = 0;   // events: steps above the newest
    std::size_t choice = 0;     // the line in an overlay
};

/// What the loop has to do after a key.
enum class Effect : std::uint8_t {
    none,
    quit,
    suspend,
    redraw, // all of the screen anew
    look,   // another part of the flows
    rank,   // other flows, or another order
};

/// A key of the live view: a row here is all that it needs.
struct KeyBinding {
    std::array<Key, 4> keys; // 0: unused
    std::string_view shown;  // as the help shows them
    std::string_view help;
    Effect (*run)(Ui& ui, const Picture& picture, Size size);
};

[[nodiscard]] std::span<const KeyBinding> key_table();

/// Takes a key.
Effect update(Ui& ui, Key key, const Picture& picture, Size size);

/// Puts the cursor back onto the flow that it was on, or as near as there is one, and the window
/// around it. Called when the picture has changed.
void settle(Ui& ui, const Picture& picture, Size size);

/// How many rows of flows or steps fit on a screen of this size.
[[nodiscard]] std::size_t list_rows(Size size);

/// The columns that the flows view can show and be sorted by, first the ones that stay longest.
[[nodiscard]] std::span<const std::string_view> live_columns();

} // namespace natstat
