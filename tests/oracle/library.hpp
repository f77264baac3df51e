// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What libnetfilter_conntrack reads in a message, and where a flow that natstat decoded from the
// same message says something else. Only what version 1.0.8 of the library has is used.
#pragma once

#include "attributes.hpp"

#include "natstat/model/flow.hpp"

#include <memory>
#include <string>
#include <vector>

#include <libnetfilter_conntrack/libnetfilter_conntrack.h>

namespace natstat::oracle {

struct Destroy {
    void operator()(nf_conntrack* object) const { nfct_destroy(object); }
};
using Object = std::unique_ptr<nf_conntrack, Destroy>;

/// A message in the library's words. It keeps one ICMP id, type and code for both tuples (and the
/// master's), so each tuple is read a second time by itself, as an original one.
struct Answer {
    Object whole;
    Object original;
    Object reply;
    bool understood = false; // false: it refused the message
};

/// Has the library read a message in which read_payload() found no fault. With a fault it must not
/// be asked: it would read out of bounds or end the process.
[[nodiscard]] Answer ask_library(const Reading& reading, Bytes payload);

/// Every field in which the flow and the library differ, with both values; empty when they agree.
/// `extras` are the flow's. What one has and the other has not is a difference, too; the few
/// exceptions are listed in differences.cpp.
[[nodiscard]] std::vector<std::string> differences(const Flow& flow, const Extras& extras,
                                                   const Answer& answer);

} // namespace natstat::oracle
