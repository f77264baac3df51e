// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How the tracker keeps and finds its flows: blocks that never move, and an open-addressing index
// over them.
#include "natstat/model/tracker.hpp"

#include "tracker_key.hpp"

#include <algorithm>
#include <utility>

namespace natstat {

namespace {

constexpr std::size_t first_capacity = 1024;

} // namespace

std::uint32_t Tracker::hash_of(const Flow& flow) const {
    return key_hash(flow, key_) & Mark::hash_mask;
}

std::size_t Tracker::slot_of(const Flow& flow, std::uint32_t hash) const {
    return slot_of(flow, hash, hash);
}

std::size_t Tracker::slot_of_same(const Flow& flow, std::uint32_t hash, AreTwo are_two) const {
    std::size_t slot = slot_of(flow, hash);
    while (slots_[slot] != 0 && are_two((*this)[slots_[slot] - 1].flow, flow))
        slot = slot_of(flow, hash, slot + 1);
    return slot;
}

std::size_t Tracker::slot_of(const Flow& flow, std::uint32_t hash, std::size_t from) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = from & mask;
    while (slots_[slot] != 0) {
        const std::size_t index = slots_[slot] - 1;
        if (marks_[index].hash == hash && same_connection((*this)[index].flow, flow))
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

std::optional<std::size_t> Tracker::find(const Flow& flow) const {
    if (slots_.empty())
        return std::nullopt;
    const std::uint32_t found = slots_[slot_of(flow, hash_of(flow))];
    if (found == 0 || (*this)[found - 1].flow.id != flow.id)
        return std::nullopt;
    return found - 1;
}

std::size_t Tracker::slot_of(std::size_t index) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = marks_[index].hash & mask;
    while (slots_[slot] != index + 1)
        slot = (slot + 1) & mask;
    return slot;
}

std::size_t Tracker::insert(const Flow& flow, std::uint32_t hash, std::size_t slot, Time time) {
    const std::size_t index = size();
    if (index == blocks_.size() * block_size)
        blocks_.push_back(std::make_unique<Block>());
    Tracked& tracked = at(index);
    tracked = {flow, {}};
    tracked.life.seen = time;
    tracked.life.timeout_at = flow.has(Part::timeout) ? time : Time{};
    tracked.life.counted_at = flow.has(Part::counters_up) ? time : Time{};
    marks_.push_back({hash & Mark::hash_mask, 1, 0, 0});
    slots_[slot] = static_cast<std::uint32_t>(index + 1);
    return index;
}

std::size_t Tracker::displacement() const {
    std::size_t all = 0;
    for (std::size_t slot = 0; slot < slots_.size(); ++slot)
        if (slots_[slot] != 0)
            all += (slot - marks_[slots_[slot] - 1].hash) & (slots_.size() - 1);
    return all;
}

void Tracker::make_room() {
    // Two thirds full at most.
    if (3 * (size() + 1) <= 2 * slots_.size())
        return;
    const std::size_t capacity = std::max(first_capacity, 2 * slots_.size());
    slots_.assign(capacity, 0);
    for (std::size_t index = 0; index < size(); ++index) {
        std::size_t slot = marks_[index].hash & (capacity - 1);
        while (slots_[slot] != 0)
            slot = (slot + 1) & (capacity - 1);
        slots_[slot] = static_cast<std::uint32_t>(index + 1);
    }
}

void Tracker::erase(std::size_t slot) {
    const std::size_t index = slots_[slot] - 1;
    const std::size_t last = size() - 1;
    if (index != last) {
        slots_[slot_of(last)] = static_cast<std::uint32_t>(index + 1);
        at(index) = at(last);
        marks_[index] = marks_[last];
    }
    marks_.pop_back();
    // One block is kept in reserve, so that a table of changing size does not ask again and again.
    while (blocks_.size() > size() / block_size + 2)
        blocks_.pop_back();
    // Close the gap: move up whatever a probe could no longer reach over it.
    const std::size_t mask = slots_.size() - 1;
    std::size_t gap = slot;
    slots_[gap] = 0;
    for (std::size_t next = (gap + 1) & mask; slots_[next] != 0; next = (next + 1) & mask) {
        const std::size_t home = marks_[slots_[next] - 1].hash & mask;
        if (((next - home) & mask) >= ((next - gap) & mask)) {
            slots_[gap] = slots_[next];
            slots_[next] = 0;
            gap = next;
        }
    }
}

void Tracker::forget_unused_extras() {
    if (extras_.size() <= extras_limit_)
        return;
    ExtrasPool used(key_);
    for (std::size_t index = 0; index < size(); ++index) {
        Flow& flow = at(index).flow;
        flow.extras = flow.extras == 0 ? 0 : used.intern(extras_[flow.extras]);
    }
    extras_ = std::move(used);
    extras_limit_ = std::max(extras_limit_, 2 * extras_.size());
}

} // namespace natstat
