// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The names that hosts of a LAN told the DHCP server when they were given their addresses, out of
// its files. Reads texts, and no file. Names are what a host calls itself, and nobody has checked
// them.
#pragma once

#include "natstat/model/address.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace natstat {

/// Later entries of an address take the place of earlier ones.
using LeasedNames = std::unordered_map<Address, std::string, AddressHash>;

/// dnsmasq.leases: "EXPIRY MAC ADDRESS NAME CLIENT", IPv6 below a line "duid".
void take_dnsmasq_leases(std::string_view text, LeasedNames& names);
/// dhcpd.leases(5) and dhcpd6.leases of ISC's server: the leases that are active.
void take_isc_leases(std::string_view text, LeasedNames& names);
/// Kea's lease files: CSV whose first line has the names of its columns.
void take_kea_leases(std::string_view text, LeasedNames& names);
/// libvirt's *.status: JSON with "ip-address" and "hostname".
void take_libvirt_leases(std::string_view text, LeasedNames& names);

using Mac = std::array<std::uint8_t, 6>;
/// ethers(5): a hardware address and a name a line.
[[nodiscard]] std::map<Mac, std::string> parse_ethers(std::string_view text);

/// "52:54:00:12:34:56"
[[nodiscard]] std::string to_text(const Mac& mac);
[[nodiscard]] std::optional<Mac> parse_mac(std::string_view text);

} // namespace natstat
