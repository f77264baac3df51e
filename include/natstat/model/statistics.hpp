// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The counters that connection tracking keeps for itself, under the kernel's own names: what could
// not be inserted, what was dropped. Which there are differs from kernel to kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace natstat {

/// The counters of one network namespace since it was made, summed over the CPUs. The kernel keeps
/// 32 bits for each CPU, which wrap.
struct Statistics {
    struct Counter {
        std::string name; // lower case letters, digits and _
        std::uint64_t value = 0;
        friend bool operator==(const Counter&, const Counter&) = default;
    };
    std::vector<Counter> counters; // in the kernel's order; none twice
    std::size_t cpus = 0;

    /// The counter with this name; absent when this kernel has none.
    [[nodiscard]] std::optional<std::uint64_t> of(std::string_view name) const;
};

/// What a counter counts, as a clause without a full stop; empty for one that is not known.
[[nodiscard]] std::string_view statistic_meaning(std::string_view name);

} // namespace natstat
