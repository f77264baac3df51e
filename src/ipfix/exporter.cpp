// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The queue has first what was sent and may not have arrived, then what is to be sent. When a
// connection is made anew all of it is to be sent: what had arrived all the same comes twice.
#include "natstat/ipfix/exporter.hpp"

#include <algorithm>
#include <utility>

namespace natstat::ipfix {

namespace {

Time now() {
    return std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now());
}

std::string records(std::uint64_t number) {
    return std::to_string(number) + (number == 1 ? " record" : " records");
}

} // namespace

Exporter::Exporter(std::unique_ptr<Transport> transport, ExportSettings settings, Say say)
    : transport_(std::move(transport)), settings_(settings), say_(std::move(say)),
      encoder_(transport_->message_limit()) {
    push(); // a connection is begun
}

void Exporter::add(const Told& told) {
    keep(encoder_.add(told));
}

void Exporter::keep(std::optional<Message> message) {
    if (!message)
        return;
    if (queued_bytes_ + message->bytes.size() > settings_.room) {
        if (!std::exchange(is_full_, true))
            say_("no more room for what the collector is to get; it is lost from here on");
        lost_ += message->records;
        return;
    }
    queued_bytes_ += message->bytes.size();
    queue_.push_back({std::move(*message)});
}

void Exporter::push() {
    if (lost_ != told_lost_ && !is_full_)
        keep(encoder_.add_not_sent(told_lost_ = lost_));
    keep(encoder_.take());
    transport_->step();
    renew_session();
    drop_arrived();
    while (next_ < queue_.size() && send_next())
        ;
    drop_arrived();
    if (!is_full_ || is_behind())
        return;
    is_full_ = false;
    say_("there is room again for what the collector is to get; " + records(lost_) +
         " were lost so far");
}

void Exporter::renew_session() {
    if (session_ == transport_->session())
        return;
    session_ = transport_->session();
    next_ = 0;
    sequence_ = 0;
    sent_ = 0;
}

void Exporter::drop_arrived() {
    const std::uint64_t under_way = transport_->under_way();
    while (next_ != 0 && queue_.front().end + under_way <= sent_) {
        queued_bytes_ -= queue_.front().message.bytes.size();
        queue_.pop_front();
        --next_;
    }
}

bool Exporter::send_next() {
    forget_templates();
    Waiting& waiting = queue_[next_];
    if (!announce(waiting.message))
        return false;
    const Transport::Sent sent = send(waiting.message);
    if (sent == Transport::Sent::not_yet)
        return false;
    waiting.end = sent_;
    ++next_;
    return true;
}

/// Those that the collector may have forgotten.
void Exporter::forget_templates() {
    const unsigned forgotten = std::exchange(forgotten_, transport_->forgotten());
    const auto age = std::chrono::steady_clock::now() - announced_at_;
    const bool is_time = transport_->forgets() && (age >= settings_.template_age ||
                                                   sent_since_ >= settings_.template_messages);
    if (forgotten == forgotten_ && !is_time)
        return;
    announced_.clear();
    encoder_.set_limit(transport_->message_limit()); // the way there may be another one
}

/// Whether the collector has been sent the templates of the message.
bool Exporter::announce(const Message& message) {
    std::vector<std::uint16_t> missing;
    for (const std::uint16_t number : message.templates)
        if (!announced_.contains(number))
            missing.push_back(number);
    if (announced_.empty() && !missing.empty()) {
        announced_at_ = std::chrono::steady_clock::now();
        sent_since_ = 0;
    }
    for (Message& each : encoder_.describe(missing))
        if (send(each) == Transport::Sent::not_yet)
            return false;
    announced_.insert(missing.begin(), missing.end());
    return true;
}

Transport::Sent Exporter::send(Message& message) {
    stamp(message, settings_.domain, sequence_, now());
    const Transport::Sent sent = transport_->send(message.bytes);
    if (sent == Transport::Sent::not_yet)
        return sent;
    if (sent == Transport::Sent::lost)
        lost_ += message.records;
    sequence_ += message.records; // those that were lost on the way show in the next one
    sent_ += message.bytes.size();
    ++sent_since_;
    return sent;
}

void Exporter::wait_for_room(StopCheck stop) {
    while (is_behind() && !stop()) {
        wait_for_collector(std::chrono::milliseconds{100});
        push();
    }
}

void Exporter::finish(std::chrono::milliseconds patience, StopCheck stop) {
    using Clock = std::chrono::steady_clock;
    auto progress = Clock::now();
    push();
    std::size_t before = queued_bytes_;
    while (!queue_.empty() && Clock::now() - progress < (stop() ? patience / 10 : patience)) {
        wait_for_collector(std::chrono::milliseconds{20}); // nobody tells of an arrival
        push();
        if (std::exchange(before, queued_bytes_) != queued_bytes_)
            progress = Clock::now();
    }
    for (const Waiting& each : queue_)
        lost_ += each.message.records;
    queue_.clear();
    next_ = 0;
}

void Exporter::wait_for_collector(std::chrono::milliseconds longest) const {
    pollfd wanted = transport_->wanted(next_ < queue_.size());
    poll(&wanted, 1, static_cast<int>(longest.count()));
}

} // namespace natstat::ipfix
