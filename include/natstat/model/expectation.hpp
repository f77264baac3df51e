// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A connection that the kernel waits for, because a helper has read in another one that it will
// come: the data of FTP, the voice of SIP. The first packet that fits becomes a flow of its own.
#pragma once

#include "natstat/model/flow.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace natstat {

/// The names of a combination of an expectation's flags, NF_CT_EXPECT_* of
/// linux/netfilter/nf_conntrack_common.h, with commas; of those that have none, nothing.
[[nodiscard]] std::string_view expectation_flags(std::uint32_t flags);

/// What was not said is absent. Of a tuple that was not said the flow has no Part::original.
struct Expectation {
    Flow flow;     // the tuple that is waited for, as an original one; timeout, zone and id
    Flow mask;     // the bits of it that have to fit: of its source; of the rest all do
    Flow master;   // the original tuple of the connection in which it was read
    Flow saved;    // NAT: the source is where the helper's own side said it would be
    Extras extras; // the helper
    std::optional<Direction> direction; // NAT: in which the new connection is to the master
    std::optional<std::uint32_t> flags;
    std::optional<std::uint32_t> number; // of its class, in the helper
    std::string function{};              // that the kernel runs on its first packet
};

} // namespace natstat
