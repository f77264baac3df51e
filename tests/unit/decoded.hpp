// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the tests of the decoder share: the flow of a payload, and a message with everything in it.
#pragma once

#include "natstat/intake/decoder.hpp"
#include "tests/catch.hpp"
#include "tests/oracle/parts.hpp"

#include <algorithm>
#include <memory>
#include <optional>

namespace natstat::test {

using namespace natstat::oracle;

using Payload = std::vector<std::uint8_t>;

struct Decoded {
    Flow flow;
    Extras extras;
};

/// The flow of a payload, read from a copy without a byte to spare: a sanitizer sees a step
/// outside.
[[nodiscard]] inline std::optional<Decoded> decode(Bytes payload) {
    const std::unique_ptr<std::uint8_t[]> copy(new std::uint8_t[payload.size()]);
    std::copy(payload.begin(), payload.end(), copy.get());
    Decoded decoded;
    ExtrasPool pool;
    if (!decode_flow({copy.get(), payload.size()}, decoded.flow, pool))
        return std::nullopt;
    decoded.extras = pool[decoded.flow.extras];
    return decoded;
}

[[nodiscard]] inline std::optional<Decoded> decode(const Attributes& attributes,
                                                   std::uint8_t family = AF_INET) {
    return decode(payload_with(family, attributes));
}

/// The flow of a message that must have one.
[[nodiscard]] inline Decoded decoded(const Attributes& attributes, std::uint8_t family = AF_INET) {
    const auto result = decode(attributes, family);
    REQUIRE(result);
    return *result;
}

/// The tuples of a TCP flow and more.
[[nodiscard]] inline Attributes tcp_and(const Attributes& more) {
    return joined(tuples(AF_INET, protocol::tcp), more);
}

[[nodiscard]] inline Attribute original(const Attributes& inside) {
    return nest(CTA_TUPLE_ORIG, inside);
}

[[nodiscard]] inline std::string ends_of(const Flow& flow, Direction direction) {
    const Tuple tuple = flow.tuple(direction);
    return to_text(tuple.source) + " " + to_text(tuple.destination);
}

/// A message with every attribute that is read.
[[nodiscard]] inline Attributes everything() {
    return tcp_and(
        {number<std::uint32_t>(CTA_STATUS, 0x18E), number<std::uint32_t>(CTA_TIMEOUT, 300),
         number<std::uint32_t>(CTA_MARK, 0xDEADBEEF), number<std::uint32_t>(CTA_ID, 0x89ABCDEF),
         counters(CTA_COUNTERS_ORIG, 0xFFFFFFFFFFFFFFFF, 0x0123456789ABCDEF),
         counters(CTA_COUNTERS_REPLY, 7, 0), state_in(CTA_PROTOINFO_TCP, 3),
         nest(CTA_TIMESTAMP,
              {number<std::uint64_t>(CTA_TIMESTAMP_START, 1'700'000'000'123'999'999)}),
         nest(CTA_HELP, {text(CTA_HELP_NAME, "ftp")}),
         nest(CTA_SECCTX, {text(CTA_SECCTX_NAME, "system_u:object_r:t:s0")}),
         leaf(CTA_LABELS, {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80}),
         number<std::uint16_t>(CTA_ZONE, 0xFEFF)});
}

/// The attribute at a path of types; the test knows that it is there.
[[nodiscard]] inline Attribute& at_path(Attributes& attributes, std::initializer_list<int> path) {
    Attributes* level = &attributes;
    Attribute* found = nullptr;
    for (const int type : path) {
        const auto place =
            std::find_if(level->begin(), level->end(),
                         [type](const Attribute& each) { return each.type() == type; });
        REQUIRE(place != level->end());
        found = &*place;
        level = &found->inside;
    }
    return *found;
}

} // namespace natstat::test
