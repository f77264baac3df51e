// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Two networks are apart or one is in the other. Walked by their first addresses, the larger one
// first, those that are open at a place are nested, and the innermost knows which of them counts.
#include "network_map.hpp"

#include <algorithm>
#include <tuple>

namespace natstat {

namespace {

using Bytes = std::array<std::uint8_t, 16>;

Bytes last_of(const Network& network) {
    Bytes bytes = network.base.bytes;
    const auto bits = static_cast<unsigned>(8 * address_size(network.base.family));
    for (unsigned bit = network.prefix; bit < bits; ++bit)
        bytes[bit / 8] |= static_cast<std::uint8_t>(0x80U >> bit % 8);
    return bytes;
}

/// The next address of a family; absent behind the last one.
std::optional<Bytes> next(Bytes bytes, Family family) {
    for (std::size_t i = address_size(family); i-- > 0;)
        if (++bytes[i] != 0)
            return bytes;
    return std::nullopt;
}

} // namespace

/// Writes the ranges of one family.
class NetworkMap::Sweep {
  public:
    explicit Sweep(std::vector<Range>& ranges) : ranges_(ranges) {}

    void open(const Entry& entry) {
        close_before(entry.network.base.bytes);
        const Entry* const outer = open_.empty() ? nullptr : open_.back().counts;
        const bool counts = outer == nullptr || entry.rank >= outer->rank;
        open_.push_back(
            {last_of(entry.network), entry.network.base.family, counts ? &entry : outer});
        begin(entry.network.base.bytes);
    }

    void close_all() {
        while (!open_.empty())
            close();
    }

  private:
    struct Open {
        Bytes last;
        Family family;
        const Entry* counts;
    };

    void close_before(const Bytes& place) {
        while (!open_.empty() && open_.back().last < place)
            close();
    }

    void close() {
        const auto behind = next(open_.back().last, open_.back().family);
        open_.pop_back();
        if (behind)
            begin(*behind);
    }

    /// A range with what counts now; in the place of one that would be empty.
    void begin(const Bytes& from) {
        if (ranges_.empty() || ranges_.back().from != from)
            ranges_.push_back({from, std::nullopt});
        ranges_.back().item =
            open_.empty() ? std::nullopt : std::optional(open_.back().counts->item);
    }

    std::vector<Range>& ranges_;
    std::vector<Open> open_;
};

void NetworkMap::add(const Network& network, Item item, std::uint8_t rank) {
    entries_.push_back({network, item, rank});
}

void NetworkMap::finish() {
    const auto place = [](const Entry& entry) {
        return std::tie(entry.network.base, entry.network.prefix);
    };
    std::stable_sort(entries_.begin(), entries_.end(),
                     [&](const Entry& a, const Entry& b) { return place(a) < place(b); });
    for (auto* const ranges : {&four_, &six_}) {
        Sweep sweep(*ranges);
        for (const Entry& entry : entries_)
            if ((entry.network.base.family == Family::ipv4) == (ranges == &four_))
                sweep.open(entry);
        sweep.close_all();
    }
    entries_ = {};
}

std::optional<NetworkMap::Item> NetworkMap::find(const Address& address) const {
    const auto& ranges = address.family == Family::ipv4 ? four_ : six_;
    const auto behind =
        std::upper_bound(ranges.begin(), ranges.end(), address.bytes,
                         [](const Bytes& bytes, const Range& range) { return bytes < range.from; });
    return behind == ranges.begin() ? std::nullopt : std::prev(behind)->item;
}

} // namespace natstat
