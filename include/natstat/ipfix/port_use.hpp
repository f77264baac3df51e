// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How many NAT ports are in use for each destination, kept up to date step by step, to notice when
// the last one is taken.
#pragma once

#include "natstat/table/groups.hpp"

#include <array>
#include <string_view>
#include <unordered_map>

namespace natstat::ipfix {

class PortUse {
  public:
    explicit PortUse(PortPool pool) : pool_(pool) {}

    /// Counts the row's flow, which has come. True when with it all ports of its destination have
    /// come into use; not again before a tenth of them has been free.
    bool add(const Row& row);

    /// The row's flow has gone.
    void remove(const Row& row);

    void clear() { uses_.clear(); }

  private:
    /// The NAT address and what is on the other side of it, for which a port is in use once: in the
    /// zone of the reply tuple.
    using Key = std::array<char, 38>;
    struct KeyHash {
        [[nodiscard]] std::size_t operator()(const Key& key) const {
            return siphash(run_key(), std::string_view(key.data(), key.size()));
        }
    };
    struct Use {
        std::uint32_t ports = 0;
        bool told = false;
    };
    [[nodiscard]] static Key key_of(const Flow& flow);

    PortPool pool_;
    std::unordered_map<Key, Use, KeyHash> uses_;
};

} // namespace natstat::ipfix
