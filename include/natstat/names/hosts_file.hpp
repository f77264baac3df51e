// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Host names from outside, made fit to show, and the hosts file as a table. What a name server says
// is up to whoever owns the address: only plain host name characters are let through. Pure: reads
// no file and asks nobody.
#pragma once

#include "natstat/model/address.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

namespace natstat {

/// The name without its final dot when it is fit to show, else nothing. Fit: at most 253 characters
/// in labels of 1 to 63 letters, digits, '-' and '_'; no '-' in front; and not something that reads
/// as an address (a last label of digits alone), since that would pass for another host.
/// The answer is a part of `text` and lives as long.
[[nodiscard]] std::string_view clean_host_name(std::string_view text);

/// The name in the DNS under which the name of an address stands: "1.2.0.192.in-addr.arpa". Empty
/// for Family::none.
[[nodiscard]] std::string reverse_name(const Address& address);

using HostsTable = std::unordered_map<Address, std::string, AddressHash>;

/// The first name of each address in the text of a hosts file; where an address stands twice, the
/// upper line counts. Lines that are not an address and a clean name are passed over.
[[nodiscard]] HostsTable parse_hosts(std::string_view text);

} // namespace natstat
