// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Entries of 16 bytes as in a listing; a window is selected, not sorted for.
#include "natstat/live/ranking.hpp"

#include "natstat/live/departures.hpp"
#include "natstat/model/protocol.hpp"
#include "natstat/table/phases.hpp"

#include <algorithm>

namespace natstat {

namespace {

std::size_t Mix::*protocol_of(std::uint8_t number) {
    switch (number) {
    case protocol::tcp:
        return &Mix::tcp;
    case protocol::udp:
        return &Mix::udp;
    case protocol::icmp:
    case protocol::icmpv6:
        return &Mix::icmp;
    default:
        return &Mix::other;
    }
}

std::size_t Mix::*member_of(FlowKind kind) {
    switch (kind) {
    case FlowKind::snat:
        return &Mix::snat;
    case FlowKind::dnat:
        return &Mix::dnat;
    case FlowKind::both:
        return &Mix::both;
    case FlowKind::local:
        return &Mix::local;
    case FlowKind::routed:
        break;
    }
    return &Mix::routed;
}

/// Whether the flow was seen to begin, and that was then or later.
bool is_since(const Life& life, Time since) {
    return life.created && life.seen >= since;
}

/// What is distinct in each of several groups is not in all of them together.
void add_to(Group& total, const Group& group) {
    for (auto member :
         {&Group::flows, &Group::opening, &Group::established, &Group::closing, &Group::unanswered,
          &Group::uncounted, &Group::begun, &Group::gone, &Group::failed})
        total.*member += group.*member;
    for (auto member :
         {&Group::packets_up, &Group::packets_down, &Group::bytes_up, &Group::bytes_down})
        if ((group.*member).told)
            (total.*member).add((group.*member).value);
    for (auto member : {&Group::rate_up, &Group::rate_down})
        if ((group.*member).told)
            (total.*member).add((group.*member).value);
}

} // namespace

void Mix::add(const Row& row) {
    ++flows;
    ++(this->*protocol_of(row.flow.protocol));
    if (row.flow.protocol == protocol::tcp)
        count_phase(*this, phase_of(row.flow));
    if (const auto kind = row.kind())
        ++(this->*member_of(*kind));
    if (row.life == nullptr)
        return;
    uncounted += row.is_uncounted() ? 1 : 0;
    if (row.life->rate_up < 0 || row.life->rate_down < 0)
        return;
    rates = true;
    rate_up += static_cast<double>(row.life->rate_up);
    rate_down += static_cast<double>(row.life->rate_down);
}

Ranking::Ranking(const Tracker& tracker, const Filter& selection, const Filter& filter, Order order,
                 const Surroundings& around, const std::optional<Grouping>& grouping,
                 const ChangesSince& changes)
    : tracker_(tracker), selection_(selection), filter_(filter), order_(std::move(order)),
      around_(around), changes_(changes) {
    if (changes_.departures != nullptr) {
        next_departed_ = changes_.departures->first_since(changes_.since);
        departed_end_ = changes_.departures->end();
    }
    if (!grouping) {
        entries_.reserve(tracker_.size()); // growing would take twice the memory
        return;
    }
    groups_ = std::make_unique<Groups>(grouping->keys, grouping->distinct, around_);
    order_ = groups_->whole(order_);
}

bool Ranking::advance(std::size_t count) {
    const std::size_t end = std::min(tracker_.size(), next_ + count);
    for (; next_ < end; ++next_)
        add_flow(next_);
    if (next_ < tracker_.size())
        return false;
    if (!groups_)
        return true;
    if (!advance_departed(count))
        return false;
    const std::size_t groups_end = std::min(groups_->size(), next_group_ + count);
    for (; next_group_ < groups_end; ++next_group_) {
        const Row row = (*groups_)[next_group_];
        add_entry(row, next_group_);
        add_to(total_, *row.group);
    }
    return next_group_ == groups_->size();
}

void Ranking::add_flow(std::size_t number) {
    const auto& [flow, life] = tracker_[number];
    const Row row(flow, life, tracker_.extras()[flow.extras], around_);
    mix_.add(row);
    if (!selection_.matches(row) || !filter_.matches(row))
        return;
    if (changes_.departures != nullptr) {
        if (is_since(life, changes_.since))
            groups_->add_begun(row);
        return;
    }
    if (groups_)
        groups_->add(row);
    else
        add_entry(row, number);
}

bool Ranking::advance_departed(std::size_t count) {
    if (next_departed_ == departed_end_)
        return true;
    next_departed_ = std::max(next_departed_, changes_.departures->first()); // some were let go
    const std::uint64_t end = std::min(departed_end_, next_departed_ + count);
    for (; next_departed_ < end; ++next_departed_) {
        const Departed& gone = (*changes_.departures)[next_departed_];
        const Row row = gone.row(around_);
        if (selection_.matches(row) && filter_.matches(row))
            groups_->add_gone(row, is_since(gone.life, changes_.since), gone.failed());
    }
    next_departed_ = std::min(next_departed_, departed_end_);
    return next_departed_ == departed_end_;
}

void Ranking::add_entry(const Row& row, std::size_t number) {
    const OrderPrefix prefix = order_.prefix(row);
    entries_.push_back({prefix.head, prefix.tail, static_cast<std::uint32_t>(number)});
}

bool Ranking::is_there(std::size_t number) const {
    return groups_ || number < tracker_.size();
}

bool Ranking::is_wanted(std::size_t number) const {
    if (groups_)
        return true;
    const Row row = (*this)[number];
    return selection_.matches(row) && filter_.matches(row);
}

std::vector<std::size_t> Ranking::window(std::size_t first, std::size_t count) {
    // Flows that have gone since they were looked at have no place any more.
    std::erase_if(entries_, [this](const Entry& e) { return !is_there(e.number); });
    first = std::min(first, entries_.size());
    count = std::min(count, entries_.size() - first);
    const auto less = [this](const Entry& a, const Entry& b) { return before(a, b); };
    const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = begin + static_cast<std::ptrdiff_t>(count);
    if (begin != entries_.end())
        std::nth_element(entries_.begin(), begin, entries_.end(), less);
    std::partial_sort(begin, end, entries_.end(), less);
    std::vector<std::size_t> numbers;
    for (auto at = begin; at != end; ++at)
        if (is_wanted(at->number))
            numbers.push_back(at->number);
    std::sort(numbers.begin(), numbers.end(), [this](std::size_t a, std::size_t b) {
        return order_.before((*this)[a], (*this)[b]);
    });
    return numbers;
}

Row Ranking::operator[](std::size_t number) const {
    if (groups_)
        return (*groups_)[number];
    const auto& [flow, life] = tracker_[number];
    return {flow, life, tracker_.extras()[flow.extras], around_};
}

std::optional<std::size_t> Ranking::find(const Row& row) const {
    return groups_ ? groups_->find(row) : tracker_.find(row.flow);
}

std::size_t Ranking::place_of(std::size_t number) const {
    const OrderPrefix prefix = order_.prefix((*this)[number]);
    const Entry entry{prefix.head, prefix.tail, static_cast<std::uint32_t>(number)};
    return static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(), [&](const Entry& other) {
            return is_there(other.number) && other.number != number && before(other, entry);
        }));
}

bool Ranking::before(const Entry& a, const Entry& b) const {
    if (a.head != b.head)
        return a.head < b.head;
    if (a.tail != b.tail)
        return a.tail < b.tail;
    return order_.before((*this)[a.number], (*this)[b.number]);
}

} // namespace natstat
