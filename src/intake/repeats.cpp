// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The last flows of a read are enough: one bucket is walked again, not more.
#include "repeats.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// As many entries of one bucket as may come twice. Chains are a few entries long by design.
constexpr std::size_t most = 64;

} // namespace

void Repeats::drop(Batch& batch, std::size_t first) {
    const auto begin = batch.events.begin() + static_cast<std::ptrdiff_t>(first);
    const auto head_end = begin + std::min<std::ptrdiff_t>(batch.events.end() - begin, most);
    const auto came_before = [this](const Event& event) {
        return event.kind == EventKind::listed &&
               std::any_of(last_.begin(), last_.end(), [&](const Flow& flow) {
                   return flow.id == event.flow.id && same_connection(flow, event.flow);
               });
    };
    batch.events.erase(std::remove_if(begin, head_end, came_before), head_end);
    const std::size_t fresh = batch.events.size() - first;
    if (fresh == 0) // nothing has come yet, or the same once more
        return;
    last_.clear();
    for (std::size_t i = fresh - std::min(fresh, most); i < fresh; ++i)
        last_.push_back(batch.events[first + i].flow);
}

} // namespace natstat
