// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Lists tell the counters of flows that stay, the events of their ends those of flows that go. A
// tracker keeps what the first list said until the second one says more.
#include "natstat/gather/measure.hpp"

#include "natstat/gather/confine.hpp"
#include "natstat/gather/loop.hpp"
#include "natstat/gather/view_source.hpp"

#include "natstat/model/tracker.hpp"

#include <optional>

namespace natstat {

namespace {

using Clock = std::chrono::steady_clock;

/// A measurement that is disturbed begins anew, so many times.
constexpr int most_tries = 3;

class Measurement {
  public:
    /// Lists come when asked for, and not by themselves.
    Measurement(const Pace& pace, const Filter& filter, Surroundings& around, const Measured& give,
                const Complain& complain)
        : source_(open_followed({}, {std::chrono::hours{24}, pace.receive_buffer, pace.netns},
                                complain)),
          interval_(pace.interval), filter_(filter), around_(around), give_(give) {
        confine();
    }

    ListEnd run() {
        for (int tries = 1;; ++tries) {
            const bool last_try = tries == most_tries;
            disturbed_ = false;
            give_.clear();
            ended_.clear();
            read_list(tries > 1 && !tracker_.stale());
            begun_ = list_begun_;
            measuring_ = true;
            read([&] { return !disturbed_ || last_try; }, WaitUntil{list_begun_at_ + interval_});
            if (!disturbed_ || last_try) {
                closing_ = true;
                read_list(true);
                if (!disturbed_ || last_try)
                    break;
            }
            measuring_ = closing_ = false;
        }
        interval_ = list_ended_at_ - begun_; // as long as it was
        give_ended();
        give_flows();
        end_.whole = end_.whole && !disturbed_;
        return end_;
    }

  private:
    /// Reads until a list has ended that was whole, or gives up on that.
    void read_list(bool ask) {
        end_ = until_whole([&](bool again) {
            if (ask || again)
                source_->request_list({ListCondition{}});
            list_ended_ = false;
            read([&] { return !list_ended_; }, WaitAlways{});
            return end_;
        });
    }

    /// Reads as long as `goes_on()` says so and `wait` does.
    template <typename GoesOn, typename Wait>
    void read(GoesOn&& goes_on, Wait&& wait) {
        end_.passed_over += each_batch(
            *source_,
            [&](const Batch& batch) {
                for (const Event& event : batch.events)
                    take(event, batch.extras);
                return goes_on();
            },
            wait);
    }

    void take(const Event& event, const ExtrasPool& extras) {
        switch (event.kind) {
        case EventKind::started:
        case EventKind::lost:
            disturbed_ = disturbed_ || measuring_;
            break;
        case EventKind::list_begin:
            list_begun_ = event.time;
            list_begun_at_ = Clock::now();
            break;
        case EventKind::list_end:
            list_ended_ = true;
            list_ended_at_ = event.time;
            end_.whole = event.whole;
            break;
        case EventKind::destroyed:
            if (measuring_)
                take_end(event, extras[event.flow.extras]);
            break;
        default:
            break;
        }
        tracker_.apply(event, extras, {});
    }

    /// Bytes of a flow within the interval that no list tells: it ended, or it began in it. The
    /// interval is known when it is over.
    struct Carried {
        Flow flow;
        Life life;
        std::optional<std::uint64_t> up;
        std::optional<std::uint64_t> down;
    };

    [[nodiscard]] float rate_of(std::optional<std::uint64_t> bytes) const {
        const std::chrono::duration<float> seconds = interval_;
        return bytes && seconds.count() > 0 ? static_cast<float>(*bytes) / seconds.count() : -1;
    }

    static std::optional<std::uint64_t> growth(std::uint64_t before, std::uint64_t now) {
        return now < before ? std::nullopt : std::optional(now - before);
    }

    static Carried since_its_beginning(const Flow& flow, const Life& life) {
        Carried carried{flow, life, {}, {}};
        if (flow.has(Part::counters_up))
            carried.up = flow.bytes_up;
        if (flow.has(Part::counters_down))
            carried.down = flow.bytes_down;
        return carried;
    }

    [[nodiscard]] bool began_within(const Life& life) const {
        return life.rate_up < 0 && life.seen >= begun_;
    }

    void take_end(const Event& event, const Extras& extras) {
        const auto number = tracker_.find(event.flow);
        Carried carried = since_its_beginning(event.flow, {});
        if (number) {
            const auto& [known, life] = tracker_[*number];
            Flow flow = known;
            merge(flow, event.flow);
            if (closing_ && life.counted_at >= list_begun_) // the second list has told of it
                carried = began_within(life) ? since_its_beginning(known, life)
                                             : Carried{flow, life, {}, {}};
            else if (event.flow.has(Part::counters_up) && event.flow.has(Part::counters_down))
                carried = {flow, life, growth(known.bytes_up, flow.bytes_up),
                           growth(known.bytes_down, flow.bytes_down)};
            else
                carried = {flow, life, {}, {}};
        }
        const Row row(carried.flow, carried.life, extras, around_);
        if (!filter_.matches(row))
            return;
        carried.flow.extras = ended_extras_.intern(extras);
        ended_.push_back(carried);
    }

    void give_ended() {
        for (Carried& carried : ended_) {
            if (carried.up || carried.life.rate_up < 0)
                carried.life.rate_up = rate_of(carried.up);
            if (carried.down || carried.life.rate_down < 0)
                carried.life.rate_down = rate_of(carried.down);
            give_.ended({carried.flow, carried.life, ended_extras_[carried.flow.extras], around_});
        }
    }

    void give_flows() {
        take_addresses(*source_, around_);
        around_.now = list_begun_;
        for (std::size_t i = 0; i < tracker_.size(); ++i) {
            const auto& [flow, told] = tracker_[i];
            if (told.created && told.seen >= list_begun_ && told.counted_at == Time{})
                continue; // it came behind the second list
            Life life = told;
            if (began_within(life)) {
                const Carried carried = since_its_beginning(flow, life);
                life.rate_up = rate_of(carried.up);
                life.rate_down = rate_of(carried.down);
            }
            const Row row(flow, life, tracker_.extras()[flow.extras], around_);
            if (filter_.matches(row))
                give_.flow(row);
        }
    }

    std::unique_ptr<Source> source_;
    std::chrono::nanoseconds interval_; // as asked for; then as it was
    const Filter& filter_;
    Surroundings& around_;
    const Measured& give_;
    Tracker tracker_;
    ListEnd end_;
    Time list_begun_{}; // the last list
    Clock::time_point list_begun_at_{};
    Time list_ended_at_{};
    std::vector<Carried> ended_; // within the interval
    ExtrasPool ended_extras_;
    Time begun_{}; // the list that the measurement began with
    bool list_ended_ = false;
    bool measuring_ = false; // the first list is there
    bool closing_ = false;   // the second one is under way
    bool disturbed_ = false; // events were lost meanwhile
};

} // namespace

ListEnd measure(const Pace& pace, const Filter& filter, Surroundings& around, const Measured& give,
                const Complain& complain) {
    return Measurement(pace, filter, around, give, complain).run();
}

} // namespace natstat
