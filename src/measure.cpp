// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Lists tell the counters of flows that stay, the events of their ends those of flows that go. A
// tracker keeps what the first list said until the second one says more.
#include "measure.hpp"

#include "view_source.hpp"

#include "natstat/model/tracker.hpp"

#include <optional>
#include <poll.h>

namespace natstat {

namespace {

using Clock = std::chrono::steady_clock;

/// A measurement that is disturbed begins anew, so many times.
constexpr int most_tries = 3;

class Measurement {
  public:
    Measurement(const Options& options, std::chrono::milliseconds interval, const Filter& filter,
                Surroundings& around, const Measured& give)
        : source_(open_followed(options, nullptr, std::chrono::hours{24})), interval_(interval),
          filter_(filter), around_(around), give_(give) {}

    ListEnd run() {
        for (int tries = 1;; ++tries) {
            disturbed_ = false;
            give_.clear();
            read_list(tries > 1 && !tracker_.stale());
            begun_ = list_begun_;
            measuring_ = true;
            const Clock::time_point end = list_begun_at_ + interval_;
            while (Clock::now() < end && (!disturbed_ || tries == most_tries))
                read(end);
            if (!disturbed_ || tries == most_tries) {
                closing_ = true;
                read_list(true);
                if (!disturbed_ || tries == most_tries)
                    break;
            }
            measuring_ = closing_ = false;
        }
        give_flows();
        end_.whole = end_.whole && !disturbed_;
        return end_;
    }

  private:
    /// Reads until a list has ended that was whole, or gives up on that.
    void read_list(bool ask) {
        for (int tries = 0; tries < most_tries; ++tries) {
            if (ask)
                source_->request_list({ListCondition{}});
            list_ended_ = false;
            while (!list_ended_)
                read(std::nullopt);
            if (end_.whole)
                return;
            ask = true;
        }
    }

    /// One read; where there is nothing, a wait until the moment at most.
    void read(std::optional<Clock::time_point> until) {
        batch_.clear();
        const Progress progress = source_->read(batch_);
        end_.odd += batch_.odd;
        for (const Event& event : batch_.events)
            take(event);
        if (progress != Progress::idle || list_ended_)
            return;
        pollfd wanted{source_->fd(), POLLIN, 0};
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            until.value_or(Clock::time_point::max()) - Clock::now());
        poll(&wanted, 1, until ? static_cast<int>(std::max<std::int64_t>(left.count(), 0)) : -1);
    }

    void take(const Event& event) {
        switch (event.kind) {
        case EventKind::lost:
            disturbed_ = disturbed_ || measuring_;
            break;
        case EventKind::list_begin:
            list_begun_ = event.time;
            list_begun_at_ = Clock::now();
            break;
        case EventKind::list_end:
            list_ended_ = true;
            end_.whole = event.whole;
            break;
        case EventKind::destroyed:
            if (measuring_)
                take_end(event);
            break;
        default:
            break;
        }
        tracker_.apply(event, batch_.extras, {});
    }

    [[nodiscard]] float over_interval(std::uint64_t before, std::uint64_t now) const {
        const std::chrono::duration<float> seconds = interval_;
        return now < before ? -1 : static_cast<float>(now - before) / seconds.count();
    }

    /// Rates of a flow that has come since the measurement began.
    void rate_new(const Flow& flow, Life& life) const {
        if (flow.has(Part::counters_up))
            life.rate_up = over_interval(0, flow.bytes_up);
        if (flow.has(Part::counters_down))
            life.rate_down = over_interval(0, flow.bytes_down);
    }

    void take_end(const Event& event) {
        const auto number = tracker_.find(event.flow);
        Flow flow = event.flow;
        Life life;
        if (!number) {
            rate_new(flow, life);
        } else {
            const auto& known = tracker_[*number];
            life = known.life;
            flow = known.flow;
            merge(flow, event.flow);
            if (closing_ && known.life.counted_at >= list_begun_) // the second list has told of it
                complete_rates(known.flow, life);
            else if (event.flow.has(Part::counters_up) && event.flow.has(Part::counters_down)) {
                life.rate_up = over_interval(known.flow.bytes_up, flow.bytes_up);
                life.rate_down = over_interval(known.flow.bytes_down, flow.bytes_down);
            }
        }
        const Row row(flow, life, batch_.extras[event.flow.extras], around_);
        if (filter_.matches(row))
            give_.ended(row);
    }

    /// Of a flow as the second list shows it, which a new one was not in the first for.
    void complete_rates(const Flow& flow, Life& life) const {
        if (life.rate_up < 0 && life.seen >= begun_)
            rate_new(flow, life);
    }

    void give_flows() {
        take_addresses(*source_, around_);
        around_.now = list_begun_;
        for (std::size_t i = 0; i < tracker_.size(); ++i) {
            const auto& [flow, told] = tracker_[i];
            Life life = told;
            complete_rates(flow, life);
            const Row row(flow, life, tracker_.extras()[flow.extras], around_);
            if (filter_.matches(row))
                give_.flow(row);
        }
    }

    std::unique_ptr<Source> source_;
    std::chrono::milliseconds interval_;
    const Filter& filter_;
    Surroundings& around_;
    const Measured& give_;
    Tracker tracker_;
    Batch batch_;
    ListEnd end_;
    Time list_begun_{}; // the last list
    Clock::time_point list_begun_at_{};
    Time begun_{}; // the list that the measurement began with
    bool list_ended_ = false;
    bool measuring_ = false; // the first list is there
    bool closing_ = false;   // the second one is under way
    bool disturbed_ = false; // events were lost meanwhile
};

} // namespace

ListEnd measure(const Options& options, std::chrono::milliseconds interval, const Filter& filter,
                Surroundings& around, const Measured& give) {
    return Measurement(options, interval, filter, around, give).run();
}

} // namespace natstat
