// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// libpcap reads from a stream whose bytes come from here, so that waiting can be ended, and so that
// what was read is handed over before anything is waited for.
#include "packet_reader.hpp"

#include "cooked_header.hpp"
#include "pcap_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <linux/netlink.h>
#include <poll.h>
#include <unistd.h>

namespace natstat {

namespace {

constexpr std::size_t stream_size = 64 * 1024;
constexpr std::size_t block_size = 64 * 1024; // handed over when one of these is reached
constexpr std::size_t block_packets = 1024;
constexpr std::int64_t latest_second = 9'000'000'000; // what a Time can hold

/// A pcap file has 32 bits for the seconds, without a sign: they reach until 2106. libpcap before
/// 1.11 takes them for numbers with one.
std::int64_t second_of(const pcap_pkthdr& head) {
    constexpr std::int64_t turn = std::int64_t{1} << 32;
    const auto second = std::int64_t{head.ts.tv_sec};
    return second < 0 && second >= -turn / 2 ? second + turn : second;
}

bool is_empty(const PacketBlock& block) {
    return block.packets.empty() && block.odd == 0;
}

} // namespace

PacketReader::PacketReader(int descriptor, std::string begin)
    : descriptor_(descriptor), begin_(std::move(begin)), ring_("read a recording") {
    ring_.start<&PacketReader::run>(this);
}

void PacketReader::run() {
    block_ = ring_.next();
    std::string failure;
    try {
        failure = read_capture();
    } catch (const std::exception& error) { // no memory
        failure = error.what();
    }
    if (block_ == nullptr || (!is_empty(*block_) && !hand_over()))
        return;
    block_->failure = failure;
    block_->ended = true;
    ring_.hand_over();
}

std::string PacketReader::read_capture() {
    const Pcap& pcap = libpcap();
    FILE* const stream = fopencookie(this, "r", {read_cookie, nullptr, nullptr, nullptr});
    if (stream == nullptr)
        return std::strerror(errno);
    std::setvbuf(stream, nullptr, _IOFBF, stream_size);
    std::array<char, PCAP_ERRBUF_SIZE> why{};
    const PcapHandle capture(pcap.open_offline(stream, PCAP_TSTAMP_PRECISION_NANO, why.data()));
    if (!capture) {
        std::fclose(stream);
        return error_ != 0 ? std::strerror(error_) : why.data();
    }
    if (const int type = pcap.datalink(capture.get()); type != DLT_NETLINK) {
        const char* const name = pcap.datalink_name(type);
        return "it is no capture of netlink (link type " +
               (name != nullptr ? std::string(name) : std::to_string(type)) + ")";
    }
    while (block_ != nullptr) {
        pcap_pkthdr* head = nullptr;
        const u_char* data = nullptr;
        const int result = pcap.next(capture.get(), &head, &data);
        if (result == 1) {
            take_packet(*head, data);
            continue;
        }
        if (result == PCAP_ERROR_BREAK || block_ == nullptr)
            return {};
        if (error_ != 0)
            return std::strerror(error_);
        if (!at_end_)
            return pcap.error_of(capture.get());
        ++block_->odd; // whoever wrote it was stopped in the middle of a packet
        return {};
    }
    return {};
}

void PacketReader::take_packet(const pcap_pkthdr& head, const std::uint8_t* data) {
    const std::span packet(data, head.caplen);
    const auto family = cooked_family(packet);
    const std::int64_t second = second_of(head);
    if (!family || second < 0 || second > latest_second) {
        ++block_->odd;
    } else if (*family == NETLINK_NETFILTER || *family == NETLINK_ROUTE) {
        const Time time{std::chrono::seconds{second} + std::chrono::nanoseconds{head.ts.tv_usec}};
        const auto messages = packet.subspan(cooked_header_size);
        block_->packets.push_back(
            {time, *family, block_->bytes.size(), messages.size(), head.caplen < head.len});
        block_->bytes.insert(block_->bytes.end(), messages.begin(), messages.end());
    }
    if (block_->bytes.size() >= block_size || block_->packets.size() >= block_packets)
        hand_over();
}

/// Hands the block over and takes up the next one; false: the thread shall end.
bool PacketReader::hand_over() {
    ring_.hand_over();
    block_ = ring_.next();
    if (block_ == nullptr)
        return false;
    block_->bytes.clear();
    block_->packets.clear();
    block_->odd = 0;
    return true;
}

/// Until there is data or the end; false: the thread shall end.
bool PacketReader::wait_for_data() {
    std::array<pollfd, 2> wanted{pollfd{descriptor_.get(), POLLIN, 0},
                                 pollfd{ring_.stop_event(), POLLIN, 0}};
    if (poll(wanted.data(), wanted.size(), 0) == 0) {
        if (block_ != nullptr && !is_empty(*block_) && !hand_over())
            return false;
        poll(wanted.data(), wanted.size(), -1);
    }
    if (wanted[1].revents != 0)
        block_ = nullptr;
    return block_ != nullptr;
}

ssize_t PacketReader::read(char* out, std::size_t size) {
    if (!begin_.empty()) {
        size = begin_.copy(out, size);
        begin_.erase(0, size);
        return static_cast<ssize_t>(size);
    }
    while (wait_for_data()) {
        const ssize_t got = ::read(descriptor_.get(), out, size);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        error_ = got < 0 ? errno : 0;
        at_end_ = got == 0;
        return got;
    }
    return -1;
}

ssize_t PacketReader::read_cookie(void* reader, char* out, std::size_t size) {
    return static_cast<PacketReader*>(reader)->read(out, size);
}

} // namespace natstat
