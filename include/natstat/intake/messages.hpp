// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What netlink messages about connections mean, one after the other: the same for those that come
// from the kernel now and for those that were recorded, so that a recording replays as it was.
#pragma once

#include "natstat/model/source.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace natstat {

/// Sees every message of a source, in the order in which the source understands them.
class Tap {
  public:
    Tap() = default;
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;
    virtual ~Tap() = default;

    /// `family` is the netlink family (NETLINK_NETFILTER, NETLINK_ROUTE); `message` one whole
    /// message, its header first. Throws Failure when it can not be kept.
    virtual void message(Time time, int family, std::span<const std::uint8_t> message) = 0;
};

/// Turns messages into events. It knows which list is open, and passes over what does not concern
/// connections or this host's addresses.
class MessageReader {
  public:
    /// Takes one whole message, its header first, in this machine's byte order; up to 3 bytes of
    /// padding may follow it. What it means is appended to `batch`; a message that can not be
    /// understood is counted there.
    void take(Time time, int family, std::span<const std::uint8_t> message, Batch& batch);

    /// What address messages have said so far; absent before the first one. An address that the
    /// host has several times is there several times.
    [[nodiscard]] const std::optional<std::vector<Address>>& local_addresses() const {
        return addresses_;
    }

  private:
    /// The kernel knows an address by these (net/ipv4/devinet.c, net/ipv6/addrconf.c).
    struct Assigned {
        std::uint32_t interface;
        std::uint8_t prefix;
        Address address;
        friend auto operator<=>(const Assigned&, const Assigned&) = default;
    };
    struct Message; // a header, what follows it, and when it came

    // Each is false when the message can not be understood.
    [[nodiscard]] bool take_connections(const Message& message, Batch& batch);
    [[nodiscard]] bool take_request(const Message& message, Batch& batch);
    void take_list_end(const Message& message, Batch& batch);
    [[nodiscard]] bool take_route(const Message& message);
    [[nodiscard]] bool take_address(const Message& message);
    void take_address_list_end(const Message& message);
    void remove(const Assigned& assigned);

    std::optional<std::uint32_t> list_;  // sequence number of the list that is open
    std::optional<std::uint32_t> asked_; // the same of the last question for one flow
    bool whole_ = true;                  // it was asked for everything, and nothing disturbed it
    struct Known {
        std::optional<Address> broadcast;
        bool listed; // by the last list
    };
    std::optional<std::uint32_t> address_list_; // the same of a list of addresses
    bool all_addresses_ = false;                // it was asked for every address
    std::map<Assigned, Known> assigned_;
    std::optional<std::vector<Address>> addresses_;
};

} // namespace natstat
