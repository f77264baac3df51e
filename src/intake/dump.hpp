// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The conversation of a list, for whoever lists: a request, pieces of entries, one end. What can go
// wrong in it is decided here and nowhere else:
//
//   a call that was interrupted              is made again (EINTR, and EINVAL where pump.cpp says)
//   no memory, or an answer that was lost    the list ends, not whole: ENOMEM, ENOBUFS, ENOSPC
//   filters that the kernel refuses          it is asked again without them: EINVAL, EOPNOTSUPP
//   NLM_F_DUMP_INTR, another number of       the list goes on, and is not whole
//   buckets at its end
//   anything else                            Failure
//
// What an entry says is not known here.
#pragma once

#include "natstat/model/source.hpp"
#include "pump.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace natstat {

/// A way to the kernel and back, for one list after the other. It takes no other request once a
/// list has broken off: the kernel goes on with a dump only while it is read without a fault.
class DumpChannel {
  public:
    DumpChannel() = default;
    DumpChannel(const DumpChannel&) = delete;
    DumpChannel& operator=(const DumpChannel&) = delete;
    virtual ~DumpChannel() = default;

    /// 0 or an error number.
    [[nodiscard]] virtual int send(std::span<const std::uint8_t> request) = 0;
    /// Readable when take() would give something.
    [[nodiscard]] virtual int fd() const = 0;
    /// What Pump::take() gives.
    [[nodiscard]] virtual std::optional<Pump::Piece> take() = 0;
    /// What Pump::newly_foreign() gives.
    [[nodiscard]] virtual std::uint64_t newly_foreign() = 0;
};

/// Throws Failure when it can not be opened.
using OpenDumpChannel = std::function<std::unique_ptr<DumpChannel>()>;

/// What is listed.
struct DumpOf {
    const char* doing; // for messages: "list connections"
    /// Makes a request; of expectations the family counts alone.
    std::vector<std::uint8_t> (*request)(const ListCondition& condition, std::uint32_t sequence);
};
[[nodiscard]] const DumpOf& dump_of_connections();
[[nodiscard]] const DumpOf& dump_of_expectations();

/// A netlink socket, and a pump that receives from it.
[[nodiscard]] std::unique_ptr<DumpChannel>
open_kernel_channel(const DumpOf& what = dump_of_connections());

class Dump {
  public:
    /// How a list ended.
    struct End {
        bool whole;      // every entry has come, as far as the kernel told
        bool broken_off; // there was more, and it will not come
        /// What the kernel said at the end, or would have said: NLMSG_DONE, with NLM_F_DUMP_INTR
        /// when the list is not whole.
        std::vector<std::uint8_t> message;
    };

    explicit Dump(const DumpOf& what = dump_of_connections())
        : Dump([&what] { return open_kernel_channel(what); }, what) {}
    explicit Dump(OpenDumpChannel open, const DumpOf& what = dump_of_connections())
        : open_channel_(std::move(open)), what_(&what) {}

    /// Opens a channel where there is none: before the first list, and after one that broke off.
    /// True when there is a new descriptor to wait on. Throws Failure.
    bool open();
    /// Readable when receive() would give something; negative when no channel is open.
    [[nodiscard]] int fd() const { return channel_ ? channel_->fd() : -1; }

    /// Asks for a list, while none is under way, and gives the bytes of the request. The end is
    /// there at once when the kernel has no room for the request. Throws Failure.
    std::vector<std::uint8_t> start(const ListCondition& condition);

    /// Receives a piece; false when there is none yet. Throws Failure when it can not go on.
    bool receive();

    /// The next entry of the piece, its header first; nothing when there is none left in it. Valid
    /// until the next receive(). Throws Failure when the kernel refuses the list.
    [[nodiscard]] std::optional<std::span<const std::uint8_t>> next();

    /// How the list ended, once; to be asked when next() has given nothing, and after start().
    [[nodiscard]] std::optional<End> end();

    /// Messages of other processes, which were passed over, since the last call.
    [[nodiscard]] std::uint64_t newly_foreign();
    /// Pieces in which a message began that did not end there, since the last call.
    [[nodiscard]] std::uint64_t newly_odd();

  private:
    std::vector<std::uint8_t> ask(const ListCondition& condition);
    void take_error(int error);
    void take_done(std::span<const std::uint8_t> message);
    void break_off();

    OpenDumpChannel open_channel_;
    const DumpOf* what_;
    std::unique_ptr<DumpChannel> channel_;
    std::span<const std::uint8_t> piece_; // what is left of it
    ListCondition condition_;             // of the last request
    std::uint32_t sequence_ = 0;          // of the last request
    bool under_way_ = false;
    bool whole_ = true;
    std::optional<std::uint64_t> buckets_; // at the beginning
    std::optional<End> end_;
    std::uint64_t odd_ = 0;
    std::uint64_t foreign_ = 0; // of channels that are closed
};

} // namespace natstat
