// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The ring between a thread and a consumer. These also run under the thread sanitizer
// (tests/threads.sh).
#include "intake/ring.hpp"

#include "tests/catch.hpp"

#include <atomic>
#include <poll.h>

using namespace natstat;

namespace {

bool is_readable(int descriptor) {
    pollfd wanted{descriptor, POLLIN, 0};
    return poll(&wanted, 1, 0) == 1;
}

void wait_for(int descriptor) {
    pollfd wanted{descriptor, POLLIN, 0};
    poll(&wanted, 1, -1);
}

/// Its thread counts up to `last`, a number an item.
class Counter {
  public:
    explicit Counter(int last) : last_(last) { ring.start<&Counter::run>(this); }

    std::atomic<int> handed_over = 0;
    std::atomic<bool> ended = false;

  private:
    void run() {
        while (int* const item = ring.next()) {
            if (handed_over == last_) {
                wait_for(ring.stop_event());
                continue;
            }
            *item = ++handed_over;
            ring.hand_over();
        }
        ended = true;
    }

    int last_;

  public:
    Ring<int> ring{"count"}; // the last one, so that the thread ends first
};

constexpr int capacity = 16;

} // namespace

TEST_CASE("ring: items come in order, and none is lost", "[ring]") {
    constexpr int last = 20'000;
    Counter counter(last);
    int expected = 1;
    bool in_order = true;
    while (expected <= last) {
        wait_for(counter.ring.fd());
        while (const int* const item = counter.ring.take())
            in_order = in_order && *item == expected++;
    }
    CHECK(in_order);
    CHECK(counter.ring.take() == nullptr);
    CHECK_FALSE(is_readable(counter.ring.fd()));
}

TEST_CASE("ring: the thread waits for room", "[ring]") {
    Counter counter(1000);
    while (counter.handed_over < capacity)
        std::this_thread::yield();
    const int* const first = counter.ring.take();
    REQUIRE(first != nullptr);
    CHECK(*first == 1); // the consumer holds it, so there is no room yet
    CHECK(counter.handed_over == capacity);
    CHECK(*counter.ring.take() == 2);
    while (counter.handed_over <= capacity)
        std::this_thread::yield();
    CHECK(is_readable(counter.ring.fd()));
}

TEST_CASE("ring: its end ends the thread, wherever that waits", "[ring]") {
    for (const int last : {0, capacity / 2, 1000}) { // for the end, the same, for room
        CAPTURE(last);
        Counter counter(last);
        while (counter.handed_over < std::min(last, capacity))
            std::this_thread::yield();
    }
    SUCCEED("no thread is left");
}

TEST_CASE("ring: one that was never started ends as well", "[ring]") {
    Ring<int> ring("count");
    CHECK(ring.take() == nullptr);
    CHECK_FALSE(is_readable(ring.fd()));
}
