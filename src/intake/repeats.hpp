// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Entries that the kernel lists a second time. It walks the hash table bucket by bucket between our
// reads; when the entry at which it stopped is gone, it walks that bucket again
// (ctnetlink_dump_table, net/netfilter/nf_conntrack_netlink.c), and what stood before the entry
// comes once more, at the beginning of the next read.
#pragma once

#include "natstat/model/source.hpp"

#include <cstddef>
#include <vector>

namespace natstat {

class Repeats {
  public:
    /// Takes out of the batch, whose events from `first` on are what one read gave, those that the
    /// last read that gave something ended with.
    void drop(Batch& batch, std::size_t first);

    /// Another list begins.
    void clear() { last_.clear(); }

  private:
    std::vector<Flow> last_; // the last flows of that read
};

} // namespace natstat
