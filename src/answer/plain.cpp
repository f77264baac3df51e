// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "natstat/answer/plain.hpp"

#include "natstat/answer/printing.hpp"

#include <csignal>
#include <poll.h>
#include <unistd.h>

namespace natstat {

namespace {

/// Where no terminal says how many: two lines above the rows, their titles, twenty rows and the
/// line that is left out.
constexpr Size usual_size{24, 120};

} // namespace

std::string plain_text(const Frame& frame, bool ascii) {
    std::string text = frame.text(ascii);
    if (!text.empty())
        text.pop_back();
    text.erase(text.rfind('\n') + 1); // npos + 1 is 0
    while (text.ends_with("\n\n"))
        text.pop_back();
    return text + "\n";
}

Plain::Plain()
    : size_(usual_size), ascii_(!is_utf8_locale()), output_(STDOUT_FILENO, "standard output") {
    resize();
}

bool Plain::is_ready() const {
    pollfd wanted{STDOUT_FILENO, POLLOUT, 0};
    return poll(&wanted, 1, 0) == 1;
}

void Plain::show(const Frame& frame) {
    output_.put(plain_text(frame, ascii_));
    output_.flush();
}

void Plain::resize() {
    const std::size_t columns = terminal_width();
    size_.columns = columns == 0 ? usual_size.columns : columns;
}

void Plain::suspend() {
    raise(SIGSTOP);
}

} // namespace natstat
