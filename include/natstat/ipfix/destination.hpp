// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Where messages go, as a user writes it: udp:HOST:PORT, tcp:HOST:PORT or file:NAME.
#pragma once

#include "natstat/model/address.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace natstat::ipfix {

struct Destination {
    enum class Way : std::uint8_t { udp, tcp, file };

    Way way = Way::udp;
    std::string name;          // of a host or a file, as it was written; "-": standard output
    Address address;           // of the host; none where it is a name that nobody has looked up yet
    std::uint16_t port = 4739; // IANA's for IPFIX

    /// "udp:192.0.2.9:4739", for messages.
    [[nodiscard]] std::string text() const;
};

/// Reads "[udp:|tcp:]HOST[:PORT]", with IPv6 addresses in brackets where a port follows, or
/// "file:NAME". The error is a sentence.
[[nodiscard]] std::variant<Destination, std::string> parse_destination(std::string_view text);

} // namespace natstat::ipfix
