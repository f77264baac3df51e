// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which mode the options ask for, and whether it can do something with all of them.
#pragma once

#include "natstat/ask/options.hpp"

namespace natstat {

/// The mode that options ask for: of several the first in the table that no other of them takes as
/// an option of its own, as --events does --write.
[[nodiscard]] Mode mode_of(std::span<const Option* const> given);

/// What is wrong with these options beside each other, if anything. Known from the options alone,
/// before anything is opened, entered or looked up.
[[nodiscard]] std::optional<UsageError> contradiction(const Options& options);

} // namespace natstat
