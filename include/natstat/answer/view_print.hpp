// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The view that is on the screen, whole, for a file.
#pragma once

#include "natstat/live/picture.hpp"
#include "natstat/live/ranking.hpp"
#include "natstat/live/ui.hpp"
#include "natstat/print/output.hpp"

#include <functional>
#include <string_view>

namespace natstat {

/// Prints all rows of the view, in the columns that the screen would have if it were wide enough
/// and in the format that the end of `path` stands for. `ranking` is asked for the rows of a view
/// that has an order; it need not have begun.
void print_view(Output& output, std::string_view path, const Ui& ui, const Picture& picture,
                const Surroundings& around, const std::function<Ranking()>& ranking);

} // namespace natstat
