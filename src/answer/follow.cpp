// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One loop: read what is there, print what it means, hand it over before waiting for more.
#include "natstat/answer/follow.hpp"

#include "natstat/answer/signals.hpp"
#include "natstat/ask/complain.hpp"
#include "natstat/gather/confine.hpp"
#include "natstat/gather/view_source.hpp"

#include "natstat/intake/recording.hpp"
#include "natstat/model/tracker.hpp"

#include <array>
#include <poll.h>
#include <unistd.h>

namespace natstat {

namespace {

/// Waits for the source, not at all if it has `more`. False when somebody wants an end.
bool go_on(const Source& source, bool prints, bool more) {
    // Of standard output, where it is used, only that its reader has gone: that is told without
    // being asked for.
    std::array<pollfd, 2> wanted{pollfd{source.fd(), POLLIN, 0},
                                 pollfd{prints ? STDOUT_FILENO : -1, 0, 0}};
    poll(wanted.data(), wanted.size(), more ? 0 : -1);
    if (wanted[1].revents != 0)
        throw ClosedPipe();
    return !end_is_wanted();
}

/// Prints the steps of the flows that are asked for.
class StepPrinter {
  public:
    /// `name` is the file that is read, if it is one.
    StepPrinter(Question& question, std::string_view name, const PrintStyle& style, Format format,
                Output& output)
        : question_(question), name_(name), style_(style), output_(output),
          printer_(make_printer(format, question.layout, style, output)) {
        printer_->begin();
        output_.flush();
    }

    void take(const Event& event, const ExtrasPool& extras) {
        tracker_.apply(event, extras, print_);
    }

    void look_around(const Source& source) {
        const auto& addresses = source.local_addresses();
        if (addresses == told_addresses_)
            return;
        told_addresses_ = addresses;
        around_.local_addresses = AddressSet(addresses->begin(), addresses->end());
    }

    void finish() {
        printer_->end();
        output_.flush();
    }

    void flush() { output_.flush(); }

  private:
    void print(const Transition& step) {
        const Row row(step, tracker_.extras()[step.flow.extras], around_);
        if (step.kind != TransitionKind::lost) {
            require_kind(question_, row, name_);
            if (!question_.filter.matches(row))
                return;
        }
        fit(question_.layout, row, style_.text);
        printer_->row(row);
    }

    Question& question_;
    std::string_view name_;
    const PrintStyle& style_;
    Output& output_;
    std::unique_ptr<Printer> printer_;
    Surroundings around_;
    std::optional<std::vector<Address>> told_addresses_;
    Tracker tracker_;
    Tracker::Steps print_ = [this](const Transition& step) { print(step); };
};

} // namespace

void follow(const Options& options, Question question) {
    end_by_signals();
    std::optional<Recorder> recorder;
    if (!options.write.empty()) {
        // What can not be followed replaces no older recording.
        [[maybe_unused]] const auto probe = open_followed(options, nullptr);
        recorder.emplace(options.write, end_is_wanted);
    }
    const auto source = open_followed(options, recorder ? &*recorder : nullptr);
    confine(options);

    PrintStyle style;
    style.header = options.header;
    style.color = is_for_people(options.format) && wants_color(options.color);
    Output output(STDOUT_FILENO, "standard output", end_is_wanted);
    std::optional<StepPrinter> printer;
    if (options.events)
        printer.emplace(question, options.read, style, streamed(options.format), output);

    Batch batch;
    std::uint64_t odd = 0;
    for (Progress progress = Progress::more; progress != Progress::ended;) {
        batch.clear();
        progress = source->read(batch);
        odd += batch.odd;
        if (printer) {
            printer->look_around(*source);
            for (const Event& event : batch.events)
                printer->take(event, batch.extras);
            printer->flush();
        }
        if (recorder)
            recorder->flush();
        const bool prints = printer || options.write == "-";
        if (progress != Progress::ended && !go_on(*source, prints, progress == Progress::more))
            break;
    }
    if (printer)
        printer->finish();
    if (odd != 0)
        complain("not understood: " + std::to_string(odd) + (odd == 1 ? " message" : " messages") +
                 (options.read.empty() ? "" : " (is the file cut off?)"));
}

} // namespace natstat
