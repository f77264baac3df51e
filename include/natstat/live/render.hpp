// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The picture as a frame. Pure: equal arguments give equal frames.
#pragma once

#include "natstat/live/ui.hpp"

namespace natstat {

/// Draws the screen; every size works, from nothing up.
[[nodiscard]] Frame render(const Picture& picture, const Ui& ui, Size size);

} // namespace natstat
