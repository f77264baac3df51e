// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Counters come out of a ledger (model/ledger), which the events of beginnings and ends feed, and
// lists; what there is at the moment comes out of lists alone, and is kept as the text that it
// becomes. The first file is written when the first list has ended: what was there before is known
// then.
#include "natstat/answer/metrics_file.hpp"

#include "natstat/answer/present.hpp"
#include "natstat/answer/replaced_file.hpp"
#include "natstat/answer/signals.hpp"
#include "natstat/gather/confine.hpp"
#include "natstat/gather/loop.hpp"
#include "natstat/gather/reading.hpp"
#include "natstat/gather/view_source.hpp"

#include "natstat/intake/health.hpp"
#include "natstat/intake/host.hpp"
#include "natstat/print/metrics.hpp"

#include <algorithm>

namespace natstat {

namespace {

using std::chrono::steady_clock;

/// Everything that is known, for one file after the other.
class Counting {
  public:
    Counting(const MetricsRequest& request, Who* who) : request_(request), who_(who) {
        around_.who = who;
        counts_.since = around_.now;
        if (Problems* const problems = present_.problems())
            problems->watch();
    }

    void take(const Batch& batch, const Source& source) {
        look_around(source);
        extras_ = &batch.extras;
        for (const Event& event : batch.events)
            take(event);
        extras_ = nullptr;
    }

    /// Whether there is anything to be written: a first list has ended.
    [[nodiscard]] bool is_ready() const { return listed_at_ != Time{}; }

    [[nodiscard]] std::string text(std::string_view version) {
        Metrics metrics;
        metrics.version = version;
        metrics.netns = request_.netns;
        metrics.labels = request_.labels;
        metrics.at = listed_at_;
        metrics.whole = listed_whole_;
        metrics.listed = listed_;
        metrics.health = read_health();
        counts_.lost = ledger_.lost();
        counts_.told = conntrack_setting("nf_conntrack_events") != 0;
        counts_.counts = counts_.counts || conntrack_setting("nf_conntrack_acct") == 1;
        metrics.counts = &counts_;
        return printed([&](Output& output) { print_metrics(metrics, request_.limit, output); });
    }

  private:
    template <typename Print>
    static std::string printed(Print&& print) {
        std::string text;
        constexpr std::size_t piece = 65536;
        Output output([&](std::string_view more) { text += more; }, piece);
        print(output);
        output.flush();
        return text;
    }

    void look_around(const Source& source) {
        const auto& addresses = source.local_addresses();
        if (addresses == told_addresses_ || !addresses)
            return;
        told_addresses_ = addresses;
        around_.local_addresses = AddressSet(addresses->begin(), addresses->end());
    }

    void take(const Event& event) {
        if (event.kind == EventKind::list_begin)
            begin_list(event);
        const bool counts = ledger_.apply(event, count_);
        if (Problems* const problems = present_.problems())
            problems->take(event, (*extras_)[event.flow.extras]);
        if (event.kind == EventKind::listed && counts)
            present_.add(Row(event.flow, (*extras_)[event.flow.extras], around_));
        if (event.kind == EventKind::list_end)
            keep_list(event);
    }

    /// The rules may have changed since the list before, and with them the ports that there are.
    void begin_list(const Event& begin) {
        present_.clear();
        around_.now = begin.time;
        look_at_ports(around_, {}, request_.port_range);
        if (who_ != nullptr)
            who_->refresh();
    }

    void count(const Entry& entry) {
        Counts::Flows& flows =
            counts_.flows[entry.kind / Counts::protocols][entry.kind % Counts::protocols];
        flows.created += entry.created ? 1U : 0U;
        flows.answered += entry.answered ? 1U : 0U;
        if (entry.ending)
            ++flows.ended[static_cast<std::size_t>(*entry.ending)];
        flows.up += entry.up;
        flows.down += entry.down;
    }

    /// A place among the counters.
    [[nodiscard]] std::uint16_t place_of(const Flow& flow) const {
        static const Extras none;
        const auto kind = Row(flow, none, around_).kind().value_or(FlowKind::routed);
        return static_cast<std::uint16_t>(
            static_cast<std::size_t>(kind) * Counts::protocols +
            static_cast<std::size_t>(counted_protocol(flow.protocol)));
    }

    void keep_list(const Event& end) {
        Metrics metrics;
        metrics.netns = request_.netns;
        metrics.labels = request_.labels;
        present_.tell(metrics);
        listed_ =
            printed([&](Output& output) { print_listed_metrics(metrics, request_.limit, output); });
        listed_at_ = end.time;
        listed_whole_ = end.whole;
        present_.clear();
    }

    const MetricsRequest& request_;
    Who* who_;
    Surroundings around_ = natstat::look_around({});
    std::optional<std::vector<Address>> told_addresses_;
    const ExtrasPool* extras_ = nullptr; // of the batch that is taken
    Ledger ledger_{[this](const Flow& flow) { return place_of(flow); }};
    Ledger::Take count_ = [this](const Entry& entry) { count(entry); };
    Counts counts_;
    Present present_{request_, around_};
    std::string listed_;
    Time listed_at_{};
    bool listed_whole_ = true;
};

/// Writes when it is due, and says once when that fails, and once when it works again.
class Writing {
  public:
    Writing(const MetricsRequest& request, const Complain& complain)
        : file_(request.write), interval_(request.measured->interval), complain_(complain) {}

    [[nodiscard]] steady_clock::time_point due() const { return due_; }

    /// The first time, what can not be done is a Failure: nobody has had a file yet.
    void write(const std::string& text) {
        const std::string problem = file_.replace(text);
        if (!problem.empty() && !written_)
            throw Failure(problem);
        if (problem != problem_)
            complain_(problem.empty() ? "the metrics are written again" : problem);
        problem_ = problem;
        written_ = true;
        const auto now = steady_clock::now();
        due_ = due_ + interval_ > now ? due_ + interval_ : now + interval_;
    }

  private:
    ReplacedFile file_;
    std::chrono::milliseconds interval_;
    const Complain& complain_;
    steady_clock::time_point due_ = steady_clock::now();
    std::string problem_;
    bool written_ = false;
};

std::string version_number() {
    return version_text().substr(std::string_view("natstat ").size());
}

} // namespace

Answer metrics_file(const MetricsRequest& request, Who* who, const Complain& complain) {
    end_by_signals();
    const auto source = open_counted(*request.measured, complain);
    Writing writing(request, complain);
    confine();
    Counting counting(request, who);
    const std::string version = version_number();
    const PassedOver passed_over = each_batch(
        *source,
        [&](const Batch& batch) {
            counting.take(batch, *source);
            if (counting.is_ready() && steady_clock::now() >= writing.due())
                writing.write(counting.text(version));
            return true;
        },
        [&](const Source& from, bool more) {
            if (!more)
                wait_for(from, counting.is_ready() ? std::optional(writing.due()) : std::nullopt);
            return !end_is_wanted();
        });
    if (counting.is_ready())
        writing.write(counting.text(version));
    Answer answer;
    answer.add(foreign_messages(passed_over.foreign));
    return answer;
}

} // namespace natstat
