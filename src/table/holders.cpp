// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// As each holder comes by one port at a time, the biggest ones are always known: nobody comes among
// them but the one who has just got a port.
#include "natstat/table/holders.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace natstat {

namespace {

/// Of those with as many ports names come first, and then addresses.
bool is_before(const Holder& a, const Holder& b) {
    if (a.ports != b.ports)
        return a.ports > b.ports;
    if (a.workload.empty() != b.workload.empty())
        return b.workload.empty();
    return std::tie(a.workload, a.address) < std::tie(b.workload, b.address);
}

} // namespace

void PortHolders::update(std::uint32_t number, const Holder& holder) {
    count_ += holder.ports == 1 ? 1U : 0U;
    auto place = static_cast<std::size_t>(std::find(numbers_.begin(), numbers_.end(), number) -
                                          numbers_.begin());
    if (place < numbers_.size()) {
        biggest_[place].ports = holder.ports;
    } else if (biggest_.size() < most) {
        biggest_.push_back(holder);
        numbers_.push_back(number);
    } else if (is_before(holder, biggest_[--place])) {
        biggest_[place] = holder;
        numbers_[place] = number;
    } else {
        return;
    }
    for (; place > 0 && is_before(biggest_[place], biggest_[place - 1]); --place) {
        std::swap(biggest_[place], biggest_[place - 1]);
        std::swap(numbers_[place], numbers_[place - 1]);
    }
}

} // namespace natstat
