// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Flows kept for a listing: stored compactly, walked in order. Runs of rows are sorted while more
// rows are still coming, because a list from the kernel leaves us that time; the walk merges the
// runs.
#pragma once

#include "natstat/table/order.hpp"

#include <functional>
#include <limits>
#include <memory>
#include <vector>

namespace natstat {

class Listing {
  public:
    using Visit = std::function<void(const Row&)>;
    static constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

    /// `order` null: the rows stay in the order in which they come. Both outlive the listing.
    Listing(const Order* order, const Surroundings& around) : order_(order), around_(around) {}

    /// Keeps a copy of the row's flow, its extras and, where it has one, its life: all rows of a
    /// listing have one or none has.
    void add(const Row& row);

    /// Forgets everything.
    void clear();

    [[nodiscard]] std::size_t size() const { return size_; }

    /// Visits every row in order, or the first `limit` of them.
    void for_each(const Visit& visit, std::size_t limit = no_limit);

    /// Visits them in the order in which they came: cheaper, for what needs no order.
    void for_each_unordered(const Visit& visit, std::size_t limit = no_limit) const;

  private:
    struct Entry { // 16 bytes: the parts of an OrderPrefix, without its padding
        std::uint64_t head;
        std::uint32_t tail;
        std::uint32_t flow;
    };
    // Blocks, so that growing neither copies nor needs twice the memory.
    static constexpr std::size_t block_flows = 4096;
    static constexpr std::size_t run_rows = 16384;
    using Block = std::array<Flow, block_flows>;
    using Run = std::array<Entry, run_rows>;

    /// What is left of a run in the merge.
    struct Cursor {
        const Entry* at;
        const Entry* end;
    };

    [[nodiscard]] const Flow& flow(std::size_t number) const {
        return (*blocks_[number / block_flows])[number % block_flows];
    }
    [[nodiscard]] Row row(std::size_t number) const {
        const Flow& found = flow(number);
        if (!lives_.empty())
            return {found, lives_[number], extras_[found.extras], around_};
        return {found, extras_[found.extras], around_};
    }
    [[nodiscard]] bool before(const Entry& a, const Entry& b) const;
    void sort_last_run(std::size_t rows);
    void sink_first(std::vector<Cursor>& heap) const;

    const Order* order_;
    const Surroundings& around_;
    std::vector<std::unique_ptr<Block>> blocks_;
    std::vector<std::unique_ptr<Run>> runs_;
    std::vector<Life> lives_; // of flows that were followed
    ExtrasPool extras_;
    std::size_t size_ = 0;
};

} // namespace natstat
