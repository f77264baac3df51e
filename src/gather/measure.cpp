// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Lists tell the counters of flows that stay, the events of their ends those of flows that go. A
// tracker keeps what the first list said until the second one says more.
#include "natstat/gather/measure.hpp"

#include "natstat/gather/confine.hpp"
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
    Measurement(const Options& options, std::chrono::milliseconds interval, const Filter& filter,
                Surroundings& around, const Measured& give)
        : source_(open_followed(options, nullptr, std::chrono::hours{24})), interval_(interval),
          filter_(filter), around_(around), give_(give) {
        confine(options);
    }

    ListEnd run() {
        for (int tries = 1;; ++tries) {
            disturbed_ = false;
            give_.clear();
            ended_.clear();
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
            while (!list_ended_)
                read(std::nullopt);
            return end_;
        });
    }

    /// One read; where there is nothing, a wait until the moment at most.
    void read(std::optional<Clock::time_point> until) {
        batch_.clear();
        const Progress progress = source_->read(batch_);
        end_.odd += batch_.odd;
        for (const Event& event : batch_.events)
            take(event);
        if (progress == Progress::idle && !list_ended_)
            wait_for(*source_, until);
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
            list_ended_at_ = event.time;
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

    void take_end(const Event& event) {
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
        const Extras& extras = batch_.extras[event.flow.extras];
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
    Batch batch_;
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

ListEnd measure(const Options& options, std::chrono::milliseconds interval, const Filter& filter,
                Surroundings& around, const Measured& give) {
    return Measurement(options, interval, filter, around, give).run();
}

} // namespace natstat
