// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Splitting and sorting move 16-byte entries only; the flows stay packed where they are and are
// looked at on a tie. The walk jumps about in memory, so it asks for the flows that come next ahead
// of time.
#include "natstat/table/listing.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// Rows that are asked for before they are visited.
constexpr std::size_t lookahead = 16;
/// So many rows choose the splitters; fewer are one part.
constexpr std::size_t sample_rows = 16384;
constexpr std::size_t most_parts = 256;
/// Rows with the same prefix that are unpacked at the same time, for their rest to be compared;
/// more are unpacked again and again, which takes no memory.
constexpr std::ptrdiff_t most_unpacked = 4096;

} // namespace

void Listing::Part::add(const Entry& entry) {
    const std::size_t place = size++ % chunk_entries;
    if (place == 0)
        chunks.emplace_back(new Entry[chunk_entries]);
    chunks.back()[place] = entry;
}

template <typename Take>
void Listing::Part::for_each(Take&& take) const {
    for (std::size_t i = 0; i < size; ++i)
        take(chunks[i / chunk_entries][i % chunk_entries]);
}

void Listing::add(const Row& row) {
    // The index of the row's own extras is of another pool; 0 is "none" in all of them.
    const auto extras = row.flow.extras == 0 ? 0 : extras_.intern(row.extras);
    const PackedFlows::Place place = flows_.add(row.flow, extras);
    auto number = place;
    if (row.life != nullptr || order_ == nullptr) {
        number = static_cast<std::uint32_t>(size_);
        places_.push_back(place);
    }
    if (row.life != nullptr)
        lives_.push_back(*row.life);
    ++size_;
    if (order_ == nullptr)
        return;
    const OrderPrefix prefix = order_->prefix(row);
    const Entry entry{prefix.head, prefix.tail, number};
    part_of(entry).add(entry);
    if (size_ == sample_rows)
        split();
}

void Listing::clear() {
    flows_.clear();
    extras_.clear();
    places_.clear();
    lives_.clear();
    splitters_.clear();
    parts_.clear();
    size_ = 0;
}

Row Listing::row_of(const Flow& flow, std::uint32_t row) const {
    const Extras& extras = extras_[flow.extras];
    return lives_.empty() ? Row(flow, extras, around_) : Row(flow, lives_[row], extras, around_);
}

/// Unpacks a row for as long as `use` takes, and gives what that gives.
template <typename Use>
auto Listing::with_row(std::uint32_t row, Use&& use) const {
    const Flow flow = flows_.get(place_of(row));
    return use(row_of(flow, row));
}

bool Listing::tie_before(const Entry& a, const Entry& b) const {
    return with_row(a.row, [&](const Row& first) {
        return with_row(b.row, [&](const Row& second) { return order_->before(first, second); });
    });
}

Listing::Part& Listing::part_of(const Entry& entry) {
    if (parts_.empty())
        parts_.resize(1);
    const auto after =
        std::upper_bound(splitters_.begin(), splitters_.end(), entry,
                         [](const Entry& a, const Entry& b) { return a.head < b.head; });
    return parts_[static_cast<std::size_t>(after - splitters_.begin())];
}

/// Rows whose prefixes begin alike stay together. Rows that resemble the first ones little make
/// parts of unequal size, which costs time and nothing else.
void Listing::split() {
    std::vector<Entry> sample;
    parts_.front().for_each([&](const Entry& entry) { sample.push_back(entry); });
    std::sort(sample.begin(), sample.end(),
              [](const Entry& a, const Entry& b) { return a.head < b.head; });
    for (std::size_t i = 1; i < most_parts; ++i) {
        const Entry& splitter = sample[i * sample.size() / most_parts];
        const std::uint64_t last =
            splitters_.empty() ? sample.front().head : splitters_.back().head;
        if (splitter.head != last)
            splitters_.push_back(splitter);
    }
    parts_.clear();
    parts_.resize(splitters_.size() + 1);
    for (const Entry& entry : sample)
        part_of(entry).add(entry);
}

/// Rows whose prefixes are the same, by the rest of the order.
void Listing::Walk::sort_ties() {
    for (auto begin = sorted_.begin(); begin != sorted_.end();) {
        const auto end = std::find_if(begin + 1, sorted_.end(),
                                      [&](const Entry& entry) { return by_prefix(*begin, entry); });
        if (end - begin > most_unpacked)
            std::sort(begin, end,
                      [this](const Entry& a, const Entry& b) { return listing_.tie_before(a, b); });
        else if (end - begin > 1)
            sort_unpacked({begin, end});
        begin = end;
    }
}

/// Each is unpacked once, however often it is compared.
void Listing::Walk::sort_unpacked(std::span<Entry> alike) {
    flows_.clear();
    for (const Entry& entry : alike)
        flows_.push_back(listing_.flows_.get(listing_.place_of(entry.row)));
    rows_.clear();
    for (std::size_t i = 0; i < alike.size(); ++i)
        rows_.push_back(listing_.row_of(flows_[i], alike[i].row));
    in_order_.assign(alike.begin(), alike.end());
    for (std::size_t i = 0; i < alike.size(); ++i)
        in_order_[i].head = i; // all were the same: now it says which of the rows this is
    std::sort(in_order_.begin(), in_order_.end(), [this](const Entry& a, const Entry& b) {
        return listing_.order_->before(rows_[a.head], rows_[b.head]);
    });
    for (std::size_t i = 0; i < alike.size(); ++i)
        alike[i].row = in_order_[i].row;
}

void Listing::Walk::visit(std::size_t part, const Visit& visit, std::size_t limit) {
    sorted_.clear();
    listing_.parts_[part].for_each([this](const Entry& entry) { sorted_.push_back(entry); });
    std::sort(sorted_.begin(), sorted_.end(), by_prefix);
    sort_ties();
    const std::size_t wanted = std::min(sorted_.size(), limit);
    for (std::size_t i = 0; i < wanted; ++i) {
        if (i + lookahead < wanted)
            listing_.flows_.prefetch(listing_.place_of(sorted_[i + lookahead].row));
        listing_.with_row(sorted_[i].row, visit);
    }
}

void Listing::for_each(const Visit& visit, std::size_t limit) const {
    if (order_ == nullptr) {
        for (std::size_t row = 0; row < std::min(size_, limit); ++row)
            with_row(static_cast<std::uint32_t>(row), visit);
        return;
    }
    Walk walk(*this);
    for (std::size_t part = 0; part < parts() && limit != 0; ++part) {
        walk.visit(part, visit, limit);
        limit -= std::min(limit, size_of(part));
    }
}

void Listing::for_each_unordered(const Visit& visit) const {
    if (order_ == nullptr)
        return for_each(visit);
    for (const Part& part : parts_)
        part.for_each([&](const Entry& entry) { with_row(entry.row, visit); });
}

} // namespace natstat
