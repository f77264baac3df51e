// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A flat vector of flows and an open-addressing index over it: one allocation each, no node per
// flow.
#include "natstat/model/tracker.hpp"

#include <cstring>

namespace natstat {

namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
    return hash ^ hash >> 32;
}

std::uint64_t hash_of(const Flow& flow) {
    std::uint64_t words[4];
    std::memcpy(words, flow.address.data(), sizeof words); // both ends of the original tuple
    std::uint64_t hash = 0;
    for (const std::uint64_t word : words)
        hash = mix(hash, word);
    const auto zone = std::uint64_t{flow.zone};
    hash = mix(hash, std::uint64_t{flow.port[0]} << 48 | std::uint64_t{flow.port[1]} << 32 |
                         zone << 16 | std::uint64_t{flow.protocol} << 8);
    // Once more, so that the top bits of the last word reach the bottom ones, which pick the slot.
    return mix(hash, 0);
}

/// Whether the kernel's numbers say that these are two flows with one tuple.
bool other_flow(const Flow& a, const Flow& b) {
    return a.has(Part::id) && b.has(Part::id) && a.id != b.id;
}

constexpr std::size_t first_capacity = 1024;

} // namespace

void merge(Flow& known, const Flow& news) {
    const auto carries = [&news](Part part) { return news.has(part); };
    const auto take_ends = [&](Part ports, std::size_t first) {
        for (const std::size_t end : {first, first + 1}) {
            known.address[end] = news.address[end];
            if (carries(ports))
                known.port[end] = news.port[end];
        }
    };
    if (carries(Part::original))
        take_ends(Part::original_ports, 0);
    if (carries(Part::reply))
        take_ends(Part::reply_ports, 2);
    if (carries(Part::status))
        known.status = news.status;
    if (carries(Part::state))
        known.state = news.state;
    if (carries(Part::timeout))
        known.timeout = news.timeout;
    if (carries(Part::counters_up)) {
        known.packets_up = news.packets_up;
        known.bytes_up = news.bytes_up;
    }
    if (carries(Part::counters_down)) {
        known.packets_down = news.packets_down;
        known.bytes_down = news.bytes_down;
    }
    if (carries(Part::start))
        known.start_ms = news.start_ms;
    if (carries(Part::mark))
        known.mark = news.mark;
    if (carries(Part::zone))
        known.zone = news.zone;
    if (carries(Part::id))
        known.id = news.id;
    if (news.extras != 0)
        known.extras = news.extras;
    known.parts = static_cast<std::uint16_t>(known.parts | news.parts);
}

void Tracker::apply(const Event& event, const ExtrasPool& extras) {
    if (event.kind == EventKind::lost)
        return;
    if (event.kind == EventKind::list_end) {
        for (std::size_t i = flows_.size(); event.whole && i-- > 0;)
            if (marks_[i] != list_)
                erase(slot_of(flows_[i]));
        ++list_;
        return;
    }
    if (slots_.size() < 2 * (flows_.size() + 1))
        rebuild(slots_.empty() ? first_capacity : 2 * slots_.size());
    Flow flow = event.flow;
    flow.extras = extras_.intern(extras[event.flow.extras]);
    const std::size_t slot = slot_of(flow);
    if (event.kind == EventKind::destroyed) {
        // The end of an older flow can come after its successor was listed.
        if (slots_[slot] != 0 && !other_flow(flows_[slots_[slot] - 1], flow))
            erase(slot);
    } else if (slots_[slot] == 0) {
        insert(flow, slot);
    } else {
        Flow& known = flows_[slots_[slot] - 1];
        const bool same_id = known.has(Part::id) && flow.has(Part::id) && known.id == flow.id;
        // A tuple that is created again, or comes with another id, is a new flow; but one that was
        // listed before the word of its creation came is not.
        if (other_flow(known, flow) || (event.kind == EventKind::created && !same_id))
            known = flow;
        else
            merge(known, flow);
        marks_[slots_[slot] - 1] = list_;
    }
}

std::size_t Tracker::slot_of(const Flow& flow) const {
    std::size_t slot = hash_of(flow) & (slots_.size() - 1);
    while (slots_[slot] != 0 && !same_connection(flows_[slots_[slot] - 1], flow))
        slot = (slot + 1) & (slots_.size() - 1);
    return slot;
}

void Tracker::insert(const Flow& flow, std::size_t slot) {
    flows_.push_back(flow);
    marks_.push_back(list_);
    slots_[slot] = static_cast<std::uint32_t>(flows_.size());
}

void Tracker::erase(std::size_t slot) {
    const std::uint32_t index = slots_[slot] - 1;
    const std::size_t last = slot_of(flows_.back());
    slots_[last] = index + 1;
    flows_[index] = flows_.back();
    marks_[index] = marks_.back();
    flows_.pop_back();
    marks_.pop_back();
    // Close the gap: move up whatever a probe could no longer reach over it.
    const std::size_t mask = slots_.size() - 1;
    std::size_t gap = slot;
    slots_[gap] = 0;
    for (std::size_t next = (gap + 1) & mask; slots_[next] != 0; next = (next + 1) & mask) {
        const std::size_t home = hash_of(flows_[slots_[next] - 1]) & mask;
        if (((next - home) & mask) >= ((next - gap) & mask)) {
            slots_[gap] = slots_[next];
            slots_[next] = 0;
            gap = next;
        }
    }
}

void Tracker::rebuild(std::size_t capacity) {
    slots_.assign(capacity, 0);
    for (std::uint32_t index = 0; index < flows_.size(); ++index)
        slots_[slot_of(flows_[index])] = index + 1;
}

} // namespace natstat
