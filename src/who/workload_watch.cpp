// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// It rests so long that it takes two per cent of a processor, and a second at least.
#include "workload_watch.hpp"

#include <algorithm>
#include <utility>

namespace natstat {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto least_rest = std::chrono::seconds{1};
constexpr int rest_for_each = 50;

} // namespace

WorkloadWatch::Found look_around_here(Knowledge wanted) {
    WorkloadWatch::Found found;
    found.looked =
        std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    const Machine machine = look_at_machine();
    if (has(wanted, Knowledge::workloads))
        found.workloads = name_workloads(machine);
    if (has(wanted, Knowledge::processes))
        found.processes = Processes(machine);
    return found;
}

WorkloadWatch::WorkloadWatch(Knowledge wanted) : wanted_(wanted), thread_([this] { run(); }) {}

WorkloadWatch::~WorkloadWatch() {
    {
        const std::lock_guard lock(mutex_);
        ends_ = true;
    }
    ending_.notify_all();
    thread_.join();
}

std::optional<WorkloadWatch::Found> WorkloadWatch::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(found_, std::nullopt);
}

void WorkloadWatch::run() {
    Clock::duration rest = least_rest;
    std::unique_lock lock(mutex_);
    while (!ending_.wait_for(lock, rest, [this] { return ends_; })) {
        lock.unlock();
        const auto began = Clock::now();
        std::optional<Found> found;
        try {
            found = look_around_here(wanted_);
        } catch (const Failure&) { // what was known stays; the next look may go better
        }
        rest = std::max<Clock::duration>(least_rest, (Clock::now() - began) * rest_for_each);
        lock.lock();
        if (found)
            found_ = std::move(found);
    }
}

} // namespace natstat
