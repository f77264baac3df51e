// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Flows are found by 64 bits of a keyed hash of all that tells one from another, the kernel's own
// number among it; that two of a million have the same happens once in 40 million tables.
#include "natstat/model/ledger.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace natstat {

namespace {

constexpr std::size_t least_slots = 1024;

std::uint32_t seconds_of(Time time) {
    return static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

bool is_answered(const Flow& flow) {
    return flow.has(Part::status) && (flow.status & status::seen_reply) != 0;
}

bool tells_counters(const Flow& flow) {
    return flow.has(Part::counters_up) || flow.has(Part::counters_down);
}

/// How a flow ended whose end was told. The kernel leaves out a timeout that has run out, and
/// counts whole seconds (ctnetlink_dump_timeout).
Ending ending_of_last_word(const Event& event) {
    LastSight sight;
    sight.requested = event.requested;
    sight.removed = event.flow.has(Part::timeout) && event.flow.timeout > 0;
    sight.timed_out = !sight.removed;
    return ending_of(event.flow, sight);
}

/// What is new since; an entry that was read before what is known already has less.
Traffic newly(Traffic& known, Traffic now) {
    const auto more = [](std::uint64_t& before, std::uint64_t after) {
        const std::uint64_t growth = after > before ? after - before : 0;
        before += growth;
        return growth;
    };
    return {more(known.packets, now.packets), more(known.bytes, now.bytes)};
}

} // namespace

bool Ledger::apply(const Event& event, const Take& take) {
    switch (event.kind) {
    case EventKind::lost:
        lost_ += std::max<std::uint64_t>(event.count, 1);
        lost_in_list_ = true;
        return true;
    case EventKind::list_begin:
        in_list_ = true;
        lost_in_list_ = false;
        list_began_ = event.time;
        ended_.clear();
        return true;
    case EventKind::list_end:
        end_list(event, take);
        return true;
    case EventKind::created:
        take_created(event, take);
        return true;
    case EventKind::listed:
        return take_listed(event, take);
    case EventKind::destroyed:
        take_end(event, take);
        return true;
    case EventKind::updated:
    case EventKind::looked_up: // is not asked for
    case EventKind::started:   // of a log, and it is the kernel that is counted
    case EventKind::stopped:
        break;
    }
    return true;
}

void Ledger::take_created(const Event& event, const Take& take) {
    const std::uint64_t name = name_of(event.flow);
    grow();
    const std::size_t slot = slot_of(name);
    // A list may have named it before the word of its creation came.
    const std::size_t index = slots_[slot] != 0 ? slots_[slot] - 1 : insert(event.flow, name, slot);
    Known& known = known_[index];
    Entry entry;
    entry.created = !set(known, counted);
    take_away(known, fresh);
    note(index, event, entry);
    if (entry.tells())
        take(entry);
}

bool Ledger::take_listed(const Event& event, const Take& take) {
    const std::uint64_t name = name_of(event.flow);
    if (ended_.contains(name))
        return false;
    grow();
    const std::size_t slot = slot_of(name);
    Entry entry;
    std::size_t index = 0;
    if (slots_[slot] != 0) {
        index = slots_[slot] - 1;
        if (set(known_[index], listed))
            return false;
        note(index, event, entry);
    } else {
        index = insert(event.flow, name, slot);
        if (complete_)
            set(known_[index], fresh);
        set(known_[index], listed);
        Entry from_before;
        note(index, event, complete_ ? entry : from_before);
    }
    if (entry.tells())
        take(entry);
    return true;
}

void Ledger::take_end(const Event& event, const Take& take) {
    const std::uint64_t name = name_of(event.flow);
    if (in_list_)
        ended_.insert(name);
    grow();
    std::size_t slot = slot_of(name);
    Entry entry;
    if (slots_[slot] != 0) {
        Known& known = known_[slots_[slot] - 1];
        entry.created = take_away(known, fresh) && !set(known, counted);
        note(slots_[slot] - 1, event, entry);
    } else {
        // Once a list has been whole, what nobody knew began since, and its first word was lost.
        entry.created = complete_;
        Entry from_before;
        note(insert(event.flow, name, slot), event, complete_ ? entry : from_before);
        entry.kind = known_.back().kind;
        entry.flow = &event.flow;
    }
    entry.ending = ending_of_last_word(event);
    erase(slot);
    take(entry);
}

void Ledger::end_list(const Event& event, const Take& take) {
    const bool whole = event.whole && !lost_in_list_;
    const std::uint32_t began = seconds_of(list_began_);
    const auto patient = static_cast<std::uint32_t>(patience.count());
    for (std::size_t index = known_.size(); index-- > 0;) {
        Known& known = known_[index];
        take_away(known, listed);
        Entry entry;
        entry.kind = known.kind;
        entry.created = take_away(known, fresh) && !set(known, counted);
        const bool gone = whole && in_list_ && known.seen < began && began - known.seen >= patient;
        if (gone) {
            entry.ending = Ending::unknown;
            erase(slot_of(known.name));
        }
        if (entry.tells())
            take(entry);
    }
    complete_ = complete_ || whole;
    in_list_ = lost_in_list_ = false;
    ended_.clear();
}

void Ledger::note(std::size_t index, const Event& event, Entry& entry) {
    Known& known = known_[index];
    entry.kind = known.kind;
    entry.flow = &event.flow;
    known.seen = seconds_of(event.time);
    if (is_answered(event.flow))
        entry.answered = !set(known, answered);
    if (tells_counters(event.flow))
        note_traffic(index, event.flow, entry);
}

void Ledger::note_traffic(std::size_t index, const Flow& flow, Entry& entry) {
    if (counters_.empty())
        counters_.grow_to(known_.size());
    Counters& counters = counters_[index];
    if (flow.has(Part::counters_up))
        entry.up = newly(counters.up, {flow.packets_up, flow.bytes_up});
    if (flow.has(Part::counters_down))
        entry.down = newly(counters.down, {flow.packets_down, flow.bytes_down});
}

// -- how flows are kept ---------------------------------------------------------------------------

std::uint64_t Ledger::name_of(const Flow& flow) const {
    std::uint64_t words[4];
    std::memcpy(words, flow.address.data(), sizeof words); // both ends of the original tuple
    SipHash hash(key_);
    for (const std::uint64_t word : words)
        hash.word(word);
    hash.word(std::uint64_t{flow.id} << 32 | std::uint64_t{flow.port[0]} << 16 | flow.port[1]);
    const std::uint64_t rest = std::uint64_t{flow.zone_of(Direction::original)} |
                               std::uint64_t{flow.protocol} << 16 |
                               std::uint64_t{static_cast<std::uint8_t>(flow.family)} << 24;
    constexpr std::size_t size = sizeof words + sizeof(std::uint64_t) + 4;
    return hash.end(rest, size);
}

/// Where a walk for the flow begins. Any number of slots will do, not only a power of two.
std::size_t Ledger::home_of(std::uint64_t name) const {
    constexpr int half = 32;
    return static_cast<std::size_t>(((name >> half) * slots_.size()) >> half);
}

std::size_t Ledger::after(std::size_t slot) const {
    return slot + 1 == slots_.size() ? 0 : slot + 1;
}

std::size_t Ledger::distance(std::size_t from, std::size_t to) const {
    return to >= from ? to - from : to + slots_.size() - from;
}

/// That of the flow, or the free one that it would have.
std::size_t Ledger::slot_of(std::uint64_t name) const {
    std::size_t slot = home_of(name);
    while (slots_[slot] != 0 && known_[slots_[slot] - 1].name != name)
        slot = after(slot);
    return slot;
}

std::size_t Ledger::insert(const Flow& flow, std::uint64_t name, std::size_t slot) {
    known_.push_back(Known{name, 0, kind_of_(flow), 0});
    if (!counters_.empty())
        counters_.push_back({});
    slots_[slot] = static_cast<std::uint32_t>(known_.size());
    return known_.size() - 1;
}

/// The last flow takes the place of the one that goes; those behind its slot move up, so that each
/// is found by a walk without a gap.
void Ledger::erase(std::size_t slot) {
    const std::size_t index = slots_[slot] - 1;
    const std::size_t last = known_.size() - 1;
    slots_[slot_of(known_[last].name)] = static_cast<std::uint32_t>(index + 1);
    slots_[slot] = 0;
    for (std::size_t next = after(slot); slots_[next] != 0; next = after(next)) {
        const std::size_t from = slots_[next] - 1;
        const std::uint64_t name = known_[from == index ? last : from].name;
        if (distance(home_of(name), next) < distance(slot, next))
            continue; // it is not further back than its own walk leads
        slots_[slot] = std::exchange(slots_[next], 0);
        slot = next;
    }
    known_[index] = known_[last];
    known_.pop_back();
    if (counters_.empty())
        return;
    counters_[index] = counters_[last];
    counters_.pop_back();
}

void Ledger::grow() {
    constexpr std::size_t quarters = 3; // of the slots are taken at most
    if ((known_.size() + 1) * 4 <= slots_.size() * quarters)
        return;
    const std::size_t more = slots_.size() + slots_.size() / 4;
    slots_ = {}; // the old ones go before the new ones come
    slots_.assign(std::max(least_slots, more), 0);
    for (std::size_t index = 0; index < known_.size(); ++index)
        slots_[slot_of(known_[index].name)] = static_cast<std::uint32_t>(index + 1);
}

} // namespace natstat
