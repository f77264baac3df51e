// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One loop: read what is there, print what it means, hand it over before waiting for more.
#include "follow.hpp"

#include "signals.hpp"
#include "view_source.hpp"

#include "natstat/intake/recording.hpp"
#include "natstat/model/tracker.hpp"

#include <array>
#include <csignal>
#include <iostream>
#include <poll.h>
#include <unistd.h>

namespace natstat {

namespace {

/// Waits for the source, not at all if it has `more`. False when somebody wants an end.
bool go_on(const Source& source, const Signals& signals, bool more) {
    // Of standard output only that its reader has gone, which no event mask has to ask for.
    std::array<pollfd, 3> wanted{pollfd{signals.fd(), POLLIN, 0}, pollfd{STDOUT_FILENO, 0, 0},
                                 pollfd{source.fd(), POLLIN, 0}};
    poll(wanted.data(), wanted.size(), more ? 0 : -1);
    if ((wanted[1].revents & POLLERR) != 0)
        throw ClosedPipe();
    return wanted[0].revents == 0;
}

/// Prints the steps of the flows that are asked for.
class StepPrinter {
  public:
    StepPrinter(Question& question, const PrintStyle& style, Format format, Output& output)
        : question_(question), style_(style), output_(output),
          printer_(make_printer(format, question.layout, style, output)) {
        printer_->begin();
        output_.flush();
    }

    void take(const Event& event, const ExtrasPool& extras) {
        tracker_.apply(event, extras, &steps_);
        for (const Transition& step : steps_) {
            const Row row(step, tracker_.extras()[step.flow.extras], around_);
            if (step.kind != TransitionKind::lost && !question_.filter.matches(row))
                continue;
            fit(question_.layout, row, style_.text);
            printer_->row(row);
        }
        steps_.clear();
    }

    void look_around(const Source& source) {
        const auto& addresses = source.local_addresses();
        if (!addresses || addresses->size() == told_addresses_)
            return;
        told_addresses_ = addresses->size();
        around_.local_addresses = AddressSet(addresses->begin(), addresses->end());
    }

    /// `name` is the file that was read.
    void finish(std::string_view name) {
        require_addresses(question_, around_, name);
        printer_->end();
        output_.flush();
    }

    void flush() { output_.flush(); }

  private:
    Question& question_;
    const PrintStyle& style_;
    Output& output_;
    std::unique_ptr<Printer> printer_;
    Surroundings around_;
    std::optional<std::size_t> told_addresses_;
    Tracker tracker_;
    std::vector<Transition> steps_;
};

/// A stream has no last row that an array could wait for.
Format stream_format(Format format) {
    return format == Format::json ? Format::jsonl : format;
}

} // namespace

void follow(const Options& options, Question question) {
    const Signals signals({SIGINT, SIGTERM, SIGHUP});
    std::optional<Recorder> recorder;
    if (!options.write.empty())
        recorder.emplace(options.write);
    const auto source = open_followed(options, recorder ? &*recorder : nullptr);

    PrintStyle style;
    style.header = options.header;
    style.color = options.format == Format::table && wants_color(options.color);
    Output output(STDOUT_FILENO, "standard output");
    std::optional<StepPrinter> printer;
    if (options.events)
        printer.emplace(question, style, stream_format(options.format), output);

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
        if (progress != Progress::ended && !go_on(*source, signals, progress == Progress::more))
            break;
    }
    if (printer)
        printer->finish(options.read);
    if (odd != 0)
        std::cerr << "natstat: " << odd << " messages were not understood\n";
}

} // namespace natstat
