// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Names of ports, from the system's table of services. The table is read once, at the first
// question; after that a name is a look-up in memory.
#pragma once

#include "natstat/model/siphash.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace natstat {

/// A line of the table of services, or one of its aliases.
struct Service {
    std::string name;
    std::uint16_t port = 0;
    std::uint8_t protocol = 0; // IANA's number
    bool alias = false;        // finds the port, but is not shown for it
};

/// Both ways between ports and service names. UDP-Lite has no services of its own in the usual
/// tables and shares those of UDP.
class ServiceNames {
  public:
    /// The system's table (services(5), and whatever else the system is configured to ask).
    ServiceNames() = default;

    /// This table; the upper entry counts where two have the same port and protocol.
    explicit ServiceNames(std::vector<Service> services);

    /// The name of a port; empty when it has none. Lives as long as this object.
    [[nodiscard]] std::string_view name(std::uint16_t port, std::uint8_t protocol) const;

    /// The ports that have this name or alias, ascending, each once; `protocol` 0 is any.
    [[nodiscard]] std::vector<std::uint16_t> ports(std::string_view name,
                                                   std::uint8_t protocol) const;

  private:
    struct Table {
        std::vector<Service> services;
        std::unordered_map<std::uint32_t, std::string, NumberHash> names; // by protocol and port
    };

    [[nodiscard]] static Table index(std::vector<Service> services);
    [[nodiscard]] const Table& table() const;

    mutable std::optional<Table> table_; // filled at the first question
};

} // namespace natstat
