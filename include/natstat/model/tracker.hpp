// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Follows flows through what sources say of them. Pure: it reads no clock and no descriptor; time
// comes in with the events. Keyed by original tuple, protocol, zone and family.
#pragma once

#include "natstat/model/life.hpp"
#include "natstat/model/siphash.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_set>
#include <vector>

namespace natstat {

/// Merges what `news` says into `known`: parts that it carries replace, the others stay.
void merge(Flow& known, const Flow& news);

/// The current picture of a table, made from events, and the steps by which it came about.
///
/// A list marks what it names; its end sweeps what it did not name, if the list was whole and no
/// event was lost meanwhile. What an event has said of a flow since a list began is newer than what
/// the list says: of its state the list has no say then, and a flow that has ended since is not
/// there, even if the list still names it. The first whole list is where following
/// begins: its flows were there before, and are not told of as created.
///
/// Where an event log says that somebody began to follow anew, what is known is from before, until
/// that run has told of all that was there: then what it did not name has ended, somewhen.
class Tracker {
  public:
    struct Tracked {
        Flow flow; // refers to extras()
        Life life;
    };

    /// Is told each step as it follows; the step's flow refers to extras() for the time of the
    /// call, in which the tracker must not be told anything.
    using Steps = std::function<void(const Transition&)>;

    /// `key`: of the hash by which flows are found.
    explicit Tracker(const HashKey& key = run_key())
        : key_(key), extras_(key), ended_(0, NumberHash{key}) {}

    /// From here on a rate is taken over at least so long. By itself it is taken between the last
    /// two tellings, unless they are so near that they are one seen twice; what is looked at while
    /// it goes on is told of in lists and by itself, and between two such moments a rate would be
    /// chance.
    void set_rate_window(std::chrono::nanoseconds window) { rate_window_ = window; }

    /// For who writes down what he sees, so that another one understands it: flows that were there
    /// before anybody looked are told of, too, when the first list has ended, and that all has been
    /// told, then and when what was lost has been made good for.
    void tell_all() { tells_all_ = true; }

    /// Takes one event. `extras` is the pool that the event's flow refers to. `steps` may be empty.
    void apply(const Event& event, const ExtrasPool& extras, const Steps& steps);

    /// The flows that exist now are [0] to [size() - 1], in no particular order. They stay where
    /// they are until the next apply().
    [[nodiscard]] std::size_t size() const { return marks_.size(); }
    [[nodiscard]] const Tracked& operator[](std::size_t index) const {
        return (*blocks_[index / block_size])[index % block_size];
    }
    [[nodiscard]] const ExtrasPool& extras() const { return extras_; }

    /// The number of the flow with this key and id, if it is there.
    [[nodiscard]] std::optional<std::size_t> find(const Flow& flow) const;

    /// By how many slots all flows lie behind the ones that are theirs: what it takes to find each
    /// of them once. For tests.
    [[nodiscard]] std::size_t displacement() const;

    /// Whether a list has been whole yet, so that the picture is of the whole table.
    [[nodiscard]] bool complete() const { return complete_; }

    /// How often a list named a flow that it had named before.
    [[nodiscard]] std::uint64_t repeated() const { return repeated_; }

    /// Whether events were lost that no whole list has made good for yet.
    [[nodiscard]] bool stale() const { return stale_; }

  private:
    /// What a list, and the index when it grows, need of every flow.
    struct Mark {
        static constexpr unsigned hash_bits = 29;
        static constexpr std::uint32_t hash_mask = (1U << hash_bits) - 1;
        std::uint32_t hash : hash_bits; // of the key
        std::uint32_t named : 1;     // by anything, since the list began that is open or was last
        std::uint32_t evented : 1;   // an event said something of its state since then
        std::uint32_t announced : 1; // it was told of as created, or was there before
    };
    static_assert(sizeof(Mark) == sizeof(std::uint32_t));
    // Blocks, so that growing neither copies nor needs twice the memory.
    static constexpr std::size_t block_size = 4096;
    using Block = std::array<Tracked, block_size>;
    [[nodiscard]] Tracked& at(std::size_t index) {
        return (*blocks_[index / block_size])[index % block_size];
    }
    [[nodiscard]] std::uint32_t hash_of(const Flow& flow) const;
    [[nodiscard]] std::size_t slot_of(const Flow& flow, std::uint32_t hash) const;
    /// That of the flow that is no other one, or a free one.
    using AreTwo = bool (*)(const Flow&, const Flow&);
    [[nodiscard]] std::size_t slot_of_same(const Flow& flow, std::uint32_t hash,
                                           AreTwo are_two) const;
    [[nodiscard]] std::size_t slot_nearest(const Flow& flow, std::uint32_t hash) const;
    /// Looking from that slot on.
    [[nodiscard]] std::size_t slot_of(const Flow& flow, std::uint32_t hash, std::size_t from) const;
    [[nodiscard]] std::size_t slot_of(std::size_t index) const;
    std::size_t insert(const Flow& flow, std::uint32_t hash, std::size_t slot, Time time);
    void erase(std::size_t slot);
    void make_room();
    void forget_unused_extras();

    void take(const Event& event, const Flow& flow, const Steps& steps);
    [[nodiscard]] bool has_ended(const Flow& flow, std::uint32_t hash) const;
    void take_new(const Event& event, const Flow& flow, std::size_t index, const Steps& steps);
    void take_end(const Event& event, const Flow& flow, const Steps& steps);
    void update(std::size_t index, const Event& event, const Flow& flow, const Steps& steps);
    void announce(std::size_t index, TransitionKind kind, Time time, bool by_list,
                  const Steps& steps);
    void begin_list();
    void begin_run(const Event& event);
    void end_list(const Event& event, const Steps& steps);
    void tell_first_list(Time time, const Steps& steps);
    void sweep(Time time, const Steps& steps);

    HashKey key_;
    std::vector<std::unique_ptr<Block>> blocks_;
    std::vector<Mark> marks_;          // one for each flow
    std::vector<std::uint32_t> slots_; // open addressing: index of the flow + 1, 0 is free
    ExtrasPool extras_;
    std::size_t extras_limit_ = 1024; // more of them than this, and the unused ones go
    /// Key hashes and ids of the flows that ended since the list began.
    std::unordered_set<std::uint64_t, NumberHash> ended_;
    std::chrono::nanoseconds rate_window_ = std::chrono::milliseconds{10};
    std::uint64_t repeated_ = 0;
    Time run_{}; // of an event log: when he began who writes it; Time{}: before it begins
    bool tells_all_ = false;
    bool in_list_ = false;
    bool complete_ = false;
    bool stale_ = false;
    bool lost_in_list_ = false; // events were lost since the list began
};

} // namespace natstat
