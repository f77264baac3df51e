// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Messages that the recording has not: DCCP, which Linux has no more, security contexts, which need
// a kernel with SELinux or the like, and odd but well-formed ones. They are laid out as the kernel
// lays out its own.
#pragma once

#include "message.hpp"

#include <vector>

namespace natstat::oracle {

/// Their payloads. None has a fault, and the decoder has to take each.
[[nodiscard]] std::vector<std::vector<std::uint8_t>> handmade_payloads();

} // namespace natstat::oracle
