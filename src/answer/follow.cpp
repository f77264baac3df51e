// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is there is printed and handed over before more is waited for.
#include "natstat/answer/follow.hpp"

#include "natstat/answer/knowing.hpp"
#include "natstat/answer/signals.hpp"
#include "natstat/answer/step_stream.hpp"
#include "natstat/gather/confine.hpp"
#include "natstat/gather/list_end.hpp"
#include "natstat/gather/loop.hpp"
#include "natstat/gather/view_source.hpp"

#include "natstat/intake/recording.hpp"

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
            open_followed(request.files, request.pace, [](std::string_view) {});
        recorder.emplace(request.write, end_is_wanted);
    }
    const auto source =
        open_followed(request.files, request.pace, complain, recorder ? &*recorder : nullptr);
    confine();
    Output output(STDOUT_FILENO, "standard output", end_is_wanted);
    std::optional<StepStream> steps;
    if (request.steps)
        steps.emplace(*request.steps, request.files.shown(), output, who.get());
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
    answer.add(not_understood(passed_over.odd, notes, !request.files.empty()));
    answer.add(notes.remarks);
    return answer;
}

} // namespace natstat
