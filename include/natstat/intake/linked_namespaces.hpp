// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The network namespaces that hang on this one by an interface whose other end is in them (veth and
// its like), as rtnetlink tells them, and the addresses in them: without entering any. A namespace
// with the same addresses that hangs on another one is never among them.
#pragma once

#include "natstat/model/address.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace natstat {

class LinkedNamespaces {
  public:
    /// The number that this namespace has for another one (RTM_GETNSID, network_namespaces(7)).
    using Id = std::int32_t;

    /// Looks at this namespace's interfaces. Throws Failure.
    LinkedNamespaces();
    ~LinkedNamespaces();
    LinkedNamespaces(const LinkedNamespaces&) = delete;
    LinkedNamespaces& operator=(const LinkedNamespaces&) = delete;

    /// Of each process, in this order: absent where it is gone, or in no namespace that is linked.
    [[nodiscard]] std::vector<std::optional<Id>>
    of_processes(std::span<const std::uint32_t> processes);
    /// Of the namespaces that open files stand for.
    [[nodiscard]] std::vector<std::optional<Id>> of_files(std::span<const std::uint32_t> files);

    /// The addresses in it that others can reach. Needs CAP_NET_ADMIN; none where that is missing,
    /// or the namespace is gone.
    [[nodiscard]] std::vector<Address> addresses(Id id);
    /// All addresses in this namespace itself.
    [[nodiscard]] std::vector<Address> own_addresses();

    using Mac = std::array<std::uint8_t, 6>;
    /// Addresses and who answers for them on the links of this namespace.
    [[nodiscard]] std::vector<std::pair<Address, Mac>> neighbours();

  private:
    struct Conversation;
    std::unique_ptr<Conversation> conversation_;
};

} // namespace natstat
