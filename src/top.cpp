// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One loop with small steps: take keys, take a bounded amount from the source, rank a slice of the
// flows, and draw when it is time. No step takes long, so that a key is answered at once however
// large the table is.
#include "top.hpp"

#include "signals.hpp"
#include "view_source.hpp"

#include "natstat/intake/host.hpp"
#include "natstat/intake/statistics.hpp"
#include "natstat/live/render.hpp"
#include "natstat/live/terminal.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <poll.h>
#include <utility>

namespace natstat {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Flows that are ranked between two looks at the keyboard.
constexpr std::size_t slice = 16384;
/// The share of a core that ranking may take.
constexpr double ranking_share = 0.02;
/// How long an ended flow stays on the screen.
constexpr seconds lingering{5};
/// What is kept of the past.
constexpr std::size_t steps_kept = 2000, seconds_kept = 60, ends_kept = 4096;

bool same_flow(const Flow& a, const Flow& b) {
    return a.id == b.id && same_connection(a, b);
}

/// The steps of the last while: as a list, as numbers a second, and the ends by themselves.
class Past {
  public:
    void take(const Transition& step, const ExtrasPool& extras) {
        if (step.kind == TransitionKind::lost)
            lost_ += step.lost;
        created_ += step.kind == TransitionKind::created ? 1 : 0;
        ended_ += step.kind == TransitionKind::ended ? 1 : 0;
        steps_.push_back({step, extras[step.flow.extras]});
        if (steps_.size() > steps_kept)
            steps_.pop_front();
        if (step.kind != TransitionKind::ended)
            return;
        ends_.push_back({step, Clock::now()});
        if (ends_.size() > ends_kept)
            ends_.pop_front();
    }

    /// Called once a second.
    void tick() {
        const auto keep = [](std::deque<unsigned>& numbers, unsigned& now) {
            numbers.push_back(std::exchange(now, 0));
            if (numbers.size() > seconds_kept)
                numbers.pop_front();
        };
        keep(created_each_, created_);
        keep(ended_each_, ended_);
    }

    /// How this flow ended, if that was a moment ago.
    [[nodiscard]] const Transition* end_of(const Flow& flow) const {
        const auto oldest = Clock::now() - lingering;
        for (auto each = ends_.rbegin(); each != ends_.rend() && each->when > oldest; ++each)
            if (same_flow(each->step.flow, flow))
                return &each->step;
        return nullptr;
    }

    void put_into(Picture& picture) const {
        picture.steps = steps_;
        picture.created = created_each_;
        picture.ended = ended_each_;
        picture.lost = lost_;
    }

  private:
    struct End {
        Transition step;
        Clock::time_point when;
    };
    std::deque<ShownStep> steps_;
    std::deque<End> ends_;
    std::deque<unsigned> created_each_, ended_each_;
    unsigned created_ = 0, ended_ = 0;
    std::uint64_t lost_ = 0;
};

class Top {
  public:
    Top(const Options& options, Question question)
        : signals_({SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH}), question_(std::move(question)),
          source_(options), terminal_(options.read != "-", wants_color(options.color)) {
        ui_.interval = options.interval;
        ui_.filter = options.filter;
        choose_filter();
        picture_.from = source_.name();
        picture_.replay = source_.is_file();
        if (!picture_.replay)
            around_.timeouts = configured_timeouts();
    }

    int run() {
        while (!done_) {
            wait();
            take_signals();
            while (const auto pressed = done_ ? std::nullopt : terminal_.read())
                obey(update(ui_, *pressed, picture_, terminal_.size()));
            follow();
            rank();
            draw_when_due();
        }
        return signal_;
    }

  private:
    void wait() const {
        const auto due = std::min(next_draw_, source_.due().value_or(Clock::time_point::max()));
        const auto left = std::chrono::ceil<milliseconds>(due - Clock::now()).count();
        const bool busy = ranking_ || more_ || dirty_;
        std::array<pollfd, 3> wanted{pollfd{signals_.fd(), POLLIN, 0},
                                     pollfd{terminal_.fd(), POLLIN, 0},
                                     pollfd{source_.fd(), POLLIN, 0}};
        poll(wanted.data(), wanted.size(),
             busy ? 0 : static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
        if ((wanted[1].revents & (POLLHUP | POLLERR)) != 0)
            throw Failure("the terminal has gone");
    }

    void take_signals() {
        while (const auto signal = signals_.take()) {
            if (*signal == SIGTSTP) {
                terminal_.suspend();
            } else if (*signal == SIGWINCH) {
                terminal_.resize();
                look_ = true;
            } else {
                signal_ = *signal;
                done_ = true;
            }
            dirty_ = true;
        }
    }

    void obey(Effect effect) {
        dirty_ = true;
        switch (effect) {
        case Effect::none:
            break;
        case Effect::quit:
            done_ = true;
            break;
        case Effect::suspend:
            terminal_.suspend();
            break;
        case Effect::redraw:
            terminal_.redraw();
            break;
        case Effect::look:
            look_ = true;
            break;
        case Effect::rank:
            choose_filter();
            start_ranking();
            break;
        }
    }

    void follow() {
        batch_.clear();
        more_ = source_.read(batch_);
        if (const auto& addresses = source_.local_addresses(); addresses != told_addresses_) {
            told_addresses_ = addresses;
            around_.local_addresses = AddressSet(addresses->begin(), addresses->end());
        }
        const Tracker::Steps keep = [this](const Transition& step) {
            const Row row(step, tracker_.extras()[step.flow.extras], around_);
            if (step.kind == TransitionKind::lost || question_.filter.matches(row))
                past_.take(step, tracker_.extras());
        };
        for (const Event& event : batch_.events)
            tracker_.apply(event, batch_.extras, keep);
        if (!first_shown_ && tracker_.complete()) { // the first picture does not wait for its time
            first_shown_ = true;
            next_rank_ = next_draw_ = Clock::now();
        }
    }

    // -- which flows are shown --------------------------------------------------------------------

    /// The filter that is typed, and those of the options.
    void choose_filter() {
        auto parsed = Filter::parse(ui_.filter);
        if (auto* filter = std::get_if<Filter>(&parsed))
            filter_ = std::move(*filter);
    }

    void start_ranking() {
        // By the source where the column is equal: comparing whole rows is dear.
        order_ = Order({{find_column(ui_.sort), ui_.descending}, {find_column("source"), false}});
        ranked_.reset(); // a table is ranked once at a time, for the memory's sake
        ranking_.emplace(tracker_, question_.filter, filter_, order_, around_);
        ranking_began_ = Clock::now();
        ranking_took_ = {};
    }

    void rank() {
        if (!ranking_ && !ui_.paused && Clock::now() >= next_rank_)
            start_ranking();
        if (!ranking_)
            return;
        const auto began = Clock::now();
        const bool whole = ranking_->advance(slice);
        ranking_took_ += Clock::now() - began;
        if (!whole)
            return;
        ranked_.emplace(std::move(*ranking_));
        ranking_.reset();
        if (ui_.chosen)
            if (const auto number = tracker_.find(*ui_.chosen))
                ui_.cursor = ranked_->place_of(*number);
        picture_.mix = ranked_->mix();
        look();
        look_ = false;
        dirty_ = true;
        ranking_took_ += Clock::now() - began;
        const auto rest =
            std::chrono::duration_cast<Clock::duration>(ranking_took_ / ranking_share);
        next_rank_ = ranking_began_ + std::max<Clock::duration>(ui_.interval, rest);
    }

    /// Puts the flows around the cursor into the picture, a page more than the screen on each side.
    void look() {
        const Size size = terminal_.size();
        const std::size_t rows = std::max<std::size_t>(list_rows(size), 1);
        picture_.matched = ranked_->size();
        const std::size_t last = picture_.matched == 0 ? 0 : picture_.matched - 1;
        ui_.cursor = std::min(ui_.cursor, last);
        ui_.first = std::min(ui_.first, ui_.cursor);
        if (ui_.cursor >= ui_.first + rows)
            ui_.first = ui_.cursor - rows + 1;
        picture_.first = ui_.first - std::min(ui_.first, rows);
        std::vector<ShownFlow> before = std::exchange(picture_.flows, {});
        for (const std::size_t number : ranked_->window(picture_.first, 3 * rows)) {
            const auto& [flow, life] = tracker_[number];
            picture_.flows.push_back({flow, life, tracker_.extras()[flow.extras], {}});
        }
        keep_ended(before);
        settle(ui_, picture_, size);
    }

    /// Whether the picture has all that the screen shows, without another look.
    [[nodiscard]] bool sees_cursor() const {
        const std::size_t rows = std::max<std::size_t>(list_rows(terminal_.size()), 1);
        const std::size_t end = picture_.first + picture_.flows.size();
        const std::size_t above = ui_.cursor - std::min(ui_.cursor, rows);
        return above >= picture_.first && (ui_.cursor + rows <= end || end >= picture_.matched);
    }

    /// Those that were on the screen and have just ended stay where they were for a moment.
    void keep_ended(const std::vector<ShownFlow>& before) {
        for (std::size_t place = 0; place < before.size(); ++place) {
            const Transition* end = past_.end_of(before[place].flow);
            if (end == nullptr || tracker_.find(before[place].flow))
                continue;
            ShownFlow gone = before[place];
            gone.flow = end->flow;
            gone.end = *end;
            const Row row(gone.flow, gone.life, gone.extras, around_);
            if (!question_.filter.matches(row) || !filter_.matches(row))
                continue;
            const auto at = std::min(place, picture_.flows.size());
            picture_.flows.insert(picture_.flows.begin() + static_cast<std::ptrdiff_t>(at), gone);
            ++picture_.matched;
        }
    }

    /// What the tracker knows now of the flows in the window.
    void refresh() {
        for (ShownFlow& shown : picture_.flows) {
            if (const auto number = tracker_.find(shown.flow)) {
                shown.flow = tracker_[*number].flow;
                shown.life = tracker_[*number].life;
            } else if (const Transition* end = past_.end_of(shown.flow)) {
                shown.end = *end;
            }
        }
    }

    // -- the screen -------------------------------------------------------------------------------

    void draw_when_due() {
        const auto now = Clock::now();
        if (now >= next_second_) {
            past_.tick();
            next_second_ = std::max(next_second_ + seconds{1}, now);
        }
        if (look_ && (ranked_ || sees_cursor())) {
            look_ = false;
            dirty_ = true;
            sees_cursor() ? settle(ui_, picture_, terminal_.size()) : look();
        }
        if (now >= next_draw_) {
            next_draw_ = now + ui_.interval;
            dirty_ = true;
            if (!ui_.paused)
                take_picture();
        }
        if (std::exchange(dirty_, false) && !done_)
            terminal_.show(render(picture_, ui_, terminal_.size()));
    }

    void take_picture() {
        around_.now = source_.now();
        picture_.around = around_;
        picture_.complete = tracker_.complete();
        picture_.stale = tracker_.stale();
        picture_.over = source_.over();
        if (!picture_.replay) {
            picture_.count = conntrack_setting("nf_conntrack_count");
            picture_.limit = conntrack_setting("nf_conntrack_max");
            if (const auto statistics = conntrack_statistics()) {
                picture_.insert_failed = statistics->of("insert_failed");
                picture_.dropped = statistics->of("drop");
            }
            picture_.counters = conntrack_setting("nf_conntrack_acct") != 0;
        }
        past_.put_into(picture_);
        refresh();
    }

    Signals signals_; // before any thread
    Question question_;
    ViewSource source_;
    Terminal terminal_;

    Surroundings around_;
    std::optional<std::vector<Address>> told_addresses_;
    Tracker tracker_;
    Batch batch_;
    Past past_;
    bool more_ = false; // the source has more to tell at once

    Ui ui_;
    Picture picture_;
    Filter filter_;
    Order order_{{}};
    std::optional<Ranking> ranking_; // under way
    std::optional<Ranking> ranked_;  // the last one that is whole
    Clock::time_point ranking_began_{};
    Clock::duration ranking_took_{};
    Clock::time_point next_rank_ = Clock::now();
    Clock::time_point next_draw_ = Clock::now();
    Clock::time_point next_second_ = Clock::now() + seconds{1};
    bool first_shown_ = false;
    bool look_ = false; // another window is wanted
    bool dirty_ = true; // the screen is not what it should be
    bool done_ = false;
    int signal_ = 0;
};

} // namespace

int top(const Options& options, Question question) {
    return Top(options, std::move(question)).run();
}

} // namespace natstat
