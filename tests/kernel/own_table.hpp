// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A conntrack table of the test's own: a new network namespace for this process, entries put into
// it over netlink, and requests sent as they are. Nothing here goes through natstat but the
// decoder.
#pragma once

#include "natstat/model/flow.hpp"
#include "tests/oracle/message.hpp"

#include <set>
#include <string>
#include <vector>

namespace natstat::test {

/// Moves this process into a new network namespace, once; later calls do nothing. Where that is not
/// allowed, says so on standard error and ends the process with 77, which a test harness counts as
/// skipped.
void enter_own_namespace();

/// A new entry; attributes as in IPCTNL_MSG_CT_NEW. Returns 0 or the kernel's error number.
[[nodiscard]] int insert(std::uint8_t family, const oracle::Attributes& attributes);

/// Deletes the entry with this CTA_TUPLE_ORIG. Returns 0 or the kernel's error number.
[[nodiscard]] int remove(std::uint8_t family, const oracle::Attribute& original);

/// What the kernel answers to a dump request.
struct Answer {
    int error = 0; // errno that it refused with
    std::vector<Flow> flows;

    /// The ids of the flows; an entry that came twice is there once.
    [[nodiscard]] std::set<std::uint32_t> ids() const;
};

/// Sends a request with its header and reads the whole answer. Throws std::system_error when the
/// socket fails.
[[nodiscard]] Answer ask(std::vector<std::uint8_t> request);

/// A dump request of this family with these attributes.
[[nodiscard]] std::vector<std::uint8_t> dump_request(std::uint8_t family,
                                                     const oracle::Attributes& attributes);

/// Whether the running kernel is this version or later.
[[nodiscard]] bool kernel_is_at_least(int major, int minor);

} // namespace natstat::test
