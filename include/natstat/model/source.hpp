// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The seam between where flows come from (the kernel, a recording, text) and everything that looks
// at them: decoded events in batches, one descriptor to wait on, and a way to ask for a list.
#pragma once

#include "natstat/model/address.hpp"
#include "natstat/model/flow.hpp"
#include "natstat/model/state.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace natstat {

/// Wall clock time, in the kernel's own resolution.
using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

enum class EventKind : std::uint8_t {
    created,
    updated,
    destroyed,
    list_begin, // what is listed from here on is no older than this
    listed,     // an entry of a list that was asked for
    looked_up,  // an entry that was asked for by itself
    list_end,   // the list is complete as far as the source could tell; see Event::whole
    started,    // of an event log: somebody began to follow, and does not know what was before
    stopped,    // of an event log: he followed until here
    lost,       // events are missing from here on; see Event::count
};

/// What somebody who followed the flow found out about a step, and wrote down. Where this is there,
/// it holds in the place of what the tracker would conclude.
struct Judgement {
    bool by_list = false;                         // found in a list, some time after it happened
    std::optional<StateNumber> was;               // the state that was left
    std::optional<std::chrono::nanoseconds> held; // how long the flow was in it
    std::optional<Ending> ending;
};

/// One thing that a source said. `flow` holds only the parts that came with it.
struct Event {
    EventKind kind = EventKind::listed;
    /// list_end: false when rows may be missing, because the table changed under the list or only a
    /// part of it was asked for.
    bool whole = true;
    bool requested = false;  // destroyed: a program asked for it
    std::uint64_t count = 0; // lost: how many, 0 when that is not known
    Time time{};             // when it happened or was read; zero where a text does not say
    Time run{};              // of an event log, list_end and stopped: when he began who says it
    Flow flow{};
    std::optional<Judgement> judgement; // out of an event log
};

/// Events and what their flows refer to. Reused from read to read: the consumer clears it.
struct Batch {
    std::vector<Event> events;
    ExtrasPool extras;
    std::uint64_t odd =
        0; // messages or lines that were not understood and are not among the events
    std::uint64_t foreign = 0; // messages that another process sent, not the kernel; passed over

    void clear() {
        events.clear();
        odd = 0;
        foreign = 0;
        if (extras.size() > 1)
            extras.clear();
    }
};

/// Conditions that all hold for the flows of a list. A source may ignore any of them and tell more;
/// it never tells less. What is not set does not restrict.
struct ListCondition {
    struct Side {
        std::optional<Address> source;
        std::optional<Address> destination;
        std::optional<std::uint16_t>
            source_port; // needs `protocol` and `family`, else it is ignored
        std::optional<std::uint16_t> destination_port;
        friend bool operator==(const Side&, const Side&) = default;
    };
    std::optional<Family> family;
    std::optional<std::uint8_t> protocol;
    std::uint32_t status_mask = 0; // status & status_mask == status_value
    std::uint32_t status_value = 0;
    std::optional<std::uint16_t> zone;
    std::uint32_t mark_mask = 0; // mark & mark_mask == mark_value
    std::uint32_t mark_value = 0;
    Side original;
    Side reply;

    friend bool operator==(const ListCondition&, const ListCondition&) = default;
};

/// Whether all the conditions hold for this flow.
[[nodiscard]] bool admits(const ListCondition& condition, const Flow& flow);

/// A list of flows for which any of the conditions holds; empty asks for nothing, one default
/// condition for everything.
using ListQuery = std::vector<ListCondition>;

/// The same query where the status flags of NAT tell nothing.
[[nodiscard]] ListQuery without_nat_status(ListQuery query);

/// What whoever reads an answer out of a file should know of the file.
struct FileNotes {
    std::vector<std::string> remarks; // sentences
    std::string first_odd;            // the first place that was not understood, where it is known
    std::uint64_t lists = 0;          // that the file holds, where it tells them apart
    std::uint64_t last_list_line = 0; // the line in which the last one begins
    std::string last_list_file;       // and its file, where there are several
};

enum class Progress : std::uint8_t {
    more,  // call again, there may be more at once
    idle,  // nothing now; wait on fd()
    ended, // nothing will ever come again
};

/// Where flows come from.
class Source {
  public:
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;

    /// A descriptor that is readable when read() would tell something, for poll(2); the source
    /// keeps it. It can be another one after a read().
    [[nodiscard]] virtual int fd() const = 0;

    /// Appends what is there, a bounded amount, to `batch`; never waits. Throws Failure when the
    /// source is broken for good.
    virtual Progress read(Batch& batch) = 0;

    /// Asks for the flows for which `query` holds; they come as listed events that list_end closes.
    /// No flow comes twice because two conditions hold for it. A source without a present (a file)
    /// ignores it. Throws Failure when the request can not be made.
    virtual void request_list(const ListQuery& query) = 0;

    /// Asks for these flows as they are now; those that exist come with the next read(), as
    /// looked_up. A source without a present ignores it. Throws Failure when it can not ask.
    virtual void request_flows(std::span<const Flow> flows);

    /// The addresses of the host whose flows these are, as far as read() has come; absent where the
    /// source does not tell them.
    [[nodiscard]] virtual const std::optional<std::vector<Address>>& local_addresses() const;

    /// Whether what it tells stands by itself, and does not go on where another file ended, as a
    /// log does whose file was changed for a new one.
    [[nodiscard]] virtual bool begins_anew() const { return false; }

    /// What is to be said of the file, as far as read() has come; nothing of a kernel.
    [[nodiscard]] virtual FileNotes notes() const { return {}; }
};

/// It can not go on. The text says what was being done, to what, why, and what helps; main prints
/// it.
class Failure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The reader of a pipe has gone: nothing is wrong, but there is no one to write for.
class ClosedPipe : public std::runtime_error {
  public:
    ClosedPipe() : std::runtime_error("closed pipe") {}
};

/// The user wants an end, and nobody takes what there is to write.
class Interrupted : public std::runtime_error {
  public:
    Interrupted() : std::runtime_error("interrupted") {}
};

/// Whether the user wants an end; asked by writers that were interrupted. Null: never.
using StopCheck = bool (*)();

/// A writer that an end is wanted of goes on for so many interruptions, about a tenth of a second
/// each: who reads slowly gets the rest, who reads no more holds nothing up.
inline constexpr int interruptions_for_rest = 10;

} // namespace natstat
