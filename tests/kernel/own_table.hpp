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

/// A network namespace within the one that enter_own_namespace() made: empty, for this thread and
/// those that it starts. The thread goes back at the end.
class EmptyNamespace {
  public:
    /// Throws std::system_error when the kernel does not make it.
    EmptyNamespace();
    ~EmptyNamespace();
    EmptyNamespace(const EmptyNamespace&) = delete;
    EmptyNamespace& operator=(const EmptyNamespace&) = delete;

  private:
    int before_;
};

/// Both tuples of a flow to make: UDP from 192.0.2.10:PORT to 192.0.2.200:53.
[[nodiscard]] oracle::Attributes udp_flow(std::uint16_t port);

/// A new entry; attributes as in IPCTNL_MSG_CT_NEW. Returns 0 or the kernel's error number.
[[nodiscard]] int insert(std::uint8_t family, const oracle::Attributes& attributes);

/// Gives an entry other attributes. Returns 0 or the kernel's error number.
[[nodiscard]] int change(std::uint8_t family, const oracle::Attributes& attributes);

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
