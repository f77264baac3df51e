// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One loop with small steps: take keys, take a bounded amount from the source, rank a slice of the
// flows, and draw when it is time. No step takes long, so that a key is answered at once however
// large the table is.
#include "natstat/answer/top.hpp"

#include "natstat/answer/examinations.hpp"
#include "natstat/answer/file_writer.hpp"
#include "natstat/answer/followed.hpp"
#include "natstat/answer/knowing.hpp"
#include "natstat/answer/memory_file.hpp"
#include "natstat/answer/plain.hpp"
#include "natstat/answer/printing.hpp"
#include "natstat/answer/removing.hpp"
#include "natstat/answer/signals.hpp"
#include "natstat/answer/table_state.hpp"
#include "natstat/answer/view_print.hpp"
#include "natstat/gather/netns.hpp"
#include "natstat/gather/reading.hpp"
#include "natstat/gather/view_source.hpp"

#include "natstat/intake/host.hpp"
#include "natstat/intake/label_names.hpp"
#include "natstat/intake/removal.hpp"
#include "natstat/live/rankings.hpp"
#include "natstat/live/remembered.hpp"
#include "natstat/live/render.hpp"
#include "natstat/live/terminal.hpp"
#include "natstat/live/window.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <malloc.h>
#include <poll.h>
#include <unistd.h>
#include <utility>

namespace natstat {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// A terminal on which a cursor can not be moved.
bool is_dumb() {
    const char* const term = std::getenv("TERM");
    return term != nullptr && std::string_view(term) == "dumb";
}

std::unique_ptr<Display> make_display(const TopRequest& request) {
    if (request.plain || is_dumb())
        return std::make_unique<Plain>();
    return std::make_unique<Terminal>(!request.files.has_standard_input(),
                                      wants_color(request.color));
}

/// What is large, as a ranking of a million flows, goes back to the system when it is let go. By
/// itself glibc would keep the room of the next one as large in its heap (mallopt(3)), and what is
/// small and stays would settle there.
void keep_no_holes() {
    constexpr int large = 256 * 1024;
    mallopt(M_MMAP_THRESHOLD, large);
}

class Top {
  public:
    Top(TopRequest request, const Complain& complain)
        : signals_({SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGWINCH}), files_(request.files),
          question_(std::move(request.question)), who_(know(question_, request.files, complain)),
          memory_(request.remembers ? read_memory(memory_file()) : Memory{}),
          source_(request.files, request.pace, request.speed, request.netns, complain),
          display_(make_display(request)) {
        ui_.plain = request.plain || is_dumb();
        ui_.light = display_->background() == Background::light;
        if (request.remembers)
            recall_file();
        if (memory_.text.find("background ") == std::string::npos) // the user has not said it
            display_->ask_background();
        start_in(ui_, request.ports, request.by);
        ui_.port_range = request.port_range;
        ui_.kinds = question_.kinds;
        if (request.own_interval)
            ui_.interval = request.pace.interval;
        ui_.filter = request.filter;
        ui_.written = std::move(request.names);
        choose_filter(); // a bare rate in it is of what the titles say
        take_look(request);
        picture_.from = source_.name();
        picture_.ascii = !is_utf8_locale();
        picture_.within = command_within(request.netns);
        picture_.replay = source_.is_file();
        around_.label_names = label_names();
        around_.who = who_.get();
        if (!picture_.replay)
            around_.timeouts = configured_timeouts();
        look_at_ports(around_, files_, ui_.port_range);
    }

    Answer run() {
        while (!done_) {
            wait();
            take_signals();
            while (const auto pressed = done_ ? std::nullopt : display_->read()) {
                ui_.pointer = display_->pointer();
                obey(update(ui_, *pressed, picture_, display_->size()));
            }
            if (const auto told = display_->told_background()) {
                ui_.light = *told == Background::light;
                obey(Effect::colors);
            }
            follow();
            rank();
            examine();
            take_answers();
            draw_when_due();
        }
        Answer answer;
        answer.signal = signal_;
        return answer;
    }

  private:
    /// What the options say of columns and order.
    void take_look(const TopRequest& request) {
        Position& position = ui_.position();
        for (std::size_t rows = 0; request.who && rows < rows_count; ++rows)
            show_who(static_cast<Rows>(rows), ui_.positions[rows]);
        if (request.own_columns) {
            position.columns.clear();
            for (const ShownColumn& each : question_.layout)
                position.columns.push_back(each.column);
        }
        if (!request.own_order || !question_.order || question_.order->keys().empty())
            return;
        position.sort = question_.order->keys().front().column;
        position.descending = question_.order->keys().front().descending;
    }

    void recall_file() {
        std::string problem = memory_.problem;
        if (problem.empty())
            problem = recall(ui_, memory_.text);
        if (!problem.empty())
            ui_.message = memory_file().path + ": " + problem;
        display_->use(ui_.light ? Background::light : Background::dark);
    }

    void wait() {
        const auto due = std::min(next_draw_, source_.due().value_or(Clock::time_point::max()));
        const auto left = std::chrono::ceil<milliseconds>(due - Clock::now()).count();
        const bool busy = rankings_.is_under_way() || problems_.is_under_way() || more_ ||
                          removing_.is_busy() || (dirty_ && !blocked_);
        std::array<pollfd, 7> wanted{pollfd{signals_.fd(), POLLIN, 0},
                                     pollfd{display_->fd(), POLLIN, 0},
                                     pollfd{source_.fd(), POLLIN, 0},
                                     pollfd{naming_ ? naming_->fd() : -1, POLLIN, 0},
                                     pollfd{writer_.fd(), POLLIN, 0},
                                     pollfd{blocked_ ? STDOUT_FILENO : -1, POLLOUT, 0},
                                     pollfd{source_.measure_fd(), POLLIN, 0}};
        poll(wanted.data(), wanted.size(),
             busy ? 0 : static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000)));
        if ((wanted[1].revents & (POLLHUP | POLLERR)) != 0) {
            signal_ = SIGHUP; // which does not come to everybody whose terminal goes
            done_ = true;
        }
    }

    void take_signals() {
        while (const auto signal = signals_.take()) {
            if (*signal == SIGTSTP) {
                obey(Effect::suspend);
            } else if (*signal == SIGWINCH) {
                display_->resize();
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
            display_->suspend();
            break;
        case Effect::redraw:
            display_->redraw();
            break;
        case Effect::look:
            look_ = true;
            break;
        case Effect::rank:
            choose_filter();
            take_picture(); // a paused one, too: all of it is of the moment of the question
            start_ranking();
            break;
        case Effect::remove:
            removing_.start(std::exchange(ui_.doomed, {}));
            break;
        case Effect::gather:
            gather();
            break;
        case Effect::write:
            write();
            break;
        case Effect::colors:
            display_->use(ui_.light ? Background::light : Background::dark);
            break;
        case Effect::remember:
            ui_.message = write_memory(memory_file(), remembered(ui_));
            break;
        case Effect::copy:
            display_->copy(ui_.copied);
            break;
        case Effect::seek:
            seek();
            break;
        }
    }

    /// A recording goes on elsewhere; before that all is forgotten that is of later.
    void seek() {
        const auto sought = source_.seek(ui_.seek);
        if (sought == ViewSource::Sought::nowhere) {
            ui_.message = "what comes through a pipe has no way back";
            return;
        }
        ui_.paused = false;
        catching_up_ = true;
        if (sought == ViewSource::Sought::ahead)
            return;
        followed_ = Followed();
        window_.forget();
        problems_.begin_anew();
        picture_.diagnosis.reset();
        ui_.step = ui_.scrolled = 0;
        ui_.steps_told = ui_.unseen = 0;
        picture_.rows.clear();
        picture_.over = first_shown_ = end_examined_ = false;
        start_ranking(); // in the place of one of what is gone
    }

    /// What the view shows and meets the condition, as it is now.
    void gather() {
        const auto condition = Filter::parse(ui_.doomed_by);
        const auto* const wanted = std::get_if<Filter>(&condition);
        const auto grouping = grouping_of(ui_.rows(), ui_.by, ui_.position(), ui_.port_range);
        const auto pool = grouping ? grouping->distinct.pool : std::nullopt; // others are not shown
        std::vector<Flow> flows;
        for (std::size_t i = 0; wanted != nullptr && i < followed_.tracker.size(); ++i) {
            const auto& [flow, life] = followed_.tracker[i];
            const Row row(flow, life, followed_.tracker.extras()[flow.extras], around_);
            if (question_.filter.matches(row) && filter_.matches(row) && wanted->matches(row) &&
                (!pool || pool->has(row)))
                flows.push_back(flow);
        }
        ask_about(ui_, std::move(flows));
    }

    void write() {
        const std::string path = std::exchange(ui_.prompt, std::nullopt)->text;
        if (writer_.is_busy()) {
            ui_.message = "another file is still being written";
            return;
        }
        around_.now = source_.now(); // the rows are of now, also where the picture is paused
        try {
            writer_.start(path, [&](Output& output) {
                print_view(output, path, ui_, picture_, around_, [this] { return make_ranking(); });
            });
            ui_.message = "writing " + path;
        } catch (const Failure& failure) { // the name is there to be changed
            ui_.prompt = Prompt{Prompt::For::file, path, failure.what(), {}, {}, 0};
        }
    }

    void take_answers() {
        if (removing_.is_busy()) { // the kernel's answers go to the line of messages
            ui_.message = removing_.step();
            dirty_ = true;
        }
        if (naming_ && naming_->step())
            dirty_ = true;
        if (!writer_.is_busy() || !is_readable(writer_.fd()))
            return;
        if (auto result = writer_.result()) {
            ui_.message = std::move(*result);
            dirty_ = true;
        }
    }

    [[nodiscard]] static bool is_readable(int fd) {
        pollfd wanted{fd, POLLIN, 0};
        return poll(&wanted, 1, 0) == 1;
    }

    void follow() {
        batch_.clear();
        followed_.tracker.set_rate_window(ui_.interval);
        more_ = source_.read(batch_);
        if (batch_.foreign != 0) {
            foreign_ += batch_.foreign;
            ui_.message = "messages of another process, not of the kernel, are passed over: " +
                          std::to_string(foreign_);
            dirty_ = true;
        }
        const auto& addresses = source_.local_addresses(); // absent where a file begins again
        if (addresses && addresses != told_addresses_) {
            told_addresses_ = addresses;
            around_.local_addresses = AddressSet(addresses->begin(), addresses->end());
        }
        if (followed_.take(batch_, source_.now(), question_.filter, around_))
            happened_ = true;
        around_.counted_later = followed_.tracker.complete();
        if (catching_up_ && source_.is_caught_up()) {
            catching_up_ = false;
            followed_.recent.forget_seconds();
            problems_.begin_anew();
            rankings_.schedule.at_once();
            next_draw_ = Clock::now();
        }
        if (std::exchange(happened_, false)) { // what happens is not to wait for the next picture
            next_draw_ = std::min(next_draw_, last_draw_ + ui_.interval / 4);
            rankings_.schedule.hurry(ui_.interval);
        }
        if (!first_shown_ &&
            followed_.tracker.complete()) { // the first picture does not wait for its time
            first_shown_ = true;
            rankings_.schedule.at_once();
            next_draw_ = Clock::now();
        }
    }

    [[nodiscard]] ChangesSince wanted_changes() const {
        return ui_.rows() == Rows::changes ? followed_.changes_since(source_.now() - ui_.span)
                                           : ChangesSince{};
    }

    // -- which flows are shown --------------------------------------------------------------------

    void choose_filter() {
        if (ui_.names && !naming_)
            naming_.emplace(default_name_deadline);
        ui_.written.naming = ui_.names ? &*naming_ : nullptr;
        auto parsed = chosen_filter(ui_);
        if (auto* filter = std::get_if<Filter>(&parsed))
            filter_ = std::move(*filter);
        else
            ui_.message = std::get<FilterError>(parsed).reason;
    }

    [[nodiscard]] Ranking make_ranking() const {
        const Position& position = ui_.position();
        std::vector<SortKey> order{{position.sort, position.descending}};
        if (ui_.rows() == Rows::flows) // where it is equal; comparing whole rows is dear
            order.push_back({find_column("source"), false});
        return {followed_.tracker, question_.filter,
                filter_,           Order(std::move(order)),
                around_,           grouping_of(ui_.rows(), ui_.by, position, ui_.port_range),
                wanted_changes()};
    }

    void start_ranking() {
        if (who_)
            who_->refresh();
        rankings_.start([this] { return make_ranking(); }, ui_.rows(), ui_.by);
    }

    void rank() {
        if (!rankings_.is_under_way() && !ui_.paused && rankings_.schedule.is_due(Clock::now()))
            start_ranking();
        if (!rankings_.step())
            return;
        const auto began = Clock::now();
        Ranking& ranked = *rankings_.whole();
        Position& position = ui_.position();
        if (position.chosen)
            if (const auto number = ranked.find(position.chosen->row(around_)))
                position.cursor = ranked.place_of(*number);
        picture_.mix = ranked.mix();
        picture_.kind = rankings_.kind();
        picture_.by = rankings_.by();
        picture_.changes_since = std::max(source_.now() - ui_.span, followed_.reach());
        window_.look(ranked, question_.filter, filter_, display_->size());
        look_ = false;
        dirty_ = true;
        rankings_.finish(Clock::now() - began, ui_.interval);
    }

    /// What is wrong, by the rules as they are now.
    void examine() {
        if (source_.over() && !std::exchange(end_examined_, true))
            problems_.begin_anew();
        const bool known =
            picture_.replay ? source_.first() != Time{} : followed_.tracker.complete();
        if (known && !ui_.paused && problems_.is_due()) {
            look_at_ports(around_, files_, ui_.port_range);
            around_.now = source_.now(); // it is about now, not about when it was drawn last
            problems_.begin();
        }
        if (auto diagnosis = problems_.step()) {
            if (who_)
                name_hosts(diagnosis->found, *who_);
            picture_.diagnosis = std::move(*diagnosis);
            settle(ui_, picture_, display_->size());
            dirty_ = true;
        }
    }

    /// Lists are rare where the table is large: the kernel is asked for the flows on the screen by
    /// themselves.
    void ask_for_rows() {
        if (picture_.replay || picture_.kind != Rows::flows || !ui_.has_rows())
            return;
        const Time fresh = source_.now() - ui_.interval * 3 / 4;
        const std::vector<Flow> flows = window_.older_than(fresh, display_->size());
        source_.request_flows(flows);
        if (!flows.empty())
            follow();
    }

    // -- the screen -------------------------------------------------------------------------------

    void draw_when_due() {
        const auto now = Clock::now();
        if (now >= next_second_) {
            followed_.recent.tick(picture_.replay ? std::nullopt
                                                  : TableState::fullness(picture_.limit));
            if (!ui_.paused && !source_.over()) // behind its end no time passes in a recording
                window_.tick();
            next_second_ = std::max(next_second_ + seconds{1}, now);
        }
        if (look_)
            look();
        if (now >= next_draw_) {
            next_draw_ = now + ui_.interval;
            last_draw_ = now;
            dirty_ = true;
            if (!ui_.paused) {
                ask_for_rows();
                take_picture();
            }
        }
        blocked_ = dirty_ && !display_->is_ready();
        if (blocked_ || done_ || !std::exchange(dirty_, false))
            return;
        want_names();
        if (ui_.plain && !is_next_list(now))
            return;
        display_->show(render(picture_, ui_, display_->size()));
    }

    /// Without a screen there is one whole list after the other, and nothing behind the end of a
    /// file.
    bool is_next_list(Clock::time_point now) {
        if (picture_.over && !std::exchange(last_begun_, true)) { // what is written last is the end
            start_ranking();
            return false;
        }
        const bool whole = picture_.complete || picture_.replay;
        const bool end = picture_.over && rankings_.whole() != nullptr;
        if (!whole || picture_.kind != ui_.rows() || (now < next_list_ && !end))
            return false;
        next_list_ = now + ui_.interval;
        done_ = end;
        return true;
    }

    /// Shows another part of the rows, if the picture or the last ranking has it.
    void look() {
        Ranking* ranked = rankings_.whole();
        const bool seen = window_.sees_cursor(display_->size());
        if (ranked == nullptr && !seen)
            return;
        look_ = false;
        dirty_ = true;
        seen ? settle(ui_, picture_, display_->size())
             : window_.look(*ranked, question_.filter, filter_, display_->size());
    }

    void want_names() {
        if (!ui_.names)
            return;
        picture_.naming = &*naming_;
        Layout layout;
        for (const std::string_view name : {"source", "gateway", "destination"})
            layout.push_back(shown(column(name)));
        if (ui_.view == View::events)
            for (const auto& [step, extras] : picture_.steps)
                naming_->want(layout, Row(step, extras, around_));
        else
            for (const ShownRow& each : picture_.rows)
                naming_->want(layout, each.row(around_));
        naming_->step();
    }

    void take_picture() {
        around_.now = source_.now();
        picture_.around = around_;
        picture_.complete = followed_.tracker.complete();
        picture_.stale = followed_.tracker.stale();
        picture_.over = source_.over();
        picture_.file_begin = source_.first();
        picture_.file_end = source_.end();
        if (!picture_.replay)
            table_state_.put_into(picture_, ui_.view == View::health);
        followed_.recent.put_into(picture_, filter_, ui_.steps);
        window_.refresh();
        settle(ui_, picture_, display_->size());
    }

    Signals signals_; // before any thread
    Files files_;
    Question question_;
    std::unique_ptr<Who> who_;
    Memory memory_; // read before files are out of reach
    ViewSource source_;
    std::unique_ptr<Display> display_;

    Surroundings around_;
    std::optional<std::vector<Address>> told_addresses_;
    Followed followed_;
    std::uint64_t foreign_ = 0; // messages of other processes
    Batch batch_;
    bool more_ = false; // the source has more to tell at once

    Ui ui_{};
    Picture picture_{};
    Filter filter_;
    std::optional<TableNaming> naming_; // from the first name that is wanted on
    Removing removing_{static_cast<int (*)(const Flow&)>(remove_flow)};
    FileWriter writer_{signals_.mask_before()};
    Rankings rankings_;
    Examinations problems_{followed_.tracker, followed_.departures, around_, !source_.is_file()};
    Window window_{followed_.tracker, around_, followed_.known, followed_.recent, picture_, ui_};
    Clock::time_point next_draw_ = Clock::now();
    Clock::time_point last_draw_{};
    Clock::time_point next_list_{}; // without a screen
    bool last_begun_ = false;       // and the list of a file's end
    Clock::time_point next_second_ = Clock::now() + seconds{1};
    TableState table_state_;
    bool first_shown_ = false;
    bool end_examined_ = false; // of a file
    bool catching_up_ = false;  // with where a recording goes on
    bool happened_ = false;     // there were steps since the last look
    bool look_ = false;         // another window is wanted
    bool blocked_ = false;      // the terminal takes no output
    bool dirty_ = true;         // the screen is not what it should be
    bool done_ = false;
    int signal_ = 0;
};

} // namespace

Answer top(TopRequest request, const Complain& complain) {
    keep_no_holes();
    return Top(std::move(request), complain).run();
}

} // namespace natstat
