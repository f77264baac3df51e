// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The kernel's events say when a flow goes. Lists come in between, as in all that follows, because
// a flow that began before anybody listened has no event of its end (nf_conntrack_events=2), and
// because events can be lost; how many are left is not judged from then on until a list is whole.
#include "natstat/answer/wait.hpp"

#include "natstat/answer/knowing.hpp"
#include "natstat/answer/printing.hpp"
#include "natstat/gather/confine.hpp"
#include "natstat/gather/loop.hpp"
#include "natstat/gather/reading.hpp"
#include "natstat/gather/remaining.hpp"
#include "natstat/gather/view_source.hpp"

#include "natstat/print/flows_left.hpp"
#include "natstat/table/groups.hpp"

#include <unistd.h>

#include <vector>

namespace natstat {

namespace {

using std::chrono::steady_clock;

/// The flows that are left, on standard error, where that is a terminal: one line, which is
/// written over.
class Progress {
  public:
    explicit Progress(std::size_t below) : below_(below), shows_(isatty(STDERR_FILENO) != 0) {}
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() { put(""); }

    void show(std::optional<std::size_t> left) {
        const auto now = steady_clock::now();
        if (!left || left == shown_ || now < again_)
            return;
        constexpr std::chrono::milliseconds pause{100};
        again_ = now + pause;
        shown_ = left;
        put(std::to_string(*left) + (*left == 1 ? " flow is" : " flows are") +
            " left, waiting for fewer than " + std::to_string(below_));
    }

  private:
    /// A terminal that does not take it is as good as none.
    void put(std::string_view text) {
        constexpr std::string_view anew = "\r\x1b[K"; // to the line's begin, and clears it
        if (shows_)
            shows_ = write(STDERR_FILENO, (std::string(anew) + std::string(text)).data(),
                           anew.size() + text.size()) > 0;
    }

    std::size_t below_;
    bool shows_;
    std::optional<std::size_t> shown_;
    steady_clock::time_point again_{};
};

/// Who opened the flows that are left: those with the most, and no more than a program would want.
std::vector<FlowsLeft::Opener> openers_of(const Remaining& remaining, const Surroundings& around) {
    constexpr std::size_t most = 10;
    Groups groups(std::get<GroupKeys>(parse_group_keys("src")), {}, around);
    remaining.for_each([&](const Row& row) { groups.add(row); });
    std::vector<FlowsLeft::Opener> openers;
    const auto order = std::get<Order>(Order::parse("-flows"));
    groups.for_each(&order, most, [&](const Row& row) {
        openers.push_back({row.flow.end(End::original_source).address, row.group->flows});
    });
    return openers;
}

class Waiting {
  public:
    Waiting(const WaitRequest& request, Who* who, const Complain& complain)
        : request_(request), who_(who), source_(open_followed({}, request.pace, complain)) {
        around_.who = who;
        confine();
    }

    /// Until it is so, or time is up. What came and was passed over.
    PassedOver run() {
        Progress progress(request_.below);
        return each_batch(
            *source_,
            [&](const Batch& batch) {
                for (const Event& event : batch.events)
                    if (take(event, batch.extras); number().is_few())
                        return false;
                progress.show(remaining_.count());
                return true;
            },
            [&](const Source& source, bool more) {
                if (!more)
                    wait_for(source, end_);
                return !end_ || steady_clock::now() < *end_;
            });
    }

    /// As things stand.
    [[nodiscard]] FlowsLeft left() const {
        FlowsLeft left = number();
        left.after = steady_clock::now() - began_;
        if (left.flows)
            left.openers = openers_of(remaining_, around_);
        return left;
    }

  private:
    [[nodiscard]] FlowsLeft number() const {
        FlowsLeft left;
        left.flows = remaining_.count();
        left.below = request_.below;
        return left;
    }

    /// What is known of addresses changes with the end of a list alone, as the count does.
    void take(const Event& event, const ExtrasPool& extras) {
        if (event.kind == EventKind::list_end) {
            take_addresses(*source_, around_);
            if (who_ != nullptr)
                who_->refresh();
        }
        remaining_.take(event, extras);
    }

    const WaitRequest& request_;
    Who* who_;
    steady_clock::time_point began_ = steady_clock::now();
    std::optional<steady_clock::time_point> end_ =
        request_.limit ? std::optional(began_ + *request_.limit) : std::nullopt;
    Surroundings around_ = look_around({});
    std::unique_ptr<Source> source_;
    Remaining remaining_{request_.question.filter, around_};
};

} // namespace

Answer wait(WaitRequest request, const Complain& complain) {
    const auto who = know(request.question, {}, complain);
    Waiting waiting(request, who.get(), complain);
    const PassedOver passed_over = waiting.run();
    const FlowsLeft left = waiting.left();
    write_as_wanted([&] {
        Output output(STDOUT_FILENO, "standard output");
        (is_for_people(request.format) ? print_flows_left : print_flows_left_json)(left, output);
        output.flush();
    });
    Answer answer;
    answer.add(foreign_messages(passed_over.foreign));
    if (!left.is_few())
        answer.status = Answer::Status::warned;
    return answer;
}

} // namespace natstat
