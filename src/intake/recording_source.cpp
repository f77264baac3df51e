// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Packets of a capture, cut into the netlink messages in them. What a message means is the
// MessageReader's, how a capture is read the PacketReader's.
#include "natstat/intake/recording.hpp"

#include "netlink.hpp"
#include "packet_reader.hpp"

#include <utility>

namespace natstat {

namespace {

/// Whether a message of the other byte order stands here.
bool is_foreign(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < sizeof(nlmsghdr))
        return false;
    const std::size_t length = __builtin_bswap32(header_of(bytes).nlmsg_len);
    return length >= sizeof(nlmsghdr) && length <= bytes.size();
}

} // namespace

struct RecordingSource::State {
    std::string name;
    PacketReader packets;
    MessageReader messages;
    bool understood = false; // a message was found
    bool ended = false;
    const PacketBlock* block = nullptr; // that is being read
    std::size_t next = 0;               // packet in it

    /// Takes the packets of the block; false when it stopped before its end.
    [[nodiscard]] bool take_packets(Batch& batch);
    void take(const CapturedPacket& packet, std::span<const std::uint8_t> bytes, Batch& batch);
};

RecordingSource::RecordingSource(int descriptor, std::string name, std::string begin)
    : state_(new State{std::move(name), {descriptor, std::move(begin)}, {}}) {}

RecordingSource::~RecordingSource() = default;

int RecordingSource::fd() const {
    return state_->packets.fd();
}

Progress RecordingSource::read(Batch& batch) {
    if (state_->ended)
        return Progress::ended;
    if (state_->block == nullptr) {
        state_->block = state_->packets.take();
        state_->next = 0;
        if (state_->block == nullptr)
            return Progress::idle;
        batch.odd += state_->block->odd;
    }
    if (!state_->take_packets(batch))
        return Progress::more;
    const PacketBlock& done = *std::exchange(state_->block, nullptr);
    state_->ended = done.ended;
    if (!done.failure.empty())
        throw Failure("cannot read " + state_->name + ": " + done.failure);
    return state_->ended ? Progress::ended : Progress::more;
}

bool RecordingSource::State::take_packets(Batch& batch) {
    for (; next < block->packets.size(); ++next) {
        const CapturedPacket& packet = block->packets[next];
        // What was told before the addresses changed is looked at with those of then.
        if (packet.family == NETLINK_ROUTE && !batch.events.empty())
            return false;
        take(packet, block->bytes_of(packet), batch);
    }
    return true;
}

void RecordingSource::State::take(const CapturedPacket& packet, std::span<const std::uint8_t> bytes,
                                  Batch& batch) {
    while (const auto message = next_message(bytes)) {
        messages.take(packet.time, packet.family, *message, batch);
        understood = true;
    }
    if (bytes.empty() && !packet.cut)
        return;
    // Netlink is in the byte order of its machine, and no capture says which that was.
    if (!understood && is_foreign(bytes))
        throw Failure("cannot read " + name +
                      ": it was recorded on a machine with the other byte order");
    ++batch.odd;
}

const std::optional<std::vector<Address>>& RecordingSource::local_addresses() const {
    return state_->messages.local_addresses();
}

} // namespace natstat
