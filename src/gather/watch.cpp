// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The kernel's events say which flows of the list began in the watch, and so which have waited for
// an answer for longer. Its counters are read before and after.
#include "natstat/gather/watch.hpp"

#include "natstat/gather/confine.hpp"
#include "natstat/gather/reading.hpp"
#include "natstat/gather/view_source.hpp"

#include "natstat/intake/health.hpp"
#include "natstat/intake/nat_rules.hpp"
#include "natstat/intake/neighbours.hpp"

#include <algorithm>

namespace natstat {

namespace {

using Clock = std::chrono::steady_clock;

/// As many entries of one bucket as may come twice, right after a read (kernel_source.cpp).
constexpr std::size_t remembered_flows = 64;

class KernelWatch {
  public:
    KernelWatch(const DiagnoseRequest& request, Sight& sight, const Complain& complain)
        : request_(request), sight_(sight), source_(open_followed({}, request.pace, complain)),
          lacking_(request.question.filter) {
        confine();
    }

    void run() {
        Evidence& evidence = sight_.evidence;
        evidence.before = read_health();
        const auto began = Clock::now();
        sight_.watch.open(now());
        read([] { return true; }, WaitUntil{began + request_.pace.interval});
        const auto looked = Clock::now();
        evidence.after = read_health();
        evidence.length = looked - began;
        read_list();
        evidence.silent = silent_neighbours();
        evidence.rules = read_nat_rules();
    }

  private:
    static Time now() {
        return std::chrono::time_point_cast<std::chrono::nanoseconds>(
            std::chrono::system_clock::now());
    }

    template <typename GoesOn, typename Wait>
    void read(GoesOn&& goes_on, Wait&& wait) {
        sight_.end.passed_over += each_batch(
            *source_,
            [&](const Batch& batch) {
                take(batch);
                return goes_on();
            },
            wait);
    }

    void read_list() {
        const ListEnd end = until_whole([&](bool) {
            source_->request_list({ListCondition{}});
            over_ = true;
            listed_ = false;
            read([&] { return !listed_; }, WaitAlways{});
            ListEnd result;
            result.whole = whole_;
            return result;
        });
        sight_.end.whole = end.whole;
        sight_.end.lacking = lacking_.columns();
    }

    void take(const Batch& batch) {
        std::vector<Flow> last;
        for (const Event& event : batch.events)
            take(event, batch.extras, last);
        if (!last.empty())
            remembered_ = std::move(last);
    }

    void take(const Event& event, const ExtrasPool& extras, std::vector<Flow>& last) {
        switch (event.kind) {
        case EventKind::created:
            return sight_.watch.begun(event.flow, event.time);
        case EventKind::destroyed:
            return take_end(event, extras[event.flow.extras]);
        case EventKind::lost:
            return sight_.watch.lost();
        case EventKind::list_begin:
            take_addresses(*source_, sight_.around);
            sight_.around.now = event.time;
            remembered_.clear();
            return sight_.watch.clear_list();
        case EventKind::list_end:
            listed_ = true;
            whole_ = event.whole;
            return;
        case EventKind::listed:
            return take_listed(event.flow, extras[event.flow.extras], last);
        default:
            return;
        }
    }

    void take_end(const Event& event, const Extras& extras) {
        if (over_ || !was_refused(event))
            return;
        const Row row(event.flow, extras, sight_.around);
        sight_.watch.refused(row, request_.question.filter.matches(row));
    }

    void take_listed(const Flow& flow, const Extras& extras, std::vector<Flow>& last) {
        const bool repeated =
            std::any_of(remembered_.begin(), remembered_.end(), [&](const Flow& each) {
                return each.id == flow.id && same_connection(each, flow);
            });
        if (last.size() == remembered_flows)
            last.erase(last.begin(), last.begin() + remembered_flows / 2);
        last.push_back(flow);
        if (repeated)
            return;
        const Row row(flow, extras, sight_.around);
        lacking_.see(row);
        sight_.watch.add(row, request_.question.filter.matches(row));
    }

    const DiagnoseRequest& request_;
    Sight& sight_;
    std::unique_ptr<Source> source_;
    Lacking lacking_;
    std::vector<Flow> remembered_; // the last flows of the read before
    bool listed_ = false;
    bool over_ = false; // the watch is over
    bool whole_ = true;
};

void look_at_file(const DiagnoseRequest& request, Sight& sight) {
    const auto source = open_source_of_lists(request.from);
    Lacking lacking(request.question.filter);
    sight.evidence.of_kernel = false;
    sight.end = read_rows(
        *source, request.from, Question{}, sight.around, [&] { sight.watch.clear_list(); },
        [&](const Row& row) {
            lacking.see(row);
            sight.watch.add(row, request.question.filter.matches(row));
        });
    sight.end.lacking = lacking.columns();
}

} // namespace

void look(const DiagnoseRequest& request, const Who* who, Sight& sight, const Complain& complain) {
    sight.around = look_around(request.from.files);
    sight.around.who = who;
    sight.evidence.narrowed = request.narrowed;
    if (!request.from.files.empty())
        return look_at_file(request, sight);
    KernelWatch(request, sight, complain).run();
}

} // namespace natstat
