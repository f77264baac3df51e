// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// IP addresses, networks and endpoints as values: parsed from and written to text without
// allocating. Nothing here resolves a name; that is the room names.
#pragma once

#include "natstat/model/siphash.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace natstat {

enum class Family : std::uint8_t { none, ipv4, ipv6 };

/// An IPv4 or IPv6 address in network byte order; IPv4 uses the first four bytes and keeps the rest
/// zero, so that equality and order (family, then numeric) are those of the bytes.
struct Address {
    Family family = Family::none;
    std::array<std::uint8_t, 16> bytes{};

    friend auto operator<=>(const Address&, const Address&) = default;
};

struct AddressHash {
    HashKey key = run_key();

    [[nodiscard]] std::size_t operator()(const Address& address) const noexcept;
};

/// Bytes that an address of this family has: 4, 16, or 0 for none.
[[nodiscard]] constexpr std::size_t address_size(Family family) {
    return family == Family::ipv4 ? 4 : family == Family::ipv6 ? 16 : 0;
}

/// The address whose network-order bytes these are; the family's size is read from `bytes`.
[[nodiscard]] Address make_address(Family family, const std::uint8_t* bytes);

/// Reads "192.0.2.1" or "2001:db8::1" (no brackets, no zone index); nothing else is an address.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);

/// Room for the text of an address and of an endpoint ("[v6]:65535"). The longest texts are 39 and
/// 47 characters; writing may touch a few bytes beyond what it wrote, within this room.
inline constexpr std::size_t address_text_max = 45;
inline constexpr std::size_t endpoint_text_max = address_text_max + 8;

/// Writes the address in its canonical form (RFC 5952 for IPv6) to `out`, which must have room for
/// address_text_max characters; returns the end of what was written. Family::none writes nothing.
char* write_address(char* out, const Address& address);

[[nodiscard]] std::string to_text(const Address& address);

/// A CIDR block. The base is masked to the prefix.
struct Network {
    Address base;
    unsigned prefix = 0;

    [[nodiscard]] bool contains(const Address& address) const;
    friend bool operator==(const Network&, const Network&) = default;
};

/// The network of this length that the address is in; the family's length is the longest.
[[nodiscard]] Network network_of(const Address& address, unsigned prefix);

/// Reads "192.0.2.0/24", "2001:db8::/32", or a lone address as a network of one. Bits beyond the
/// prefix are dropped, as tools for networks commonly do.
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);

/// An address and, where the protocol has one, a port (ICMP: the echo id; GRE: the key).
struct Endpoint {
    Address address;
    std::optional<std::uint16_t> port;

    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

/// Writes "192.0.2.1:80", "[2001:db8::1]:80", or the bare address when there is no port; `out` must
/// have room for endpoint_text_max characters; returns the end.
char* write_endpoint(char* out, const Endpoint& endpoint);

[[nodiscard]] std::string to_text(const Endpoint& endpoint);

/// Reads "addr", "addr:port" (IPv4), "[v6]" or "[v6]:port". The port is decimal.
[[nodiscard]] std::optional<Endpoint> parse_endpoint(std::string_view text);

} // namespace natstat
