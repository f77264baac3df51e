// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Flows kept for a listing: packed, and in order when they are walked. Each row is put into one of
// some dozens of parts as it comes, by splitters that the first rows give, as in samplesort; a part
// is sorted when it is visited, so that several threads can sort, and print, several of them at a
// time.
#pragma once

#include "natstat/table/order.hpp"
#include "natstat/table/packed_flows.hpp"

#include <functional>
#include <limits>
#include <memory>
#include <span>
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
    void for_each(const Visit& visit, std::size_t limit = no_limit) const;

    /// Visits every row in any order: cheaper, for what needs none.
    void for_each_unordered(const Visit& visit) const;

    /// How many parts there are; none is empty, and all rows of one stand before those of the next.
    [[nodiscard]] std::size_t parts() const { return parts_.size(); }
    [[nodiscard]] std::size_t size_of(std::size_t part) const { return parts_[part].size; }

  private:
    struct Entry { // 16 bytes: the parts of an OrderPrefix, without its padding
        std::uint64_t head;
        std::uint32_t tail;
        std::uint32_t row;
    };
    static constexpr auto by_prefix = [](const Entry& a, const Entry& b) {
        return a.head != b.head ? a.head < b.head : a.tail < b.tail;
    };

  public:
    /// One thread's way through the parts of a listing, with its own room to sort them in. Several
    /// may be under way at a time.
    class Walk {
      public:
        explicit Walk(const Listing& listing) : listing_(listing) {}

        /// Visits the first `limit` rows of a part in order.
        void visit(std::size_t part, const Visit& visit, std::size_t limit = no_limit);

      private:
        void sort_ties();
        void sort_unpacked(std::span<Entry> alike);

        const Listing& listing_;
        std::vector<Entry> sorted_;
        std::vector<Flow> flows_; // of rows whose prefixes are the same
        std::vector<Row> rows_;   // the same rows
        std::vector<Entry> in_order_;
    };

  private:
    /// Entries in chunks of a page, so that growing neither copies nor leaves much room unused.
    struct Part {
        static constexpr std::size_t chunk_entries = 256;
        std::vector<std::unique_ptr<Entry[]>> chunks;
        std::size_t size = 0;

        void add(const Entry& entry);
        template <typename Take>
        void for_each(Take&& take) const;
    };

    [[nodiscard]] PackedFlows::Place place_of(std::uint32_t row) const {
        return places_.empty() ? row : places_[row];
    }
    [[nodiscard]] Row row_of(const Flow& flow, std::uint32_t row) const;
    template <typename Use>
    auto with_row(std::uint32_t row, Use&& use) const;
    [[nodiscard]] bool tie_before(const Entry& a, const Entry& b) const;
    [[nodiscard]] Part& part_of(const Entry& entry);
    void split();

    const Order* order_;
    const Surroundings& around_;
    PackedFlows flows_;
    ExtrasPool extras_;
    std::vector<PackedFlows::Place> places_; // by row, where rows are not the places themselves
    std::vector<Life> lives_;                // by row, of flows that were followed
    std::vector<Entry> splitters_;           // the least of each part but the first
    std::vector<Part> parts_;
    std::size_t size_ = 0;
};

} // namespace natstat
