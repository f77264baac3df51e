// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Workloads of a view that goes on, looked for again and again by a thread of its own: with a
// thousand namespaces that takes longer than a key may wait.
#pragma once

#include "processes.hpp"
#include "workloads.hpp"

#include "natstat/model/source.hpp"
#include "natstat/table/who.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace natstat {

class WorkloadWatch {
  public:
    struct Found {
        Workloads workloads;
        Processes processes;
        Time looked{}; // when it was begun
    };

    /// Starts to look; it may do no more than the calling thread.
    explicit WorkloadWatch(Knowledge wanted);
    ~WorkloadWatch();
    WorkloadWatch(const WorkloadWatch&) = delete;
    WorkloadWatch& operator=(const WorkloadWatch&) = delete;

    /// What was found since the last call, if anything. Never waits for long.
    [[nodiscard]] std::optional<Found> take();

  private:
    void run();

    Knowledge wanted_;
    std::mutex mutex_;
    std::condition_variable ending_;
    bool ends_ = false;
    std::optional<Found> found_;
    std::thread thread_; // the last one: it uses the others
};

/// Looks now, for workloads and processes as they are wanted. Throws Failure.
[[nodiscard]] WorkloadWatch::Found look_around_here(Knowledge wanted);

} // namespace natstat
