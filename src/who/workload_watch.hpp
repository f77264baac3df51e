// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Workloads of a view that goes on, looked for again and again by a thread of its own: with a
// thousand namespaces that takes longer than a key may wait.
#pragma once

#include "workloads.hpp"

#include "natstat/model/source.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace natstat {

class WorkloadWatch {
  public:
    struct Found {
        Workloads workloads;
        Time looked; // when it was begun
    };

    /// Starts to look; it may do no more than the calling thread.
    WorkloadWatch();
    ~WorkloadWatch();
    WorkloadWatch(const WorkloadWatch&) = delete;
    WorkloadWatch& operator=(const WorkloadWatch&) = delete;

    /// What was found since the last call, if anything. Never waits for long.
    [[nodiscard]] std::optional<Found> take();

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable ending_;
    bool ends_ = false;
    std::optional<Found> found_;
    std::thread thread_; // the last one: it uses the others
};

/// Looks now. Throws Failure.
[[nodiscard]] WorkloadWatch::Found look_for_workloads();

} // namespace natstat
