// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Messages on their way to one collector: in order, each after the templates that it needs, and
// kept until it has arrived as far as that can be known. What has no more room is lost, counted,
// and told to who runs it and to the collector.
#pragma once

#include "natstat/ipfix/encoder.hpp"
#include "natstat/ipfix/transport.hpp"

#include <deque>
#include <memory>
#include <set>
#include <string>

namespace natstat::ipfix {

struct ExportSettings {
    std::uint32_t domain = 1;            // the observation domain of all records
    std::size_t room = 64 * 1024 * 1024; // bytes of messages that wait
    /// After so long, or so many messages, a collector that forgets templates gets them again
    /// (RFC 7011, section 8.4).
    std::chrono::seconds template_age{60};
    unsigned template_messages = 1000;
};

class Exporter {
  public:
    Exporter(std::unique_ptr<Transport> transport, ExportSettings settings, Say say);

    /// Puts an event into a message.
    void add(const Told& told);

    /// Sends what was added, as far as that goes without waiting. Throws what send() throws.
    void push();

    /// Whether who can wait should wait before more is added.
    [[nodiscard]] bool is_behind() const { return queued_bytes_ > settings_.room / 16; }

    /// Waits while is_behind(), until somebody wants an end.
    void wait_for_room(StopCheck stop);

    /// Waits until all has arrived, for as long as the collector takes something in so much time;
    /// a tenth of it when an end is wanted meanwhile.
    void finish(std::chrono::milliseconds patience, StopCheck stop);

    /// Records that never reached the collector, as far as that is known; after finish() those that
    /// still wait are among them.
    [[nodiscard]] std::uint64_t lost() const { return lost_; }
    /// Messages that the collector's host refused.
    [[nodiscard]] std::uint64_t refused() const { return transport_->refused(); }

    /// What push() is to be called for, and when without it.
    [[nodiscard]] pollfd wanted() const { return transport_->wanted(next_ < queue_.size()); }
    [[nodiscard]] std::optional<SteadyTime> due() const { return transport_->due(); }

  private:
    struct Waiting {
        Message message;
        std::uint64_t end = 0; // in what was sent of this session, when it has been
    };

    void keep(std::optional<Message> message);
    void renew_session();
    void forget_templates();
    void drop_arrived();
    bool send_next();
    bool announce(const Message& message);
    Transport::Sent send(Message& message);
    void wait_for_collector(std::chrono::milliseconds longest) const;

    std::unique_ptr<Transport> transport_;
    ExportSettings settings_;
    Say say_;
    Encoder encoder_;
    std::deque<Waiting> queue_;
    std::size_t next_ = 0; // of the queue: what was not sent in this session
    std::size_t queued_bytes_ = 0;
    unsigned session_ = 0;
    unsigned forgotten_ = 0;
    std::uint32_t sequence_ = 0;        // records of this session
    std::uint64_t sent_ = 0;            // bytes of this session
    std::set<std::uint16_t> announced_; // templates of this session
    SteadyTime announced_at_{};
    unsigned sent_since_ = 0; // messages
    std::uint64_t lost_ = 0;
    std::uint64_t told_lost_ = 0; // of those, what the collector was told of
    bool is_full_ = false;
};

} // namespace natstat::ipfix
