// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A wall clock that is wrong, for log_failures_test.sh: loaded before the C library (LD_PRELOAD),
// it adds the nanoseconds that stand in the file $NATSTAT_CLOCK names, eight bytes of this
// machine's order, to what the kernel says. The file is mapped at the start, because a program
// behind Landlock opens none, and can be changed at any time. Other clocks are right.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

using Offset = std::atomic<std::int64_t>;
static_assert(Offset::is_always_lock_free && sizeof(Offset) == 8);

const Offset* mapped() {
    const char* const name = std::getenv("NATSTAT_CLOCK");
    const int file = name == nullptr ? -1 : open(name, O_RDONLY | O_CLOEXEC);
    void* const place =
        file < 0 ? MAP_FAILED : mmap(nullptr, sizeof(Offset), PROT_READ, MAP_SHARED, file, 0);
    if (file >= 0)
        close(file);
    return place == MAP_FAILED ? nullptr : static_cast<const Offset*>(place);
}

const Offset* offset = nullptr;

[[gnu::constructor]] void begin() {
    offset = mapped();
}

} // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
    const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
    if (result != 0 || clock != CLOCK_REALTIME || offset == nullptr)
        return result;
    constexpr std::int64_t second = 1'000'000'000;
    const std::int64_t wrong = time->tv_sec * second + time->tv_nsec + offset->load();
    time->tv_sec = wrong / second;
    time->tv_nsec = wrong % second;
    return 0;
}
