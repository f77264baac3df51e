// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Sends the requests that create flows in batches and counts what the kernel refuses. It does not
// know what the flows are for and prints nothing.

#pragma once

#include "flows.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

struct mnl_socket;

namespace natstat::bench {

/// The conntrack table of this namespace in numbers.
struct TableSize {
    std::uint64_t entries = 0;
    std::uint64_t limit = 0; ///< 0: no limit, or a kernel (before 4.18) that does not tell it
};

/// The netlink socket and the requests that wait to be sent.
class Filler {
  public:
    /// Opens the socket in the network namespace of the caller. Nothing: see errno.
    [[nodiscard]] static std::optional<Filler> open();

    /// Queues one flow and sends when the batch is full. False: the socket failed, see errno.
    [[nodiscard]] bool add(const BenchFlow& flow, std::uint32_t sequence);

    /// Sends what is queued. False: the socket failed, see errno.
    [[nodiscard]] bool flush();

    /// How many requests were refused, by errno.
    [[nodiscard]] const std::map<int, std::uint64_t>& refused() const { return refused_; }

    /// Asks the kernel. Nothing: see errno (EPERM without CAP_NET_ADMIN).
    [[nodiscard]] std::optional<TableSize> ask_size();

  private:
    struct Close {
        void operator()(mnl_socket* socket) const;
    };

    explicit Filler(mnl_socket* socket);
    bool read_refusals();
    void note_refusals(const char* data, std::size_t size);

    std::unique_ptr<mnl_socket, Close> socket_;
    std::vector<char> buffer_;
    std::size_t used_ = 0;
    std::map<int, std::uint64_t> refused_;
};

} // namespace natstat::bench
