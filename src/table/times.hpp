// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Values of columns that are spans of time of a flow. Private to the room table.
#pragma once

#include "natstat/table/column.hpp"

namespace natstat::times {

/// When the flow began: by its age or time stamp, or because that was seen; absent: not known.
[[nodiscard]] std::optional<Time> began(const Row& row);
/// Until it expires.
[[nodiscard]] Value timeout(const Row& row);
/// Since it began.
[[nodiscard]] Value age(const Row& row);
/// In its state; of a step: in the state that it left.
[[nodiscard]] Value held(const Row& row);
/// Since its last packet.
[[nodiscard]] Value idle(const Row& row);

} // namespace natstat::times
