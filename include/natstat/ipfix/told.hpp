// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a collector is told of: an event of the NAT, and the flow that it is about.
#pragma once

#include "natstat/table/column.hpp"

#include <cstdint>

namespace natstat::ipfix {

/// What happened, by the numbers that natEvent has for it (RFC 8158, section 4.3, and IANA's
/// registry). There is none for NAT between IPv6 addresses: its translations are told by those of
/// IPv4's, with IPv6 addresses.
enum class NatEvent : std::uint8_t {
    created_historic = 1, // as it was told before there was an RFC
    deleted_historic = 2,
    created = 4,
    deleted = 5,
    ports_exhausted = 12, // no NAT port is free for the destination of the row's flow
};

struct Told {
    NatEvent event;
    Time time; // Time{}: not known
    const Row& row;

    [[nodiscard]] bool is_of_translation() const { return event != NatEvent::ports_exhausted; }
    [[nodiscard]] bool is_end() const {
        return event == NatEvent::deleted || event == NatEvent::deleted_historic;
    }
};

} // namespace natstat::ipfix
