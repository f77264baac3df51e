// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What the kernel said, kept in a file: pcap with link type NETLINK, as Wireshark and tcpdump have
// it. Its messages mean what MessageReader says.
#pragma once

#include "natstat/intake/messages.hpp"
#include "natstat/model/descriptor.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace natstat {

/// Writes a recording, buffered: what flush() has not handed to the system when the recorder goes
/// is still written, but nobody learns whether that went well.
class Recorder : public Tap {
  public:
    /// Creates the file, or replaces what is in it; "-" is standard output, which may not be a
    /// terminal. Throws Failure, or ClosedPipe.
    explicit Recorder(const std::string& name, StopCheck stop = nullptr);
    ~Recorder() override;

    /// Throws Failure when what was written before can not be kept (a full disk), ClosedPipe when
    /// nobody reads it any more.
    void message(Time time, int family, std::span<const std::uint8_t> message) override;

    /// Hands to the system what was written so far: from here on the file is readable whatever
    /// happens. Throws as message() does.
    void flush();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Plays a recording back, as fast as it is read. Also takes a capture of an nlmon device, and any
/// other file of that link type that libpcap reads, in the byte order of this machine. A recording
/// whose end is missing, because whoever wrote it was killed, gives everything that is whole; what
/// is left of a packet then counts as one odd message, as do packets that the capture has cut.
class RecordingSource : public Source {
  public:
    /// Takes over `descriptor` and reads it on a thread of its own. `name` is for messages. `begin`
    /// are bytes of the file that were read from it already. Throws Failure when the system has no
    /// room for the thread.
    RecordingSource(int descriptor, std::string name, std::string begin = {});
    ~RecordingSource() override;

    [[nodiscard]] int fd() const override;
    /// Throws Failure when the file is no recording, or is broken, after all that came before.
    Progress read(Batch& batch) override;
    /// A recording has no present to ask: does nothing.
    void request_list(const ListQuery&) override {}
    [[nodiscard]] const std::optional<std::vector<Address>>& local_addresses() const override;
    [[nodiscard]] bool begins_anew() const override { return true; }

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// A recording, conntrack text or natstat's JSON lines, whichever the file is; "-" is standard
/// input. It waits for nothing: which of them it is shows at the first read()s. Throws Failure when
/// there is no such file; what is wrong inside of it is told by read().
[[nodiscard]] std::unique_ptr<Source> open_file(const std::string& name);

/// Files that are read as one; none: the kernel is asked.
struct Files {
    std::vector<std::string> names;

    [[nodiscard]] bool empty() const { return names.empty(); }
    [[nodiscard]] bool has_standard_input() const;
    /// For messages: the name, or how many there are; empty for none.
    [[nodiscard]] std::string shown() const;
};

/// Files that are read again from their start as often as somebody wants, also when files can not
/// be opened any more.
class OpenedFiles {
  public:
    /// At least one. Throws as open_file().
    explicit OpenedFiles(const Files& files);

    /// Whether they can be read again: none is a pipe.
    [[nodiscard]] bool has_start() const;
    /// Reads them from their start, once what read them before is gone; of a pipe what comes: one
    /// after another in the order of their first times. Of a file without times, the order is that
    /// of the names. Throws Failure.
    [[nodiscard]] std::unique_ptr<Source> source() const;

  private:
    struct File {
        Descriptor descriptor;
        std::int64_t start; // its place in the file; negative: a pipe has none
        std::string name;
    };
    std::vector<File> files_;
};

/// The same, read once.
[[nodiscard]] std::unique_ptr<Source> open_files(const Files& files);

} // namespace natstat
