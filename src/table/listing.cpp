// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Sorting and merging move 16-byte entries only; the flows stay where they are and are looked at on
// a tie. The walk jumps about in memory, so it asks for the flows that come next ahead of time.
#include "natstat/table/listing.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// Rows that are asked for before they are visited.
constexpr std::size_t lookahead = 16;

void prefetch(const Flow& flow) {
    const auto* bytes = reinterpret_cast<const char*>(&flow);
    for (std::size_t offset = 0; offset < sizeof flow; offset += 64)
        __builtin_prefetch(bytes + offset);
}

} // namespace

void Listing::add(const Row& row) {
    if (size_ % block_flows == 0)
        blocks_.emplace_back(
            new Block); // not value-initialised twice: every flow is assigned below
    Flow& kept = (*blocks_.back())[size_ % block_flows];
    kept = row.flow;
    if (kept.extras != 0) // an index into another pool; 0 is "none" in all of them
        kept.extras = extras_.intern(row.extras);
    if (row.life != nullptr)
        lives_.push_back(*row.life);
    if (order_ != nullptr) {
        const std::size_t place = size_ % run_rows;
        if (place == 0)
            runs_.emplace_back(new Run);
        const OrderPrefix prefix = order_->prefix(row);
        (*runs_.back())[place] = {prefix.head, prefix.tail, static_cast<std::uint32_t>(size_)};
        if (place == run_rows - 1)
            sort_last_run(run_rows);
    }
    ++size_;
}

void Listing::clear() {
    blocks_.clear();
    runs_.clear();
    lives_.clear();
    extras_.clear();
    size_ = 0;
}

bool Listing::before(const Entry& a, const Entry& b) const {
    if (a.head != b.head)
        return a.head < b.head;
    if (a.tail != b.tail)
        return a.tail < b.tail;
    return order_->before(row(a.flow), row(b.flow));
}

void Listing::sort_last_run(std::size_t rows) {
    Entry* begin = runs_.back()->data();
    std::sort(begin, begin + rows, [this](const Entry& a, const Entry& b) { return before(a, b); });
}

void Listing::sink_first(std::vector<Cursor>& heap) const {
    std::size_t place = 0;
    while (true) {
        std::size_t child = 2 * place + 1;
        if (child >= heap.size())
            return;
        if (child + 1 < heap.size() && before(*heap[child + 1].at, *heap[child].at))
            ++child;
        if (!before(*heap[child].at, *heap[place].at))
            return;
        std::swap(heap[place], heap[child]);
        place = child;
    }
}

void Listing::for_each(const Visit& visit, std::size_t limit) {
    if (order_ == nullptr)
        return for_each_unordered(visit, limit);
    const std::size_t wanted = std::min(size_, limit);
    if (size_ % run_rows != 0)
        sort_last_run(size_ % run_rows);
    std::vector<Cursor> heap; // its first cursor has the next row
    for (std::size_t i = 0; i < runs_.size(); ++i) {
        const Entry* begin = runs_[i]->data();
        heap.push_back({begin, begin + std::min(run_rows, size_ - i * run_rows)});
    }
    std::make_heap(heap.begin(), heap.end(),
                   [this](const Cursor& a, const Cursor& b) { return before(*b.at, *a.at); });
    std::array<std::uint32_t, lookahead> coming{}; // fetched, not yet visited
    for (std::size_t step = 0; step < wanted + lookahead; ++step) {
        std::uint32_t& slot = coming[step % lookahead];
        if (step >= lookahead)
            visit(row(slot));
        if (step >= wanted)
            continue;
        Cursor& next = heap.front();
        slot = next.at->flow;
        prefetch(flow(slot));
        if (++next.at == next.end) {
            heap.front() = heap.back();
            heap.pop_back();
        }
        sink_first(heap);
    }
}

void Listing::for_each_unordered(const Visit& visit, std::size_t limit) const {
    for (std::size_t i = 0; i < std::min(size_, limit); ++i)
        visit(row(i));
}

} // namespace natstat
