// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Everything has a limit, so that a view can stay open for months.
#include "natstat/live/recent.hpp"

#include <cmath>
#include <utility>

namespace natstat {

namespace {

/// How long an ended flow stays on the screen.
constexpr std::chrono::seconds lingering{5};
constexpr std::size_t steps_kept = 2000, seconds_kept = 300, ends_kept = 4096;

template <typename Element>
void keep(std::deque<Element>& queue, Element element, std::size_t most) {
    queue.push_back(std::move(element));
    if (queue.size() > most)
        queue.pop_front();
}

} // namespace

bool is_chosen(const Transition& step, StepChoice choice) {
    const bool failed = step.ending == Ending::reset || step.ending == Ending::no_reply;
    switch (choice) {
    case StepChoice::all:
        return true;
    case StepChoice::ends:
        return step.kind != TransitionKind::changed;
    case StepChoice::failures:
        break;
    }
    return is_gap(step.kind) || failed;
}

Failures FailureMeter::take(std::optional<std::uint64_t> value, Clock::time_point now) {
    constexpr std::chrono::duration<double> window{1};
    if (!value)
        return {};
    if (!first_ || *value < before_) { // it begins, or begins anew
        first_ = before_ = *value;
        began_ = now;
    }
    if (const std::chrono::duration<double> passed = now - began_; passed >= window) {
        // What rises at all is not 0 a second.
        rate_ = static_cast<std::uint64_t>(
            std::ceil(static_cast<double>(*value - before_) / passed.count()));
        before_ = *value;
        began_ = now;
    }
    return {*value - *first_, rate_};
}

void Recent::take(const Transition& step, const ExtrasPool& extras) {
    if (step.kind == TransitionKind::lost)
        lost_ += step.lost;
    created_ += step.kind == TransitionKind::created ? 1 : 0;
    ended_ += step.kind == TransitionKind::ended ? 1 : 0;
    keep(steps_, {{step, extras[step.flow.extras]}, ++taken_}, steps_kept);
    if (step.kind == TransitionKind::ended && watched_.contains(step.flow.id))
        keep(ends_, {step, std::chrono::steady_clock::now()}, ends_kept);
}

void Recent::watch(const std::vector<ShownRow>& rows, const std::optional<ShownRow>& other) {
    watched_.clear();
    if (other)
        watched_.insert(other->flow.id);
    for (const ShownRow& each : rows)
        if (!each.group)
            watched_.insert(each.flow.id);
}

void Recent::forget_seconds() {
    created_each_.clear();
    ended_each_.clear();
    created_ = ended_ = 0;
}

void Recent::tick(std::optional<unsigned> fullness) {
    keep(created_each_, std::exchange(created_, 0), seconds_kept);
    keep(ended_each_, std::exchange(ended_, 0), seconds_kept);
    if (fullness)
        keep(fullness_, *fullness, seconds_kept);
}

const Transition* Recent::end_of(const Flow& flow) const {
    const auto oldest = std::chrono::steady_clock::now() - lingering;
    for (auto each = ends_.rbegin(); each != ends_.rend() && each->when > oldest; ++each)
        if (same_flow(each->step.flow, flow))
            return &each->step;
    return nullptr;
}

void Recent::put_into(Picture& picture, const Filter& filter, StepChoice choice) {
    picture.steps.clear();
    for (const auto& [shown, number] : steps_) {
        const Row row(shown.step, shown.extras, picture.around);
        if (!is_chosen(shown.step, choice) || (!is_gap(shown.step.kind) && !filter.matches(row)))
            continue;
        picture.steps.push_back(shown);
        told_ += number > put_ ? 1 : 0;
    }
    put_ = taken_;
    picture.steps_told = told_;
    picture.created = created_each_;
    picture.ended = ended_each_;
    picture.fullness = fullness_;
    picture.lost = lost_;
}

} // namespace natstat
