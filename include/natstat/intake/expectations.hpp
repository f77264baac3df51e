// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the kernel's helpers expect, as conntrack -L expect shows it.
#pragma once

#include "natstat/model/expectation.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace natstat {

struct ExpectationList {
    std::vector<Expectation> expectations;
    bool whole = true;
    std::uint64_t odd = 0;     // messages that were not understood
    std::uint64_t foreign = 0; // and those that another process sent
};

/// Those of the network namespace that the process is in; needs CAP_NET_ADMIN. Throws Failure.
[[nodiscard]] ExpectationList list_expectations();

/// Decodes the payload of a message about an expectation (what follows its nlmsghdr: nfgenmsg and
/// CTA_EXPECT_*, linux/netfilter/nfnetlink_conntrack.h) into a fresh `expectation`. False when a
/// length is wrong, or when there is no tuple of the message's family.
[[nodiscard]] bool decode_expectation(std::span<const std::uint8_t> payload,
                                      Expectation& expectation);

} // namespace natstat
