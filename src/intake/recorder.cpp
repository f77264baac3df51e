// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One packet a message, as an nlmon device would have given it: the 16 bytes of the cooked header
// (https://www.tcpdump.org/linktypes/LINKTYPE_NETLINK.html) and the message. libpcap knows the
// file; it tells of errors late and without their cause, so the writing itself is done here.
#include "natstat/intake/recording.hpp"

#include "cooked_header.hpp"
#include "pcap_file.hpp"

#include "natstat/model/new_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include <unistd.h>

namespace natstat {

namespace {

/// The largest that Wireshark and tcpdump take; a netlink message is at most 32 KiB or so.
constexpr int packet_limit = 262144;
constexpr std::size_t buffer_size = 64 * 1024;

const Pcap& to_record(const std::string& name) {
    try {
        return libpcap();
    } catch (const Failure& none) {
        throw Failure("cannot record to " + name + ": " + none.what());
    }
}

} // namespace

struct Recorder::State {
    std::string name;
    StopCheck stop;
    const Pcap& pcap; // before a file is made that nothing could be written to
    Descriptor descriptor;
    int error = 0;
    PcapHandle format;
    PcapDumper dumper; // closed first: it writes what is buffered
    std::vector<std::uint8_t> packet;

    State(const std::string& file, StopCheck its_stop);

    [[noreturn]] void fail(int number) const {
        if (number == EPIPE)
            throw ClosedPipe();
        if (number == EINTR)
            throw Interrupted();
        throw Failure("cannot record to " + name + ": " + why_no_file(number));
    }
    void check() const {
        if (error != 0)
            fail(error);
    }

    static ssize_t write_cookie(void* state, const char* bytes, std::size_t size) {
        auto& self = *static_cast<State*>(state);
        if (self.error == 0) // what can not be written is not tried again
            self.error = write_all(self.descriptor.get(), bytes, size, self.stop);
        return self.error == 0 ? static_cast<ssize_t>(size) : 0;
    }
};

Recorder::State::State(const std::string& file, StopCheck its_stop)
    : name(file == "-" ? "standard output" : file), stop(its_stop), pcap(to_record(name)),
      descriptor(open_new_file(file)) {
    if (descriptor.get() < 0)
        fail(errno);
    if (isatty(descriptor.get()) != 0)
        throw Failure("cannot record to " + name +
                      ": it is a terminal, and a recording is no text (name a file, or redirect)");
    format.reset(pcap.open_dead(DLT_NETLINK, packet_limit, PCAP_TSTAMP_PRECISION_NANO));
    FILE* const stream =
        format ? fopencookie(this, "w", {nullptr, write_cookie, nullptr, nullptr}) : nullptr;
    if (stream == nullptr)
        fail(ENOMEM);
    std::setvbuf(stream, nullptr, _IOFBF, buffer_size);
    dumper.reset(pcap.dump_open(format.get(), stream)); // has closed the stream if it fails
    if (!dumper)
        fail(error != 0 ? error : ENOMEM);
}

Recorder::Recorder(const std::string& name, StopCheck stop)
    : state_(std::make_unique<State>(name, stop)) {
    flush(); // whoever reads a pipe knows at once what it is
}

Recorder::~Recorder() = default;

void Recorder::message(Time time, int family, std::span<const std::uint8_t> message) {
    const auto head = cooked_header(family);
    auto& packet = state_->packet;
    packet.assign(head.begin(), head.end());
    packet.insert(packet.end(), message.begin(), message.end());

    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    pcap_pkthdr about{};
    about.ts.tv_sec = static_cast<time_t>(seconds.time_since_epoch().count());
    about.ts.tv_usec = static_cast<suseconds_t>((time - seconds).count()); // nanoseconds here
    about.len = static_cast<bpf_u_int32>(packet.size());
    about.caplen = std::min<bpf_u_int32>(about.len, packet_limit);
    state_->pcap.dump(reinterpret_cast<u_char*>(state_->dumper.get()), &about, packet.data());
    state_->check();
}

void Recorder::flush() {
    const bool flushed = state_->pcap.dump_flush(state_->dumper.get()) == 0;
    state_->check();
    if (!flushed)
        state_->fail(EIO);
}

} // namespace natstat
