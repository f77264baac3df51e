// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What can be known of the ends of flows beside what the kernel's table tells: the seam between the
// columns that show it and the room who, which finds it out.
#pragma once

#include "natstat/model/address.hpp"
#include "natstat/model/source.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace natstat {

/// A set of what is to be known; each takes reading of its own, and is read where a column asks for
/// it.
enum class Knowledge : std::uint8_t {
    nothing = 0,
    networks = 1U << 0,  // lists of networks
    owners = 1U << 1,    // databases of who has an address, and where
    workloads = 1U << 2, // who has an address on this machine or its LAN
    processes = 1U << 3, // who has a socket on this machine
};

constexpr Knowledge operator|(Knowledge a, Knowledge b) {
    return static_cast<Knowledge>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr Knowledge& operator|=(Knowledge& a, Knowledge b) {
    return a = a | b;
}
constexpr Knowledge without(Knowledge set, Knowledge part) {
    return static_cast<Knowledge>(static_cast<unsigned>(set) & ~static_cast<unsigned>(part));
}
constexpr bool has(Knowledge set, Knowledge part) {
    return (static_cast<unsigned>(set) & static_cast<unsigned>(part)) != 0;
}

/// What is true of a running machine alone, and changes while it is looked at.
inline constexpr Knowledge of_machine = Knowledge::workloads | Knowledge::processes;

/// Answers are empty where nothing is known, and live as long as this. Texts come from outside as
/// they are. Several threads may ask at a time.
class Who {
  public:
    /// A range of a provider's: what it is for, and where.
    struct Range {
        std::string_view service;
        std::string_view region;
    };

    struct Process {
        std::string_view name;
        std::uint32_t id = 0;
    };

    Who() = default;
    Who(const Who&) = delete;
    Who& operator=(const Who&) = delete;
    virtual ~Who() = default;

    [[nodiscard]] virtual Range range(const Address& address) const = 0;
    /// The name that a list gives to its network.
    [[nodiscard]] virtual std::string_view network(const Address& address) const = 0;
    /// Of the autonomous system that announces it.
    [[nodiscard]] virtual std::string_view owner(const Address& address) const = 0;
    [[nodiscard]] virtual std::optional<std::uint32_t> as_number(const Address& address) const = 0;
    /// ISO 3166's two letters.
    [[nodiscard]] virtual std::string_view country(const Address& address) const = 0;
    /// Who had it when a flow began; absent: now.
    [[nodiscard]] virtual std::string_view workload(const Address& address,
                                                    std::optional<Time> began) const = 0;
    /// Whose socket has this end and is connected to that one.
    [[nodiscard]] virtual std::optional<Process>
    process(std::uint8_t protocol, const Endpoint& local, const Endpoint& remote) const = 0;

    /// Takes in what has changed. For a view that goes on, often; it never waits for long. Nobody
    /// may ask meanwhile.
    virtual void refresh() = 0;
};

} // namespace natstat
