// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the program says of itself on standard error, and the name under which it does.
#pragma once

#include <string_view>

namespace natstat {

/// "natstat", or "netstat-nat" where it stands in for that and was started by its name.
[[nodiscard]] std::string_view program_name();

/// One line on standard error: what leaves the answer useful, or why there is none.
/// What a terminal would act on, of names and arguments that it quotes, is made visible here.
void complain(std::string_view text);

} // namespace natstat
