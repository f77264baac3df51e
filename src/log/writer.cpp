// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Who tells and who writes share a handful of steps that are handed over, and what is to be said.
// While the disk takes nothing, what is told waits; when that has no more room it is thrown away,
// all of it, for a log that lacks something is told where: it ends there, and begins anew.
#include "natstat/log/writer.hpp"

#include "days.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace natstat::log {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

/// So often it is written that nothing happened.
constexpr std::chrono::seconds idle{10};
/// So often it is tried again.
constexpr std::chrono::seconds again{1};
/// So many steps are handed over at once, whatever the time.
constexpr std::size_t handful = 50'000;
/// How often the rest is tried at the end.
constexpr int last_tries = 3;

std::string utc(Time time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(
        std::chrono::time_point_cast<std::chrono::system_clock::duration>(time));
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

} // namespace

struct Writer::State {
    explicit State(Settings given) : settings(std::move(given)), days(settings) {}

    // Of who tells.
    Settings settings;
    std::vector<Step> waiting;
    Time until{};
    SteadyTime handed{}; // when something was handed over

    // Of both, behind the lock.
    std::mutex lock;
    std::condition_variable changed;
    std::vector<Step> handed_over;
    Time handed_until{};
    bool is_full = false;    // something is there to be written
    bool overflowed = false; // it is not whole any more
    bool wants_all = false;
    bool hurries = false; // an end is wanted: nothing is tried for long
    bool ends = false;    // nothing comes any more
    std::vector<std::string> news;
    std::string failure; // for good
    std::thread thread;

    // Of who writes.
    Days days;
    bool complained = false; // since the last time that it went

    void hand_over();
    [[nodiscard]] std::chrono::milliseconds left() const; // until something is due
    void work();
    bool write(const std::vector<Step>& steps, Time to);
    bool try_to_write(const std::vector<Step>& steps, Time to);
    bool begin_anew();
    void say(std::string sentence);
    void tell_news();
    [[nodiscard]] bool wait_again();
    [[nodiscard]] bool is_free() const { return !is_full; }
};

void Writer::State::tell_news() {
    for (std::string& sentence : days.news())
        say(std::move(sentence));
}

void Writer::State::say(std::string sentence) {
    const std::lock_guard guard(lock);
    news.push_back(std::move(sentence));
}

/// False: an end is wanted, and it was tried often enough.
bool Writer::State::wait_again() {
    std::unique_lock guard(lock);
    changed.wait_for(guard, again, [this] { return hurries; });
    return !hurries;
}

/// False: it did not go, and may another time.
bool Writer::State::try_to_write(const std::vector<Step>& steps, Time to) {
    try {
        days.write(steps, to);
        complained = false;
        tell_news();
        return true;
    } catch (const Refused& refused) {
        if (refused.is_damage()) {
            days.set_aside(refused.what());
            tell_news();
            const std::lock_guard guard(lock);
            overflowed = true;
            return false;
        }
        if (!refused.may_pass())
            throw Failure("cannot write the log in " + settings.directory + ": " + refused.what());
        if (!std::exchange(complained, true))
            say("cannot write the log in " + settings.directory + ": " + refused.what() +
                "; it is tried again and again");
        return false;
    }
}

/// Writes that what came since then is missing, when that goes, and asks for all that there is.
bool Writer::State::begin_anew() {
    try {
        if (days.until() != Time{})
            days.write_stop();
    } catch (const Refused&) {
        return false;
    }
    const std::lock_guard guard(lock);
    news.push_back("the log in " + settings.directory + " goes on; what came after " +
                   utc(days.until()) + " is not in it");
    overflowed = false;
    wants_all = true;
    return true;
}

/// False: it will never be.
bool Writer::State::write(const std::vector<Step>& steps, Time to) {
    int tries = 0;
    while (true) {
        bool lost = false;
        {
            const std::lock_guard guard(lock);
            lost = overflowed;
        }
        if (lost ? begin_anew() : try_to_write(steps, to))
            return true;
        if (!wait_again() && ++tries == last_tries)
            return false;
    }
}

void Writer::State::work() {
    std::vector<Step> steps;
    while (true) {
        Time to{};
        {
            std::unique_lock guard(lock);
            changed.wait(guard, [this] { return is_full || ends; });
            if (!is_full)
                return;
            steps.swap(handed_over);
            to = handed_until;
        }
        std::string why;
        try {
            if (!write(steps, to))
                why = "cannot write the log in " + settings.directory + ": what came after " +
                      utc(days.until()) + " is not in it";
        } catch (const std::exception& error) {
            why = error.what();
        }
        const std::lock_guard guard(lock);
        steps.clear();
        is_full = false;
        failure = why;
        changed.notify_all();
        if (!why.empty())
            return;
    }
}

/// What waits goes to the thread, which has nothing to do.
void Writer::State::hand_over() {
    if (!thread.joinable())
        thread = std::thread([this] { work(); });
    {
        const std::lock_guard guard(lock);
        handed_over.swap(waiting);
        handed_until = until;
        is_full = true;
    }
    waiting.clear();
    handed = std::chrono::steady_clock::now();
    changed.notify_all();
}

Writer::Writer(Settings settings, Time now) : state_(std::make_unique<State>(std::move(settings))) {
    if (state_->settings.waits)
        return;
    try {
        state_->days.turn_to(now);
    } catch (const Refused& refused) {
        throw Failure("cannot write the log in " + state_->settings.directory + ": " +
                      refused.what());
    }
}

Writer::~Writer() {
    if (!state_->thread.joinable())
        return;
    {
        const std::lock_guard guard(state_->lock);
        state_->hurries = true;
        state_->ends = true;
    }
    state_->changed.notify_all();
    state_->thread.join();
}

void Writer::add(const Step& step) {
    State& state = *state_;
    state.until = step.time;
    // A list is taken whole: what is left out of it would be missing for as long as it lives.
    if (state.waiting.size() < state.settings.room || step.kind == TransitionKind::listed) {
        state.waiting.push_back(step);
        return;
    }
    const std::lock_guard guard(state.lock);
    state.overflowed = true;
    state.waiting.clear();
}

void Writer::pass(Time now) {
    State& state = *state_;
    state.until = now;
    std::unique_lock guard(state.lock);
    if (!state.failure.empty())
        throw Failure(state.failure);
    if (state.overflowed)
        state.waiting.clear();
    const bool many = state.waiting.size() >= handful;
    if (many && state.settings.waits)
        state.changed.wait(guard, [&] { return state.is_free(); });
    const bool free = state.is_free();
    guard.unlock();
    if (free && (many || state.left() <= std::chrono::milliseconds{0}))
        state.hand_over();
}

std::chrono::milliseconds Writer::State::left() const {
    const auto longest = waiting.empty() ? std::chrono::milliseconds(idle) : settings.period;
    return std::chrono::ceil<std::chrono::milliseconds>(handed + longest -
                                                        std::chrono::steady_clock::now());
}

/// While the thread is busy, what is due has to wait.
int Writer::patience() const {
    const auto left = state_->left();
    const std::lock_guard guard(state_->lock);
    const bool later = !state_->is_free() || left > state_->settings.period;
    return static_cast<int>(
        std::max(later ? state_->settings.period : left, std::chrono::milliseconds{0}).count());
}

bool Writer::wants_all() {
    const std::lock_guard guard(state_->lock);
    return std::exchange(state_->wants_all, false);
}

std::vector<std::string> Writer::news() {
    const std::lock_guard guard(state_->lock);
    return std::exchange(state_->news, {});
}

void Writer::finish() {
    State& state = *state_;
    const auto wait_until_free = [&](bool hurries) {
        std::unique_lock guard(state.lock);
        state.hurries = hurries;
        state.changed.notify_all();
        state.changed.wait(guard, [&] { return state.is_free(); });
    };
    wait_until_free(!state.settings.waits);
    if (state.failure.empty()) {
        state.hand_over();
        wait_until_free(true);
    }
    {
        const std::lock_guard guard(state.lock);
        state.ends = true;
    }
    state.changed.notify_all();
    if (state.thread.joinable())
        state.thread.join();
    if (!state.failure.empty())
        throw Failure(state.failure);
    state.days.settle();
}

} // namespace natstat::log
