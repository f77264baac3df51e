// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What can not be asked for together.
#pragma once

#include "natstat/ask/options.hpp"

namespace natstat {

/// What is wrong with these options beside each other, if anything. Known from the options alone,
/// before anything is opened, entered or looked up.
[[nodiscard]] std::optional<UsageError> contradiction(const Options& options);

} // namespace natstat
