// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What stands before an entry in its line: what loggers, grep, diff, mail and numberers put there.
// Whatever it is, the entry begins where its own words begin; of what stands before only the time
// is taken, where it is a whole one. Private to the room intake.
#pragma once

#include "text_date.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace natstat {

/// Where in the line an entry begins: with the kind of an event, a family and its number, or a
/// protocol and its number. npos where no entry begins.
[[nodiscard]] std::size_t find_entry(std::string_view line);

/// The first time in a prefix that lacks the least.
[[nodiscard]] Stamp read_stamp(std::string_view prefix);

/// Whether this prefix is none, because it ends in a word like "[PARTY]": the kind of an event that
/// is not known, and not the level of a log.
[[nodiscard]] bool hides_a_kind(std::string_view prefix);

/// Whether a diff marks the entry behind this prefix as one that has gone ("-", "<"), or come ("+",
/// ">"); mail marks what it quotes with the latter, too.
enum class DiffMark : std::uint8_t { none, gone, come };
[[nodiscard]] DiffMark diff_mark(std::string_view prefix);

} // namespace natstat
