// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the attributes of a conntrack message must look like, as one table: a second opinion on
// lengths, apart from the decoder and apart from the library. It also says what a message must be
// like for the library to see it, and makes such a message out of one that is not.
#pragma once

#include "message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace natstat::oracle {

/// A message taken apart, or the first fault that the decoder has to find in it.
struct Reading {
    std::uint8_t family = 0; // AF_*, of the nfgenmsg
    Attributes attributes;
    std::optional<std::string> fault; // a wrong length in what natstat reads; empty otherwise
    bool plain = true;                // the library may see it as it is
};

/// Reads the payload of a message.
[[nodiscard]] Reading read_payload(Bytes payload);

/// Why a message without a fault has no flow in it: no original tuple, tuples that do not fit the
/// message or each other. Empty when it has one.
[[nodiscard]] std::optional<std::string> unusable(const Reading& reading);

/// The same message for the library: only what natstat reads, as the library can read it. The
/// reasons are listed in attributes.cpp.
[[nodiscard]] Attributes for_library(const Attributes& attributes);

} // namespace natstat::oracle
