// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A way to a collector: whole messages, and what is known of their arrival. What is sent, and again
// when, is the exporter's.
#pragma once

#include "natstat/ipfix/destination.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <poll.h>

namespace natstat::ipfix {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Where a sentence goes that can not wait.
using Say = std::function<void(std::string_view)>;

class Transport {
  public:
    enum class Sent : std::uint8_t {
        all,
        not_yet, // nothing of it; wait for wanted() or due()
        lost,    // the system did not take it, and will not
    };

    Transport() = default;
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    virtual ~Transport() = default;

    /// Does what is due without waiting: notices what became of the collector, and tries again.
    virtual void step() {}

    /// Takes a message as a whole. Throws Failure when nothing can ever be sent any more.
    virtual Sent send(std::span<const std::uint8_t> message) = 0;

    /// The number of the connection, from 1 on; 0 while there was none yet. Sequence numbers begin
    /// anew with each.
    [[nodiscard]] virtual unsigned session() const { return 1; }
    /// Grows whenever the collector may have forgotten the templates that it was sent.
    [[nodiscard]] virtual unsigned forgotten() const { return session(); }
    /// Whether it forgets them by and by, so that they have to be sent again and again.
    [[nodiscard]] virtual bool forgets() const { return false; }
    /// Bytes of this session that have not arrived yet, as far as that can be known.
    virtual std::size_t under_way() { return 0; }
    /// Messages that are known not to have arrived although send() took them.
    [[nodiscard]] virtual std::uint64_t refused() const { return 0; }
    /// Bytes that a message has at most.
    [[nodiscard]] virtual std::size_t message_limit() const = 0;

    /// What to wait for, with `more` to send or without; a negative descriptor is nothing.
    [[nodiscard]] virtual pollfd wanted(bool /*more*/) const { return {-1, 0, 0}; }
    /// When step() has something to do by itself.
    [[nodiscard]] virtual std::optional<SteadyTime> due() const { return std::nullopt; }
};

/// The way to this destination, whose address is known. `say` hears of a collector that does not
/// take what it is sent, and that it does again. A file, or standard output, is opened at once, and
/// nothing else waits for anything. Throws Failure.
[[nodiscard]] std::unique_ptr<Transport> open_transport(const Destination& destination, Say say);

} // namespace natstat::ipfix
