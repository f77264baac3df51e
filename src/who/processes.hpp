// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Which process has the socket at an end of a flow: of this host, and of the namespaces that are
// linked to it. All sockets are listed at once, so that a table of a million flows is looked at as
// fast as one.
#pragma once

#include "machine.hpp"

#include "natstat/intake/sockets.hpp"
#include "natstat/model/address.hpp"
#include "natstat/table/who.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace natstat {

/// For tables of texts.
struct TextHash {
    HashKey key = run_key();

    [[nodiscard]] std::size_t operator()(std::string_view text) const { return siphash(key, text); }
};

class Processes {
  public:
    Processes() = default;

    /// As it is now. Other users' need CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, other namespaces
    /// CAP_SYS_ADMIN; what can not be seen is left out. Throws Failure.
    explicit Processes(const Machine& machine);

    /// The process whose socket has this end, connected to that one or to nobody in particular.
    [[nodiscard]] std::optional<Who::Process> find(std::uint8_t protocol, const Endpoint& local,
                                                   const Endpoint& remote) const;

  private:
    /// The ends of a socket, in bytes; the remote one is zero for one that is connected to nobody.
    using Key = std::string;
    struct Owner {
        std::uint32_t process;
        std::string name;
    };
    using Owners = std::unordered_map<std::uint32_t, Owner, NumberHash>; // by inode

    static Key key_of(std::uint8_t protocol, const Endpoint& local, const Endpoint& remote);
    void add(const OpenSocket& socket, const Inhabited& there, const Owners& owners);

    std::vector<Owner> owners_;
    std::unordered_map<Key, std::size_t, TextHash> sockets_; // numbers of owners
};

} // namespace natstat
