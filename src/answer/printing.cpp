// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Set up in one place for lists, groups and steps.
#include "natstat/answer/printing.hpp"

#include <cstdlib>
#include <unistd.h>

namespace natstat {

bool wants_color(When when) {
    const char* no_color = std::getenv("NO_COLOR");
    return when == When::always || (when == When::automatic && isatty(STDOUT_FILENO) != 0 &&
                                    (no_color == nullptr || *no_color == '\0'));
}

Printing::Printing(const Look& look) : look_(look) {
    if (look.names)
        naming_.emplace(*look.names);
    style_.header = look.header;
    style_.text.naming = naming();
}

} // namespace natstat
