// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The window of rows: the cursor is a place among all rows of a view, and the picture has those
// around it, a page more than the screen on each side.
#pragma once

#include "natstat/live/first_seen.hpp"
#include "natstat/live/histories.hpp"
#include "natstat/live/recent.hpp"
#include "natstat/live/ui.hpp"

#include <span>
#include <vector>

namespace natstat {

/// Keeps the cursor among `matched` rows, and the first row of the screen so near that the cursor
/// is on one of the `fitting` rows that it has.
void hold_cursor(Position& place, std::size_t matched, std::size_t fitting);

/// Of the picture's rows, those that a screen shows which has room for `fitting` of them.
[[nodiscard]] std::span<const ShownRow> rows_on_screen(const Picture& picture, const Ui& ui,
                                                       std::size_t fitting);

/// Marks the rows of what has changed whose hosts or destinations were never seen before.
void mark_new(Picture& picture, const FirstSeen& known);

/// Fills the picture's rows. All that it is made of outlives it.
class Window {
  public:
    Window(const Tracker& tracker, const Surroundings& around, const FirstSeen& known,
           Recent& recent, Picture& picture, Ui& ui)
        : tracker_(tracker), around_(around), known_(known), recent_(recent), picture_(picture),
          ui_(ui) {}

    /// Puts the rows around the cursor into the picture. A flow that was on the screen and has just
    /// ended stays where it was for a moment, if both filters let it through.
    void look(Ranking& ranked, const Filter& selection, const Filter& filter, Size size);

    /// Called once a second: what the rows move goes into their histories.
    void tick() { histories_.tick(picture_, ui_.opened); }

    /// Forgets what rows moved: it is of another time.
    void forget() { histories_ = {}; }

    /// Whether the picture has all that the screen shows, without another look.
    [[nodiscard]] bool sees_cursor(Size size) const;

    /// Puts in what the tracker knows now of the flows in the window, and of the one that is open.
    void refresh();

    /// The flows on the screen that were last told of before `fresh`.
    [[nodiscard]] std::vector<Flow> older_than(Time fresh, Size size) const;

  private:
    void keep_ended(const std::vector<ShownRow>& before, const Filter& selection,
                    const Filter& filter);
    void refresh(ShownRow& shown) const;

    const Tracker& tracker_;
    const Surroundings& around_;
    const FirstSeen& known_;
    Recent& recent_;
    Picture& picture_;
    Ui& ui_;
    Histories histories_;
};

} // namespace natstat
