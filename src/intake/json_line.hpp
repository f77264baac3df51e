// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One line of JSON, taken apart into the fields that natstat writes. What they mean together is
// json_flow.cpp's.
#pragma once

#include "natstat/model/address.hpp"
#include "natstat/model/flow.hpp"
#include "natstat/model/source.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace natstat {

/// The two ends of a tuple, as far as a line names them.
struct JsonTuple {
    std::optional<Address> source, destination;
    std::optional<std::uint16_t> source_port, destination_port;
};

/// The fields of a line; what it does not have, or has as null, is absent. Texts are of the line.
struct JsonFields {
    std::optional<Time> time;
    std::optional<Time> run;
    std::optional<std::string_view> event, kind, state, was, ending, told, helper, secctx, filter;
    std::optional<std::uint8_t> protocol;
    std::optional<Family> family;
    std::optional<Address> source, gateway, destination;
    std::optional<std::uint16_t> source_port, gateway_port, destination_port;
    JsonTuple original, reply;
    std::optional<std::uint32_t> status; // IPS_* bits
    std::optional<std::uint64_t> lost, packets_up, packets_down, bytes_up, bytes_down;
    std::optional<std::uint32_t> timeout, age; // seconds
    std::optional<std::uint32_t> mark, id;
    std::optional<std::chrono::nanoseconds> held;
    std::optional<std::uint16_t> zone, original_zone, reply_zone;
    std::optional<std::uint8_t> icmp_type, icmp_code; // of the original tuple
    std::optional<std::array<std::uint8_t, 16>> labels;
    std::vector<std::pair<Extras::Known, std::string>> known;
};

/// Reads a whole JSON object of a few levels at most, in place; a 0 is behind the last character of
/// `line`. Names that are not known are passed over. The answer is what is wrong, empty for
/// nothing.
[[nodiscard]] std::string read_json_fields(char* line, JsonFields& fields);

} // namespace natstat
