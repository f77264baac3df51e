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
    /// The same before they are summed: for each counter the number of each CPU, in the kernel's
    /// order.
    std::vector<std::vector<std::uint32_t>> of_cpus{};

    /// The counter with this name; absent when this kernel has none.
    [[nodiscard]] std::optional<std::uint64_t> of(std::string_view name) const;
};

/// By how much a counter rose between the two; absent where one of them does not have it.
[[nodiscard]] std::optional<std::uint64_t> rise(const std::optional<Statistics>& before,
                                                const std::optional<Statistics>& after,
                                                std::string_view counter);

/// What a counter counts, as a clause without a full stop; empty for one that is not known.
[[nodiscard]] std::string_view statistic_meaning(std::string_view name);

/// Whether newer kernels have this counter's column still, but write 0 there and count nothing: a 0
/// says nothing then.
[[nodiscard]] bool is_given_up(std::string_view name);

} // namespace natstat
