// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A flow of the bench as the netlink request that makes the kernel create it. It builds the bytes
// and sends nothing.

#pragma once

#include "flows.hpp"

#include <cstddef>
#include <cstdint>

namespace natstat::bench {

/// No request is longer than this.
inline constexpr std::size_t max_request_bytes = 512;

/// Writes the request for `flow` to `buffer`, which holds `max_request_bytes` at least and is
/// aligned to 4. Gives its length, a multiple of 4. The kernel answers only if it refuses, with
/// `sequence`.
[[nodiscard]] std::size_t put_request(char* buffer, const BenchFlow& flow, std::uint32_t sequence);

} // namespace natstat::bench
