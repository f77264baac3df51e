// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Entries of 16 bytes as in a listing; a window is selected, not sorted for.
#include "natstat/table/ranking.hpp"

#include "natstat/model/protocol.hpp"

#include <algorithm>

namespace natstat {

namespace {

void add_phase(Mix& mix, Phase phase) {
    switch (phase) {
    case Phase::none:
        return;
    case Phase::opening:
        ++mix.opening;
        return;
    case Phase::established:
        ++mix.established;
        return;
    case Phase::closing:
        ++mix.closing;
        return;
    }
}

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

} // namespace

void Mix::add(const Row& row) {
    ++flows;
    ++(this->*protocol_of(row.flow.protocol));
    if (row.flow.protocol == protocol::tcp && row.flow.has(Part::state))
        add_phase(*this, phase_of(protocol::tcp, row.flow.state));
    if (const auto kind = row.kind())
        ++(this->*member_of(*kind));
    if (row.life == nullptr || row.life->rate_up < 0 || row.life->rate_down < 0)
        return;
    rates = true;
    rate_up += static_cast<double>(row.life->rate_up);
    rate_down += static_cast<double>(row.life->rate_down);
}

bool Ranking::advance(std::size_t flows) {
    if (next_ == 0)
        entries_.reserve(tracker_.size()); // growing would take twice the memory
    const std::size_t end = std::min(tracker_.size(), next_ + flows);
    for (; next_ < end; ++next_) {
        const Row found = row(next_);
        mix_.add(found);
        if (!selection_.matches(found) || !filter_.matches(found))
            continue;
        const OrderPrefix prefix = order_.prefix(found);
        entries_.push_back({prefix.head, prefix.tail, static_cast<std::uint32_t>(next_)});
    }
    return next_ >= tracker_.size();
}

std::vector<std::size_t> Ranking::window(std::size_t first, std::size_t count) {
    // Flows that have gone since they were looked at have no place any more.
    std::erase_if(entries_, [this](const Entry& e) { return e.flow >= tracker_.size(); });
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
        numbers.push_back(at->flow);
    return numbers;
}

std::size_t Ranking::place_of(std::size_t flow) const {
    const OrderPrefix prefix = order_.prefix(row(flow));
    const Entry entry{prefix.head, prefix.tail, static_cast<std::uint32_t>(flow)};
    return static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(), [&](const Entry& other) {
            return other.flow < tracker_.size() && other.flow != flow && before(other, entry);
        }));
}

Row Ranking::row(std::size_t flow) const {
    const auto& [found, life] = tracker_[flow];
    return {found, life, tracker_.extras()[found.extras], around_};
}

bool Ranking::before(const Entry& a, const Entry& b) const {
    if (a.head != b.head)
        return a.head < b.head;
    if (a.tail != b.tail)
        return a.tail < b.tail;
    return order_.before(row(a.flow), row(b.flow));
}

} // namespace natstat
