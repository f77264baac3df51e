// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What has been counted of each flow so far, so that all that comes and goes, and every byte, is
// counted once: out of the events of beginnings and ends, and of lists. Pure, as the tracker is,
// and smaller: it knows no flow's addresses or state, only its name, which is a hash, and its
// counters: about 22 bytes a flow, and 32 more where the kernel counts.
//
// Without the events of changes (5 of 7 of all, and each costs the packet path its time) a flow's
// answer and its traffic are seen in lists and at its end.
#pragma once

#include "natstat/model/blocks.hpp"
#include "natstat/model/siphash.hpp"
#include "natstat/model/source.hpp"

#include <cstdint>
#include <functional>
#include <unordered_set>
#include <vector>

namespace natstat {

struct Traffic {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;

    Traffic& operator+=(const Traffic& more) {
        packets += more.packets;
        bytes += more.bytes;
        return *this;
    }
    friend bool operator==(const Traffic&, const Traffic&) = default;
};

/// What is new of one flow. All of it is to be counted, and it is told once.
struct Entry {
    std::uint16_t kind = 0;     // what the ledger's KindOf gave when the flow was first heard of
    const Flow* flow = nullptr; // as it was told; null: it went without a word
    bool created = false;
    bool answered = false;
    std::optional<Ending> ending; // it is gone
    Traffic up{};
    Traffic down{};

    [[nodiscard]] bool tells() const {
        return created || answered || ending || up != Traffic{} || down != Traffic{};
    }
};

/// A flow that is in the first whole list was there before: it is not told of as created, nor what
/// it had carried by then. What a later list shows, and no event has told, is told of as created.
class Ledger {
  public:
    /// What flows are told apart by; asked once for each.
    using KindOf = std::function<std::uint16_t(const Flow&)>;
    using Take = std::function<void(const Entry&)>;

    explicit Ledger(KindOf kind_of, const HashKey& key = run_key())
        : kind_of_(std::move(kind_of)), ended_(0, NumberHash{key}), key_(key) {}

    /// Takes one event, and gives what is new by it. False: the entry of a list that is to be
    /// passed over, because the list has named it before or because the flow has ended since.
    bool apply(const Event& event, const Take& take);

    /// The flows that there are, as far as is known.
    [[nodiscard]] std::size_t size() const { return known_.size(); }
    /// Whether a list has been whole yet.
    [[nodiscard]] bool complete() const { return complete_; }
    /// Events that are known to be missing; where the kernel does not say how many, 1 for each
    /// time.
    [[nodiscard]] std::uint64_t lost() const { return lost_; }

    /// A flow that whole lists no longer name is gone, and so is the word of its end, when so much
    /// time has passed: an entry whose time has run out is in no list any more, and the kernel may
    /// take a minute until it removes it, and says so (gc_worker in
    /// net/netfilter/nf_conntrack_core.c).
    static constexpr std::chrono::seconds patience{180};

  private:
    struct Known {
        std::uint64_t name;
        std::uint32_t seen; // Unix time in seconds, when it was last named
        std::uint16_t kind;
        std::uint8_t marks; // bits of Mark
    };
    enum Mark : std::uint8_t {
        counted = 1 << 0,  // as created
        answered = 1 << 1, // that was told, or it was so before
        fresh = 1 << 2,    // the list that is under way brought it
        listed = 1 << 3,   // by that list
    };
    /// Sets the mark; whether it was set before.
    static bool set(Known& known, Mark mark) {
        const bool was = (known.marks & mark) != 0;
        known.marks = static_cast<std::uint8_t>(known.marks | mark);
        return was;
    }
    static bool take_away(Known& known, Mark mark) {
        const bool was = (known.marks & mark) != 0;
        known.marks = static_cast<std::uint8_t>(known.marks & ~mark);
        return was;
    }
    struct Counters {
        Traffic up;
        Traffic down;
    };

    [[nodiscard]] std::uint64_t name_of(const Flow& flow) const;
    [[nodiscard]] std::size_t home_of(std::uint64_t name) const;
    [[nodiscard]] std::size_t after(std::size_t slot) const;
    [[nodiscard]] std::size_t distance(std::size_t from, std::size_t to) const;
    [[nodiscard]] std::size_t slot_of(std::uint64_t name) const;
    std::size_t insert(const Flow& flow, std::uint64_t name, std::size_t slot);
    void erase(std::size_t slot);
    void grow();
    /// Notes what the flow tells, and puts what is new of it into the entry.
    void note(std::size_t index, const Event& event, Entry& entry);
    void note_traffic(std::size_t index, const Flow& flow, Entry& entry);

    void take_created(const Event& event, const Take& take);
    bool take_listed(const Event& event, const Take& take);
    void take_end(const Event& event, const Take& take);
    void end_list(const Event& event, const Take& take);

    KindOf kind_of_;
    Blocks<Known> known_;
    Blocks<Counters> counters_;                           // as many, once any were told
    std::vector<std::uint32_t> slots_;                    // open addressing: index + 1, 0 is free
    std::unordered_set<std::uint64_t, NumberHash> ended_; // names, since the list began
    HashKey key_;
    std::uint64_t lost_ = 0;
    Time list_began_{};
    bool in_list_ = false;
    bool lost_in_list_ = false;
    bool complete_ = false;
};

} // namespace natstat
