// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The three readings against each other. The library is asked only where no fault was found: it is
// not made for malformed messages.
#include "check.hpp"

#include "attributes.hpp"
#include "library.hpp"

#include "natstat/intake/decoder.hpp"

#include <algorithm>
#include <memory>

namespace natstat::oracle {

Outcome check_payload(Bytes payload) {
    const std::unique_ptr<std::uint8_t[]> copy(new std::uint8_t[payload.size()]);
    std::copy(payload.begin(), payload.end(), copy.get());
    Flow flow;
    ExtrasPool extras;
    Outcome outcome;
    outcome.accepted = decode_flow({copy.get(), payload.size()}, flow, extras);

    const Reading reading = read_payload(payload);
    const auto reason = reading.fault ? reading.fault : unusable(reading);
    if (outcome.accepted && reason)
        outcome.wrong.push_back("natstat takes what it should refuse: " + *reason);
    if (!outcome.accepted && !reason)
        outcome.wrong.emplace_back("natstat refuses a message without a fault");
    if (!outcome.accepted || reason)
        return outcome;
    outcome.plain = reading.plain;
    outcome.wrong = differences(flow, extras[flow.extras], ask_library(reading, payload));
    return outcome;
}

} // namespace natstat::oracle
