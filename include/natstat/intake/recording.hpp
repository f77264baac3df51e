// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the kernel said, kept in a file: pcap with link type NETLINK, as Wireshark and tcpdump have
// it. Its messages mean what MessageReader says.
#pragma once

#include "natstat/intake/messages.hpp"

#include <memory>
#include <string>

namespace natstat {

/// Writes a recording.
class Recorder : public Tap {
  public:
    /// Creates the file, or replaces what is in it; "-" is standard output. Throws Failure.
    explicit Recorder(const std::string& name);
    ~Recorder() override;

    void message(Time time, int family, std::span<const std::uint8_t> message) override;

    /// Hands to the system what was written so far: from here on the file is readable whatever
    /// happens. Throws Failure when it can not be written.
    void flush();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Plays a recording back, as fast as it is read. Also takes a capture of an nlmon device, and any
/// other file of that link type that libpcap reads.
class RecordingSource : public Source {
  public:
    /// Takes over `descriptor`. `begin` are bytes of the file that were read from it already.
    /// `name` is for messages. Throws Failure when it is no recording.
    RecordingSource(int descriptor, std::string begin, std::string name);
    ~RecordingSource() override;

    [[nodiscard]] int fd() const override;
    Progress read(Batch& batch) override;
    /// A recording has no present to ask: does nothing.
    void request_list(const ListQuery&) override {}
    [[nodiscard]] const std::optional<std::vector<Address>>& local_addresses() const override;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// A recording or conntrack text, whichever the file is; "-" is standard input. Throws Failure.
[[nodiscard]] std::unique_ptr<Source> open_file(const std::string& name);

} // namespace natstat
