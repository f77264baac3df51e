// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the live view remembers from one time to the next, as lines of a name and a value. Where
// they are kept is not known here.
#pragma once

#include "natstat/live/ui.hpp"

#include <string>
#include <string_view>

namespace natstat {

/// The columns and orders of the views, units, names, colours and the interval.
[[nodiscard]] std::string remembered(const Ui& ui);

/// Takes over what the text says. What it does not understand is left as it is, and said: a
/// sentence about the first line like that; empty: all was understood.
[[nodiscard]] std::string recall(Ui& ui, std::string_view text);

} // namespace natstat
