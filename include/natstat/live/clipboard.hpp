// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Copying through the terminal, which works over ssh(1), too: OSC 52 of xterm's control sequences.
#pragma once

#include <string>
#include <string_view>

namespace natstat {

/// RFC 4648, with padding.
[[nodiscard]] std::string base64(std::string_view bytes);

/// What asks a terminal to put this text into the clipboard. It does not answer; one that does not
/// know the sequence ignores it.
[[nodiscard]] std::string clipboard_sequence(std::string_view text);

} // namespace natstat
