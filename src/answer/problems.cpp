// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The room diagnose finds.
#include "natstat/answer/problems.hpp"

#include "natstat/intake/health.hpp"
#include "natstat/intake/nat_rules.hpp"
#include "natstat/intake/neighbours.hpp"

#include <utility>

namespace natstat {

void Problems::watch() {
    watch_.emplace(around_);
    watch_->open(
        std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now()));
    opened_ = std::chrono::steady_clock::now();
    if (!before_)
        before_ = read_health();
}

void Problems::take(const Event& event, const Extras& extras) {
    if (event.kind == EventKind::created)
        watch_->begun(event.flow, event.time);
    else if (event.kind == EventKind::lost)
        watch_->lost();
    else if (was_refused(event))
        watch_->refused(Row(event.flow, extras, around_), true);
}

std::vector<AilmentCount> Problems::count() {
    if (!opened_)
        return look({});
    const auto length = std::chrono::steady_clock::now() - *opened_;
    if (length < shortest)
        return last_.empty() ? look({}) : last_;
    last_ = look(length);
    watch();
    return last_;
}

/// `length`: of a watch; 0: a single look.
std::vector<AilmentCount> Problems::look(std::chrono::duration<double> length) {
    Evidence evidence{*watch_};
    evidence.of_kernel = of_kernel_;
    evidence.length = length;
    if (of_kernel_) {
        evidence.after = read_health();
        evidence.rules = read_nat_rules();
        evidence.silent = silent_neighbours();
    }
    if (length.count() > 0)
        evidence.before = std::exchange(before_, evidence.after);
    return count_ailments(evidence);
}

} // namespace natstat
