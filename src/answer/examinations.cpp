// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

#include "natstat/answer/examinations.hpp"

#include "natstat/intake/health.hpp"
#include "natstat/intake/nat_rules.hpp"
#include "natstat/intake/neighbours.hpp"

#include <utility>

namespace natstat {

namespace {

/// Flows that are looked at between two looks at the keyboard.
constexpr std::size_t slice = 4096;

} // namespace

Examinations::Examinations(const Tracker& tracker, const Departures& departures, const Surroundings& around,
                   bool of_kernel)
    : tracker_(tracker), departures_(departures), around_(around) {
    if (!of_kernel)
        return;
    before_ = sample();
    schedule_.begin(before_->at);
    schedule_.end({}, watch);
}

Examinations::Sample Examinations::sample() {
    using std::chrono::nanoseconds, std::chrono::system_clock;
    return {std::chrono::time_point_cast<nanoseconds>(system_clock::now()), Clock::now(),
            read_health()};
}

Circumstances Examinations::circumstances() {
    Circumstances result;
    if (!before_)
        return result;
    Sample now = sample();
    result.since = before_->time;
    result.length = now.at - before_->at;
    result.before = std::move(before_->health);
    result.after = now.health;
    result.rules = around_.nat_rules ? *around_.nat_rules : read_nat_rules();
    result.silent = silent_neighbours();
    result.lost = tracker_.stale();
    before_ = std::move(now);
    return result;
}

void Examinations::begin() {
    const auto began = Clock::now();
    schedule_.begin(began);
    examination_ = std::make_unique<Examination>(tracker_, departures_, around_, circumstances());
    took_ = Clock::now() - began;
}

std::optional<Diagnosis> Examinations::step() {
    if (!is_under_way())
        return std::nullopt;
    const auto began = Clock::now();
    std::optional<Diagnosis> result;
    if (examination_->advance(slice)) {
        result = examination_->result();
        examination_.reset();
    }
    took_ += Clock::now() - began;
    if (result)
        schedule_.end(took_, watch);
    return result;
}

void Examinations::begin_anew() {
    examination_.reset();
    schedule_.at_once();
}

} // namespace natstat
