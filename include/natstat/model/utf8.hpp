// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Text from outside as characters, and what of it a terminal would act on.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace natstat {

/// Bytes of the UTF-8 sequence that begins there (RFC 3629), 0 when there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text, std::size_t at);

/// Whether a control character begins there: C0, DEL, or C1 in UTF-8.
[[nodiscard]] bool is_control(std::string_view text, std::size_t at);

/// The text with `\xNN` in the place of control characters other than line feeds, and of bytes that
/// are no UTF-8.
[[nodiscard]] std::string without_controls(std::string_view text);

} // namespace natstat
