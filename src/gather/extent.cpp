// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A time without a beginning or an end of its own begins and ends with the file.
#include "natstat/gather/extent.hpp"

#include "natstat/table/value.hpp"

#include <algorithm>

namespace natstat {

namespace {

std::string text_of(Time time) {
    return to_text(Value{Instant{time}});
}

/// "at 10:00", "from 10:00 on", "until 10:00"
std::string named(const Moment& within) {
    if (within.first == no_beginning)
        return "until " + text_of(within.last);
    if (within.last == no_end)
        return "from " + text_of(within.first) + " on";
    return "at " + text_of(within.first);
}

} // namespace

void Extent::take(const Event& event) {
    told_ = true;
    if (event.time == Time{})
        return;
    first_ = first_ ? std::min(*first_, event.time) : event.time;
    last_ = std::max(last_, event.time);
}

void Extent::require(const std::string& name) const {
    if (!told_)
        throw Failure("cannot tell what was then: there is nothing in " + name);
    if (!first_)
        throw Failure("cannot tell what was then: " + name +
                      " has no times (natstat -w, natstat -E --json and conntrack -E -o "
                      "timestamp write them)");
    if (within_.last < *first_ || within_.first > last_)
        throw Failure("cannot tell what was " + named(within_) + ": " + name +
                      " holds what happened from " + text_of(*first_) + " to " + text_of(last_));
}

Complaints Extent::complaints(const std::string& name) const {
    Complaints all;
    if (within_.first != no_beginning && within_.first < *first_)
        all.push_back(name + " begins at " + text_of(*first_) + ", within the time asked for");
    if (within_.last != no_end && within_.last > last_)
        all.push_back(name + " ends at " + text_of(last_) + ", within the time asked for");
    return all;
}

Moment Extent::covered() const {
    return {std::max(within_.first, *first_), std::min(within_.last, last_)};
}

} // namespace natstat
