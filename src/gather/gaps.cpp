// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A run is known by the moment in which it began; what says that it ended, or has told all, names
// it, so that two who write at once are noticed. One who was killed says nothing: his last moment
// is the last that he told.
#include "natstat/gather/gaps.hpp"

#include "natstat/table/value.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// The kernel's own times and those of reading can be this far out of order.
constexpr std::chrono::milliseconds disorder{100};
/// Of a hostile file; of each kind.
constexpr std::size_t most_kept = 100;
/// So many are said one by one.
constexpr std::size_t most_said = 3;

std::string text_of(Time time) {
    return to_text(Value{Instant{time}});
}

} // namespace

void Gaps::take(const Event& event) {
    if (event.kind == EventKind::started)
        begin(event.time);
    else if (event.run != Time{})
        take_mark(event);
    else if (event.kind == EventKind::list_end && event.whole && !event.judgement && run_)
        end_gap(event.time); // of a recording that began behind another one
    else if (stopped_) {     // somebody whose beginning is not in the file
        begin(event.time);
        run_.reset();
    }
    take_list(event);
    if (event.time != Time{})
        take_time(event.time);
}

/// A list by itself is a look at one moment.
void Gaps::take_list(const Event& event) {
    constexpr std::chrono::nanoseconds next{1};
    if (event.kind == EventKind::listed)
        return;
    if (event.kind != EventKind::list_end || event.judgement || follows_ || event.time == Time{}) {
        follows_ = follows_ || event.kind == EventKind::list_begin;
        return look_.reset();
    }
    if (look_ && event.time > *look_ && concerns(*look_ + next, event.time - next))
        add({*look_, event.time, event.time});
    look_ = event.time;
}

/// Somebody begins to look, and knows nothing of what was before.
void Gaps::begin(Time time) {
    run_ = time;
    stopped_ = false;
    if (gap_)
        gap_->to = std::max(gap_->to, time); // the one before had not told all that was there
    else if (last_ != Time{})
        gap_ = Gap{std::min(last_, time), std::max(last_, time), std::nullopt};
}

void Gaps::take_mark(const Event& event) {
    if (run_ && event.run != *run_) {
        several_ = true;
        return; // it goes on to be told by the other one
    }
    stopped_ = event.kind == EventKind::stopped;
    if (event.kind != EventKind::list_end || !run_)
        return;
    end_gap(event.time);
}

/// All that is there is known again.
void Gaps::end_gap(Time time) {
    if (!gap_)
        return;
    gap_->known = time;
    if (concerns(gap_->from, std::max(gap_->to, time)))
        add(*gap_);
    gap_.reset();
}

void Gaps::take_time(Time time) {
    last_ = time;
    if (time + disorder < latest_) {
        if (!set_back_)
            set_back_ = SetBack{latest_, time};
        set_back_->to = std::min(set_back_->to, time);
    } else if (set_back_ && time > set_back_->from) {
        if (concerns(set_back_->to, set_back_->from) && set_backs_.size() < most_kept)
            set_backs_.push_back(*set_back_);
        set_back_.reset();
    }
    latest_ = std::max(latest_, time);
}

bool Gaps::concerns(Time from, std::optional<Time> to) const {
    return moment_ && moment_->last >= from && (!to || moment_->first <= *to);
}

void Gaps::add(const Gap& gap) {
    if (gaps_.size() < most_kept)
        gaps_.push_back(gap);
}

std::vector<std::string> Gaps::sentences() const {
    std::vector<std::string> all;
    const auto say = [&all](const Gap& gap) {
        const std::string known =
            !gap.known             ? ", and what had changed is not told"
            : *gap.known == gap.to ? ""
                                   : ", and what had changed was known at " + text_of(*gap.known);
        all.push_back("between " + text_of(gap.from) + " and " + text_of(gap.to) +
                      " nobody looked" + known +
                      ": flows may be missing, or shown although they had ended");
    };
    if (gaps_.size() <= most_said)
        std::for_each(gaps_.begin(), gaps_.end(), say);
    else // lists, one after another
        all.push_back("between " + text_of(gaps_.front().from) + " and " +
                      text_of(gaps_.back().to) + " nobody looked " + std::to_string(gaps_.size()) +
                      " times" + (gaps_.size() == most_kept ? " or more" : "") +
                      ": flows may be missing, or shown although they had ended");
    if (gap_ && (!moment_ || concerns(gap_->from, std::nullopt)))
        say(*gap_);
    const auto say_back = [&all](const SetBack& back) {
        all.push_back("the clock was set back from " + text_of(back.from) + " to " +
                      text_of(back.to) +
                      ": what lies between came twice, and which of the two is meant is not known");
    };
    std::for_each(set_backs_.begin(), set_backs_.end(), say_back);
    if (set_back_ && concerns(set_back_->to, set_back_->from))
        say_back(*set_back_);
    if (several_)
        all.emplace_back(
            "several wrote into this file at the same time: what is said of when nobody "
            "looked may be too much");
    return all;
}

} // namespace natstat
