// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A flow that is mentioned lives at that moment, so of two with one reply tuple that was first
// mentioned later is the one that is there.
#include "natstat/gather/owners.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace natstat {

namespace {

auto place_of(const Flow& flow) {
    return std::tuple(flow.family, flow.protocol, static_cast<std::uint16_t>(flow.zone),
                      flow.port[2], flow.port[3], flow.address[2], flow.address[3]);
}

bool same_place(const Flow& a, const Flow& b) {
    return place_of(a) == place_of(b);
}

} // namespace

Owners::Owners(const Tracker& tracker) {
    if (tracker.complete())
        return;
    std::vector<std::uint32_t> order;
    for (std::size_t index = 0; index < tracker.size(); ++index)
        if (tracker[index].flow.has(Part::reply) && tracker[index].life.seen != Time{})
            order.push_back(static_cast<std::uint32_t>(index));
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::tuple(place_of(tracker[a].flow), tracker[a].life.seen) <
               std::tuple(place_of(tracker[b].flow), tracker[b].life.seen);
    });
    gone_.resize(tracker.size());
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {
        const auto& [flow, life] = tracker[order[i]];
        const auto& [next, later] = tracker[order[i + 1]];
        if (!same_place(flow, next) || life.seen == later.seen)
            continue;
        gone_[order[i]] = true;
        ++number_;
    }
}

std::string Owners::sentence() const {
    if (number_ == 0)
        return {};
    return std::to_string(number_) +
           (number_ == 1 ? " flow is not shown: it had ended, because another one is"
                         : " flows are not shown: they had ended, because others are") +
           " answered at the same place since; nobody told when (was the log begun again?)";
}

} // namespace natstat
