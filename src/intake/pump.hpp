// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Receives from a netlink socket on a thread of its own. A dump is filled in by the kernel inside
// the receiving call, on the receiver's time: while the pump waits there, somebody else decodes
// what came before. It looks at no byte of what it receives.
#pragma once

#include "descriptor.hpp"

#include <array>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

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
    /// Ends the thread, whatever it waits for.
    ~Pump();
    Pump(const Pump&) = delete;
    Pump& operator=(const Pump&) = delete;

    /// Readable when take() would give something. Owned by the pump.
    [[nodiscard]] int fd() const { return filled_event_.get(); }

    /// The next piece, in order; nothing when there is none yet. It is valid until the next take().
    [[nodiscard]] std::optional<Piece> take();

  private:
    /// The kernel fills at most 32 KiB in one call, whatever the room.
    static constexpr std::size_t buffer_size = 64 * 1024;
    static constexpr std::size_t buffer_count = 16;

    struct Buffer {
        std::vector<std::uint8_t> bytes;
        std::size_t size = 0;
        int error = 0;
    };

    void run();
    [[nodiscard]] bool wait_for_room();
    void hand_over();
    /// 0, or an error number.
    [[nodiscard]] int receive(Buffer& buffer) const;
    /// Until there is data or the end; an error number, EAGAIN when all is well.
    [[nodiscard]] int wait_for_data() const;

    int socket_;
    Descriptor filled_event_;
    Descriptor stop_event_;
    std::array<Buffer, buffer_count> buffers_;
    std::mutex mutex_; // guards the three below
    std::size_t first_ = 0;
    std::size_t filled_ = 0;
    bool stopping_ = false;
    std::condition_variable room_;
    bool taken_ = false; // the consumer holds the first buffer
    std::thread thread_;
};

} // namespace natstat
