// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is there is printed and handed over before more is waited for.
#include "natstat/answer/follow.hpp"

#include "natstat/answer/knowing.hpp"
#include "natstat/answer/printing.hpp"
#include "natstat/answer/signals.hpp"
#include "natstat/gather/confine.hpp"
#include "natstat/gather/list_end.hpp"
#include "natstat/gather/loop.hpp"
#include "natstat/gather/view_source.hpp"

#include "natstat/intake/label_names.hpp"
#include "natstat/intake/recording.hpp"
#include "natstat/model/tracker.hpp"

#include <array>
#include <poll.h>
#include <unistd.h>

namespace natstat {

namespace {

/// Waits until somebody wants an end.
struct WaitForSignals {
    bool prints; // to standard output

    bool operator()(const Source& source, bool more) const {
        // Of standard output, where it is used, only that its reader has gone: that is told without
        // being asked for.
        std::array<pollfd, 2> wanted{pollfd{source.fd(), POLLIN, 0},
                                     pollfd{prints ? STDOUT_FILENO : -1, 0, 0}};
        poll(wanted.data(), wanted.size(), more ? 0 : -1);
        if (wanted[1].revents != 0)
            throw ClosedPipe();
        return !end_is_wanted();
    }
};

/// Prints the steps of the flows that are asked for.
class StepPrinter {
  public:
    /// `file` is the one that is read, if it is one; `who` may be null.
    StepPrinter(FollowRequest::Steps& steps, std::string_view file, const Who* who)
        : question_(steps.question), file_(file), printing_(steps.look) {
        around_.who = who;
        printer_ = printing_.printer(question_.layout, output_);
        around_.label_names = label_names();
        expect_widths(question_.layout);
        printer_->begin();
        output_.flush();
    }

    void take(const Batch& batch, const Source& source) {
        look_around(source);
        for (const Event& event : batch.events)
            tracker_.apply(event, batch.extras, print_);
        output_.flush();
    }

    void finish() {
        printer_->end();
        output_.flush();
    }

  private:
    void look_around(const Source& source) {
        const auto& addresses = source.local_addresses();
        if (addresses == told_addresses_)
            return;
        told_addresses_ = addresses;
        around_.local_addresses = AddressSet(addresses->begin(), addresses->end());
    }

    void print(const Transition& step) {
        const Row row(step, tracker_.extras()[step.flow.extras], around_);
        if (step.kind != TransitionKind::lost) {
            require_kind(question_, row, file_);
            if (!question_.filter.matches(row))
                return;
        }
        printing_.fit(question_.layout, row);
        printer_->row(row);
    }

    Question& question_;
    std::string_view file_;
    Printing printing_;
    Output output_{STDOUT_FILENO, "standard output", end_is_wanted};
    std::unique_ptr<Printer> printer_;
    Surroundings around_;
    std::optional<std::vector<Address>> told_addresses_;
    Tracker tracker_;
    Tracker::Steps print_ = [this](const Transition& step) { print(step); };
};

std::string not_understood(std::uint64_t odd, const FileNotes& notes, bool is_file) {
    if (odd == 0)
        return {};
    return "not understood: " + std::to_string(odd) + (odd == 1 ? " message" : " messages") +
           (notes.first_odd.empty() && is_file ? " (is the file cut off?)"
                                               : first_place(notes, odd));
}

} // namespace

Answer follow(FollowRequest request, const Complain& complain) {
    end_by_signals();
    const auto who = request.steps ? know(request.steps->question, complain) : nullptr;
    std::optional<Recorder> recorder;
    if (!request.write.empty()) {
        // What can not be followed replaces no older recording.
        [[maybe_unused]] const auto probe =
            open_followed(request.file, request.pace, [](std::string_view) {});
        recorder.emplace(request.write, end_is_wanted);
    }
    const auto source =
        open_followed(request.file, request.pace, complain, recorder ? &*recorder : nullptr);
    confine();
    std::optional<StepPrinter> steps;
    if (request.steps)
        steps.emplace(*request.steps, request.file, who.get());
    bool told_of_foreign = false; // at once, for it may go on for months
    const PassedOver passed_over = each_batch(
        *source,
        [&](const Batch& batch) {
            if (batch.foreign != 0 && !std::exchange(told_of_foreign, true))
                complain(foreign_messages(batch.foreign));
            if (steps)
                steps->take(batch, *source);
            if (recorder)
                recorder->flush();
            return true;
        },
        WaitForSignals{steps || request.write == "-"});
    if (steps)
        steps->finish();
    Answer answer;
    const FileNotes notes = source->notes();
    answer.add(foreign_messages(passed_over.foreign));
    answer.add(not_understood(passed_over.odd, notes, !request.file.empty()));
    answer.add(notes.remarks);
    return answer;
}

} // namespace natstat
