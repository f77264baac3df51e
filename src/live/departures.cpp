// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "natstat/live/departures.hpp"

#include <algorithm>

namespace natstat {

Row Departed::row(const Surroundings& around) const {
    static const Extras none;
    return {flow, life, extras ? *extras : none, around};
}

void Departures::take(const Transition& step, const ExtrasPool& extras, Time now) {
    Departed gone;
    gone.flow = step.flow;
    if (step.flow.extras != 0)
        gone.extras = std::make_shared<const Extras>(extras[step.flow.extras]);
    gone.life = step.life;
    gone.life.rate_up = gone.life.rate_down = -1; // what has ended moves nothing
    gone.ended = step.time == Time{} ? now : step.time;
    gone.ending = step.ending;
    flows_.push_back(std::move(gone));
    ++end_;
    if (flows_.size() <= kept_)
        return;
    reach_ = std::max(reach_, flows_.front().ended);
    flows_.pop_front();
}

std::uint64_t Departures::first_since(Time since) const {
    const auto found = std::partition_point(
        flows_.begin(), flows_.end(), [since](const Departed& each) { return each.ended < since; });
    return first() + static_cast<std::uint64_t>(found - flows_.begin());
}

} // namespace natstat
