// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is there is printed and handed over before more is waited for.
#include "natstat/answer/follow.hpp"

#include "natstat/answer/knowing.hpp"
#include "natstat/answer/nat_export.hpp"
#include "natstat/answer/signals.hpp"
#include "natstat/answer/step_printer.hpp"
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

/// Has the steps of the flows that are asked for printed, and told to a collector.
class StepTeller {
  public:
    /// `file` is the one that is read, if it is one; `who` may be null.
    StepTeller(FollowRequest::Steps& steps, std::string_view file, Who* who,
               const Complain& complain)
        : question_(steps.question), file_(file), who_(who), complain_(complain) {
        around_.who = who;
        around_.label_names = label_names();
        if (steps.printed)
            printer_.emplace(question_.layout, *steps.printed);
        if (steps.exported)
            export_.emplace(*steps.exported, !file.empty(), complain);
    }

    void take(const Batch& batch, const Source& source) {
        look_around(source);
        if (who_ != nullptr)
            who_->refresh();
        const bool was_complete = tracker_.complete();
        for (const Event& event : batch.events)
            tracker_.apply(event, batch.extras, tell_);
        if (export_ && !was_complete && tracker_.complete())
            export_->count_all(tracker_, around_, batch.events.back().time);
        if (printer_)
            printer_->flush();
        if (export_)
            export_->push();
    }

    void finish(Answer& answer) {
        if (printer_)
            printer_->finish();
        if (export_)
            export_->finish(answer);
        if (!printer_ && losses_ > 1)
            answer.add("the kernel's events were lost " + std::to_string(losses_) + " times");
    }

    /// Null where no collector is told.
    [[nodiscard]] NatExport* exported() { return export_ ? &*export_ : nullptr; }

  private:
    void look_around(const Source& source) {
        const auto& addresses = source.local_addresses();
        if (addresses == told_addresses_)
            return;
        told_addresses_ = addresses;
        around_.local_addresses = AddressSet(addresses->begin(), addresses->end());
    }

    void tell(const Transition& step) {
        const Row row(step, tracker_.extras()[step.flow.extras], around_);
        if (step.kind == TransitionKind::lost)
            note_loss();
        else if (export_)
            export_->count(row);
        if (step.kind != TransitionKind::lost) {
            require_kind(question_, row, file_);
            if (!question_.filter.matches(row))
                return;
        }
        if (printer_)
            printer_->print(row);
        if (export_)
            export_->tell(row);
    }

    /// Who reads lines reads of it there.
    void note_loss() {
        if (++losses_ == 1 && !printer_)
            complain_("events of the kernel were lost: what is still there is told late, and what "
                      "came and went meanwhile is not");
    }

    Question& question_;
    std::string_view file_;
    Who* who_;
    const Complain& complain_;
    std::optional<StepPrinter> printer_;
    std::optional<NatExport> export_;
    Surroundings around_;
    std::optional<std::vector<Address>> told_addresses_;
    std::uint64_t losses_ = 0;
    Tracker tracker_;
    Tracker::Steps tell_ = [this](const Transition& step) { tell(step); };
};

/// Waits until somebody wants an end.
struct WaitForSignals {
    bool prints; // to standard output
    NatExport* exported;

    bool operator()(const Source& source, bool more) const {
        // Of standard output, where it is used, only that its reader has gone: that is told without
        // being asked for.
        const pollfd collector = exported != nullptr ? exported->wanted() : pollfd{-1, 0, 0};
        std::array<pollfd, 3> wanted{pollfd{source.fd(), POLLIN, 0},
                                     pollfd{prints ? STDOUT_FILENO : -1, 0, 0}, collector};
        const int patience = exported != nullptr ? exported->patience() : -1;
        poll(wanted.data(), wanted.size(), more ? 0 : patience);
        if (wanted[1].revents != 0)
            throw ClosedPipe();
        if (exported != nullptr)
            exported->push();
        return !end_is_wanted();
    }
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
    const auto who =
        request.steps ? know(request.steps->question, request.file, complain) : nullptr;
    std::optional<Recorder> recorder;
    if (!request.write.empty()) {
        // What can not be followed replaces no older recording.
        [[maybe_unused]] const auto probe =
            open_followed(request.file, request.pace, [](std::string_view) {});
        recorder.emplace(request.write, end_is_wanted);
    }
    const auto source =
        open_followed(request.file, request.pace, complain, recorder ? &*recorder : nullptr);
    std::optional<StepTeller> steps;
    if (request.steps)
        steps.emplace(*request.steps, request.file, who.get(), complain);
    confine();
    const bool prints = (request.steps && request.steps->printed) || request.write == "-";
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
        WaitForSignals{prints, steps ? steps->exported() : nullptr});
    Answer answer;
    if (steps)
        steps->finish(answer);
    const FileNotes notes = source->notes();
    answer.add(foreign_messages(passed_over.foreign));
    answer.add(not_understood(passed_over.odd, notes, !request.file.empty()));
    answer.add(notes.remarks);
    return answer;
}

} // namespace natstat
