// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One list fills everything. The kernel counts neither the flows that begin nor those that end
// since Linux 4.9, so a single look at it says nothing of them; with --interval they are followed
// for so long, between a list at its beginning and one at its end, because a flow that began before
// has no event that tells of its end (nf_conntrack_events=2). A file is followed from end to end.
#include "natstat/answer/metrics.hpp"

#include "natstat/answer/knowing.hpp"
#include "natstat/answer/metrics_file.hpp"
#include "natstat/answer/present.hpp"
#include "natstat/gather/confine.hpp"
#include "natstat/gather/reading.hpp"
#include "natstat/gather/view_source.hpp"

#include "natstat/intake/health.hpp"
#include "natstat/intake/host.hpp"
#include "natstat/intake/statistics.hpp"
#include "natstat/model/gateway_tally.hpp"
#include "natstat/model/tracker.hpp"
#include "natstat/print/metrics.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>

namespace natstat {

namespace {

/// Follows flows and counts their steps.
class Following {
  public:
    void take(const Event& event, const ExtrasPool& extras) {
        told_ = true;
        if (event.time != Time{}) {
            first_ = first_ == Time{} ? event.time : std::min(first_, event.time);
            last_ = std::max(last_, event.time);
        }
        if (event.kind == EventKind::list_begin)
            ++begun_;
        if (event.kind == EventKind::list_end) {
            ++lists_;
            whole_ = event.whole;
            interval_.whole &= event.whole;
        }
        gateway_.take(event);
        tracker_.apply(event, extras, count_);
    }

    void add_to(Present& present, const Surroundings& around) const {
        for (std::size_t i = 0; i < tracker_.size(); ++i) {
            const auto& [flow, life] = tracker_[i];
            present.add(Row(flow, life, tracker_.extras()[flow.extras], around));
        }
    }

    /// Lists that have begun, and those that have come to their end.
    [[nodiscard]] int begun() const { return begun_; }
    [[nodiscard]] int lists() const { return lists_; }
    [[nodiscard]] bool told() const { return told_; } // anything
    [[nodiscard]] bool complete() const { return tracker_.complete(); }
    /// Whether the last list was.
    [[nodiscard]] bool whole() const { return whole_; }
    /// Of the moments that were told; Time{} where none was.
    [[nodiscard]] Time first() const { return first_; }
    [[nodiscard]] Time last() const { return last_; }
    [[nodiscard]] const Interval& interval() const { return interval_; }
    [[nodiscard]] const GatewayCounts& gateway() const { return gateway_.counts(); }

  private:
    void count(const Transition& step) {
        gateway_.take(step);
        if (step.kind == TransitionKind::created)
            ++interval_.created;
        else if (step.kind == TransitionKind::ended)
            ++interval_.ended[static_cast<std::size_t>(step.ending.value_or(Ending::unknown))];
        else if (is_gap(step.kind))
            interval_.whole = false;
    }

    Tracker tracker_;
    GatewayTally gateway_;
    Interval interval_;
    int begun_ = 0;
    int lists_ = 0;
    bool told_ = false;
    bool whole_ = true;
    Time first_{};
    Time last_{};
    Tracker::Steps count_ = [this](const Transition& step) { count(step); };
};

/// The answer while it is made.
struct Filling {
    const MetricsRequest& request;
    const Complain& complain;
    Surroundings around = look_around(request.files);
    Present present{request, around};
    Metrics metrics{};
};

/// These give what leaves the metrics useful and is to be said.
Complaints fill_from_file(Filling& fill) {
    const auto source = open_source_of_lists({fill.request.files, {}});
    Following following;
    ListEnd end;
    end.passed_over = each_event(*source, [&](const Event& event, const ExtrasPool& extras) {
        following.take(event, extras);
    });
    end.whole = following.whole();
    end.notes = source->notes();
    fill.around.now = following.last();
    take_addresses(*source, fill.around);
    following.add_to(fill.present, fill.around);
    Metrics& metrics = fill.metrics;
    metrics.at = following.last();
    if (following.complete())
        metrics.whole = end.whole;
    else if (following.told()) {
        metrics.whole = false;
        end.others.push_back(no_list_in(fill.request.files.shown()));
    }
    if (following.first() < following.last()) { // otherwise it is a moment, not an interval
        metrics.interval = following.interval();
        metrics.interval->length = following.last() - following.first();
    }
    return end.complaints();
}

/// Reads on until that moment, and then until a list has ended that was asked for after it.
ListEnd follow_until(Following& following, Source& source, SteadyTime deadline) {
    ListEnd end;
    const auto read = [&](auto&& goes_on, auto&& wait) {
        end.passed_over += each_batch(
            source,
            [&](const Batch& batch) {
                for (const Event& event : batch.events)
                    following.take(event, batch.extras);
                return goes_on();
            },
            wait);
    };
    read([] { return true; }, WaitUntil{deadline});
    return until_whole([&](bool) {
        source.request_list({ListCondition{}});
        const int before = following.begun(); // one that is under way does not count
        read([&] { return following.lists() <= before; }, WaitAlways{});
        end.whole = following.whole();
        return end;
    });
}

GatewayCounts gateway_of(const Following& following, const std::optional<Statistics>& before) {
    GatewayCounts counts = following.gateway();
    const auto after = conntrack_statistics();
    counts.failed = rise(before, after, "insert_failed");
    counts.dropped = rise(before, after, "drop");
    return counts;
}

Complaints fill_by_following(Filling& fill) {
    const Pace& pace = *fill.request.measured;
    const auto began = std::chrono::steady_clock::now();
    const auto before = conntrack_statistics();
    const auto source = open_followed({}, pace, fill.complain);
    confine();
    Following following;
    const ListEnd end = follow_until(following, *source, began + pace.interval);
    Metrics& metrics = fill.metrics;
    metrics.interval = following.interval();
    metrics.interval->length = std::chrono::steady_clock::now() - began;
    metrics.interval->gateway = gateway_of(following, before);
    if (conntrack_setting("nf_conntrack_events") == 0) // what lists alone do not see
        metrics.interval->whole = false;
    fill.around.now = following.last();
    following.add_to(fill.present, fill.around);
    metrics.at = following.last();
    metrics.whole = end.whole;
    return end.complaints();
}

Complaints fill_from_list(Filling& fill) {
    const auto source = open_source_of_lists({});
    const ListEnd end = read_rows(
        *source, {}, Question{}, fill.around, [&] { fill.present.clear(); },
        [&](const Row& row) { fill.present.add(row); });
    fill.metrics.at = fill.around.now;
    fill.metrics.whole = end.whole;
    return end.complaints();
}

} // namespace

Answer metrics(MetricsRequest request, const Complain& complain) {
    const auto who = know(request.question, request.files, complain);
    if (!request.write.empty())
        return metrics_file(request, who.get(), complain);
    Filling fill{request, complain};
    fill.around.who = who.get();
    look_at_ports(fill.around, request.files, request.port_range);
    Answer answer;
    answer.add((!request.files.empty() ? fill_from_file
                : request.measured     ? fill_by_following
                                       : fill_from_list)(fill));
    Metrics& metrics = fill.metrics;
    const std::string version = version_text().substr(std::string_view("natstat ").size());
    metrics.version = version;
    metrics.netns = request.netns;
    metrics.labels = request.labels;
    fill.present.tell(metrics);
    if (request.files.empty())
        metrics.health = read_health();
    std::array<char, 256> host{};
    if (request.files.empty() && gethostname(host.data(), host.size() - 1) == 0)
        metrics.host = host.data();
    metrics.told =
        std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    write_as_wanted([&] {
        Output output(STDOUT_FILENO, "standard output");
        (request.format == Format::emf ? print_metrics_emf : print_metrics)(metrics, request.limit,
                                                                            output);
        output.flush();
    });
    return answer;
}

} // namespace natstat
