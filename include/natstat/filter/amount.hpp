// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Amounts as people write them, in filters and in options.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace natstat {

/// Reads "4096", "1.5M" or "20Gi" as bytes; k, M, G and T are powers of 1000. The error is a
/// sentence.
[[nodiscard]] std::variant<std::uint64_t, std::string> parse_bytes(std::string_view text);

} // namespace natstat
