// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A thread that fills items and a consumer that takes them, in order, with a bounded number of them
// in between. The event descriptor is written only when the ring stops being empty, so that a busy
// consumer costs no system call. What is in an item, and how long filling it takes, is not known
// here.
#pragma once

#include "natstat/model/descriptor.hpp"

#include <array>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace natstat {

/// An eventfd(2). Throws Failure, "cannot PURPOSE: ...", when there is none to be had.
[[nodiscard]] Descriptor open_event(const std::string& purpose);
void raise(const Descriptor& event);
void clear(const Descriptor& event);

/// A thread that runs `run`. Throws Failure likewise.
[[nodiscard]] std::thread start_thread(const std::string& purpose, void (*run)(void*), void* of);

template <typename Item>
class Ring {
  public:
    /// The items are used again and again. `purpose` is for messages.
    explicit Ring(std::string purpose)
        : purpose_(std::move(purpose)), filled_event_(open_event(purpose_)),
          stop_event_(open_event(purpose_)) {}
    /// Ends the thread; whatever it waits for, it waits for stop_event() as well.
    ~Ring() {
        if (!thread_.joinable())
            return;
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        room_.notify_one();
        raise(stop_event_);
        thread_.join();
    }
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;

    /// Starts the thread, once: `(of->*run)()`, which ends when next() gives nothing.
    template <auto run, typename Owner>
    void start(Owner* of) {
        thread_ = start_thread(
            purpose_, [](void* owner) { (static_cast<Owner*>(owner)->*run)(); }, of);
    }

    /// For the consumer: readable when take() would give something.
    [[nodiscard]] int fd() const { return filled_event_.get(); }

    /// For the consumer: the next item, or null when there is none yet. Valid until the next
    /// take().
    [[nodiscard]] const Item* take() {
        const std::lock_guard lock(mutex_);
        if (taken_) {
            first_ = (first_ + 1) % items_.size();
            --filled_;
            room_.notify_one();
        }
        taken_ = filled_ != 0;
        if (!taken_) {
            clear(filled_event_);
            return nullptr;
        }
        return &items_[first_];
    }

    /// For the thread: the item to fill, when there is room; null: it shall end. The same one
    /// until it is handed over.
    [[nodiscard]] Item* next() {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] { return filled_ < items_.size() || stopping_; });
        return stopping_ ? nullptr : &items_[next_];
    }

    /// For the thread: gives the item that next() gave to the consumer.
    void hand_over() {
        const std::lock_guard lock(mutex_);
        next_ = (next_ + 1) % items_.size();
        if (filled_++ == 0)
            raise(filled_event_);
    }

    /// For the thread: readable when it shall end.
    [[nodiscard]] int stop_event() const { return stop_event_.get(); }

  private:
    std::string purpose_;
    Descriptor filled_event_;
    Descriptor stop_event_;
    std::array<Item, 16> items_{};
    std::mutex mutex_; // guards the three below
    std::size_t first_ = 0;
    std::size_t filled_ = 0;
    bool stopping_ = false;
    std::condition_variable room_;
    bool taken_ = false;   // the consumer's: it holds the first item
    std::size_t next_ = 0; // the thread's: where it fills
    std::thread thread_;
};

} // namespace natstat
