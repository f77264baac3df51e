// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Each thread takes the next part that nobody has, formats it into an output of its own, and hands
// that over when all parts before it are written.
#include "natstat/print/parts.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

namespace natstat {

namespace {

/// Text that a thread holds before its turn: about that of a part.
constexpr std::size_t held_text = 4 * 1024 * 1024;
constexpr unsigned most_threads = 8;

/// Another thread has failed; there is nothing more to do.
struct Stopped {};

/// Whose turn it is to write.
class Turns {
  public:
    void wait_for(std::size_t part) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return next_ == part || failure_; });
        if (failure_)
            throw Stopped();
    }
    void pass() {
        const std::lock_guard lock(mutex_);
        ++next_;
        changed_.notify_all();
    }
    void fail(std::exception_ptr failure) {
        const std::lock_guard lock(mutex_);
        if (!failure_)
            failure_ = std::move(failure);
        changed_.notify_all();
    }
    /// When all threads have ended.
    void rethrow() const {
        if (failure_)
            std::rethrow_exception(failure_);
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t next_ = 0;
    std::exception_ptr failure_;
};

class Crew {
  public:
    Crew(std::size_t parts, const std::function<PrintPart()>& worker,
         const std::function<std::unique_ptr<Printer>(Output&)>& make, Output& output)
        : parts_(parts), worker_(worker), make_(make), output_(output) {}

    void run() {
        const auto count = std::min<std::size_t>(
            {std::max(std::thread::hardware_concurrency(), 1U), most_threads, parts_});
        std::vector<std::thread> others;
        try {
            while (others.size() + 1 < count)
                others.emplace_back([this] { work(); });
        } catch (const std::system_error&) { // no room for another thread: fewer do as well
        }
        work();
        for (std::thread& other : others)
            other.join();
        turns_.rethrow();
    }

  private:
    void work() {
        try {
            print_all();
        } catch (const Stopped&) {
        } catch (...) {
            turns_.fail(std::current_exception());
        }
    }

    void print_all() {
        std::size_t part = 0;
        Output mine(
            [&](std::string_view text) {
                turns_.wait_for(part);
                output_.put(text);
            },
            held_text);
        const auto printer = make_(mine);
        const PrintPart print = worker_();
        while ((part = taken_++) < parts_) {
            if (part != 0)
                printer->go_on();
            print(part, *printer);
            mine.flush();
            turns_.wait_for(part);
            turns_.pass();
        }
    }

    std::size_t parts_;
    const std::function<PrintPart()>& worker_;
    const std::function<std::unique_ptr<Printer>(Output&)>& make_;
    Output& output_;
    std::atomic<std::size_t> taken_ = 0;
    Turns turns_;
};

} // namespace

void print_parts(std::size_t parts, const std::function<PrintPart()>& worker,
                 const std::function<std::unique_ptr<Printer>(Output&)>& make, Output& output) {
    Crew(parts, worker, make, output).run();
}

} // namespace natstat
