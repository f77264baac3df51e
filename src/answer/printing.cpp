// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Set up in one place for lists, groups and steps.
#include "natstat/answer/printing.hpp"

#include <clocale>
#include <cstdlib>
#include <cstring>
#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace natstat {

std::size_t terminal_width() {
    winsize size{};
    return isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col
                                                                                      : 0;
}

bool is_utf8_locale() {
    const locale_t locale = newlocale(LC_CTYPE_MASK, "", nullptr);
    if (locale == nullptr)
        return false;
    const bool utf8 = std::strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return utf8;
}

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
    if (!is_table())
        return;
    style_.color = wants_color(look.color);
    style_.width = look.wide ? 0 : terminal_width();
    style_.text.ascii = !is_utf8_locale();
}

} // namespace natstat
