// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The packets of a netlink capture, read by libpcap on a thread of its own: libpcap waits for the
// rest of a packet, and whoever shows what is there must not. What is in a packet is not known
// here.
#pragma once

#include "natstat/model/source.hpp"
#include "ring.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct pcap_pkthdr; // pcap/pcap.h

namespace natstat {

/// What followed the cooked header of a packet of NETLINK_NETFILTER or NETLINK_ROUTE.
struct CapturedPacket {
    Time time;
    int family;
    std::size_t begin; // in PacketBlock::bytes
    std::size_t size;
    bool cut; // it was longer than the capture keeps of a packet
};

struct PacketBlock {
    std::vector<std::uint8_t> bytes;
    std::vector<CapturedPacket> packets;
    std::uint64_t odd = 0; // packets that are not what a netlink capture has, or came cut off
    bool ended = false;    // nothing comes after this block
    std::string failure;   // why it ended before the capture did

    [[nodiscard]] std::span<const std::uint8_t> bytes_of(const CapturedPacket& packet) const {
        return std::span(bytes).subspan(packet.begin, packet.size);
    }
};

class PacketReader {
  public:
    /// Takes over `descriptor`. `begin` are bytes that were read from it already. Throws Failure
    /// when the system has no room for a thread or a descriptor.
    PacketReader(int descriptor, std::string begin);

    /// Readable when take() would give something.
    [[nodiscard]] int fd() const { return ring_.fd(); }

    /// The next packets, or null when there are none yet. Valid until the next take().
    [[nodiscard]] const PacketBlock* take() { return ring_.take(); }

  private:
    void run();
    /// Why it could not go on; empty at the end of the capture.
    [[nodiscard]] std::string read_capture();
    void take_packet(const pcap_pkthdr& head, const std::uint8_t* data);
    bool hand_over();
    bool wait_for_data();
    ssize_t read(char* out, std::size_t size);
    static ssize_t read_cookie(void* reader, char* out, std::size_t size);

    Descriptor descriptor_;
    std::string begin_;
    int error_ = 0;                // of the descriptor
    bool at_end_ = false;          // of the descriptor
    PacketBlock* block_ = nullptr; // the one to fill; null: the thread shall end
    Ring<PacketBlock> ring_;       // the last one, so that the thread ends first
};

} // namespace natstat
