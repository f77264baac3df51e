// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Only these two names are ever shown: a link or an exec may call the program anything.
#include "natstat/ask/complain.hpp"

#include "natstat/model/utf8.hpp"

#include <cerrno>
#include <iostream>

namespace natstat {

std::string_view program_name() {
    constexpr std::string_view old_name = "netstat-nat";
    return program_invocation_short_name == old_name ? old_name : "natstat";
}

void complain(std::string_view text) {
    std::cerr << program_name() << ": " << without_controls(text) << '\n';
}

} // namespace natstat
