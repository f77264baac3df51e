// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Information elements: what a record can have, each a row of one table. What a record has of them
// makes its template.
#pragma once

#include "natstat/ipfix/told.hpp"

#include <span>
#include <string_view>
#include <variant>

namespace natstat::ipfix {

/// What an element has to say; nothing where that is not known, or not of such an event: the record
/// is without it then, for there is no number that means so.
struct Nothing {};
using Content = std::variant<Nothing, std::uint64_t, Address>;

/// An element: a row of the table is all that is needed of it.
struct Element {
    std::uint16_t id;   // in IANA's registry of IPFIX information elements
    std::uint16_t size; // bytes; big-endian where it is a number
    std::string_view name;
    std::string_view help;
    Content (*of)(const Told& told);
};

/// In the order that they have in records.
[[nodiscard]] std::span<const Element> elements();

} // namespace natstat::ipfix
