// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The literals of the filter language: numbers with units, times, ports, addresses. The same
// readers serve filters, comparisons with columns, and the lists of options.
#pragma once

#include "tree.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace natstat {

/// What was read, or a sentence that says why it was not.
template <typename T>
using Reading = std::variant<T, std::string>;

/// A number of this kind (count, bytes, rate, duration, time, hex), a range "a-b" of them, or, of
/// hex, "value/mask". Durations are in seconds; a time is what read_moment() takes. A rate becomes
/// bytes a second: "1Mb" and "1Mbit" are bits, "1MB" bytes, and without a unit `bits` says which.
[[nodiscard]] Reading<MaskedRange> read_number(std::string_view text, Kind kind, bool bits);

/// A moment as "2026-11-22", "2026-11-22T05:10" or "2026-11-22 05:10:11.5", local time unless "Z",
/// "+01:00" or "-0530" is behind it, or "@1795324211.5", as nanoseconds of Unix time: all of the
/// day, minute, second or fraction that it names.
[[nodiscard]] Reading<MaskedRange> read_moment(std::string_view text);

/// A port, a range "a-b", or a service's name for this protocol (0: any).
[[nodiscard]] Reading<std::vector<PortRange>>
read_ports(std::string_view text, std::uint8_t protocol, const FilterNames& names);

/// An address, a network or a host's name, each with ":ports" behind it or without; IPv6 with ports
/// in brackets.
[[nodiscard]] Reading<std::vector<EndPattern>>
read_ends(std::string_view text, std::uint8_t protocol, const FilterNames& names);

/// A network; of IPv4 the last numbers may be left out ("10.1" is 10.1.0.0/16), as tcpdump has it.
[[nodiscard]] Reading<AddressRange> read_network(std::string_view text);

/// Whether the text can be read as an end without asking for a host's name.
[[nodiscard]] bool looks_like_end(std::string_view text);

} // namespace natstat
