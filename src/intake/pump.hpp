// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Receives from a netlink socket on a thread of its own. A dump is filled in by the kernel inside
// the receiving call, on the receiver's time: while the pump waits there, somebody else decodes
// what came before. It looks at no byte of what it receives.
#pragma once

#include "ring.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace natstat {

class Pump {
  public:
    /// What one call received: some messages, or the error number of the call or of the wait for
    /// it.
    struct Piece {
        std::span<const std::uint8_t> bytes;
        int error = 0;
    };

    /// Starts to receive from `socket`, which is non-blocking and stays the caller's. Throws
    /// Failure when the system has no room for a thread or a descriptor.
    explicit Pump(int socket);

    /// Readable when take() would give something. Owned by the pump.
    [[nodiscard]] int fd() const { return ring_.fd(); }

    /// The next piece, in order; nothing when there is none yet. It is valid until the next take().
    [[nodiscard]] std::optional<Piece> take();

    /// Messages of other processes, which were passed over, since the last call.
    [[nodiscard]] std::uint64_t newly_foreign() { return foreign_.exchange(0); }

  private:
    /// The kernel fills at most 32 KiB in one call, whatever the room.
    static constexpr std::size_t buffer_size = 64 * 1024;

    struct Buffer {
        std::unique_ptr<std::uint8_t[]> bytes; // made when it is filled for the first time
        std::size_t size = 0;
        int error = 0;
    };

    void run();
    /// 0, or an error number; EAGAIN also when another process sent it.
    [[nodiscard]] int receive(Buffer& buffer);
    /// Until there is data or the end; an error number, EAGAIN when all is well.
    [[nodiscard]] int wait_for_data() const;

    int socket_;
    std::atomic<std::uint64_t> foreign_ = 0;
    Ring<Buffer> ring_; // the last one, so that the thread ends first
};

} // namespace natstat
