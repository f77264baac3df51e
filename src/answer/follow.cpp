// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What is there is printed and handed over before more is waited for.
#include "natstat/answer/follow.hpp"

#include "natstat/answer/knowing.hpp"
#include "natstat/answer/nat_export.hpp"
#include "natstat/answer/nat_log.hpp"
#include "natstat/answer/service.hpp"
#include "natstat/answer/signals.hpp"
#include "natstat/answer/step_stream.hpp"
#include "natstat/gather/confine.hpp"
#include "natstat/gather/list_end.hpp"
#include "natstat/gather/loop.hpp"
#include "natstat/gather/view_source.hpp"

#include "natstat/intake/recording.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <poll.h>
#include <unistd.h>

namespace natstat {

namespace {

/// What is read would be in it twice.
void require_another_log(const std::optional<Kept>& kept, const Files& files) {
    std::error_code error;
    for (const std::string& name : files.names)
        if (kept && std::filesystem::equivalent(name, kept->directory, error))
            throw Failure("cannot write the log in " + kept->directory + ": it is being read");
}

/// Waits until somebody wants an end.
struct WaitForSignals {
    bool prints; // to standard output
    NatExport* exported;
    NatLog* kept;

    /// Milliseconds until one of them has something to do by itself; -1: never.
    [[nodiscard]] int patience() const {
        const int until_export = exported != nullptr ? exported->patience() : -1;
        const int until_log = kept != nullptr ? kept->patience() : -1;
        if (until_export < 0 || until_log < 0)
            return std::max(until_export, until_log);
        return std::min(until_export, until_log);
    }

    bool operator()(const Source& source, bool more) const {
        // Of standard output, where it is used, only that its reader has gone: that is told without
        // being asked for.
        const pollfd collector = exported != nullptr ? exported->wanted() : pollfd{-1, 0, 0};
        std::array<pollfd, 3> wanted{pollfd{source.fd(), POLLIN, 0},
                                     pollfd{prints ? STDOUT_FILENO : -1, 0, 0}, collector};
        const int ready = poll(wanted.data(), wanted.size(), more ? 0 : patience());
        if (wanted[1].revents != 0)
            throw ClosedPipe();
        if (exported != nullptr)
            exported->push();
        if (kept != nullptr && !more && ready == 0)
            kept->idle();
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
        request.steps ? know(request.steps->question, request.from.files, complain) : nullptr;
    std::optional<Recorder> recorder;
    if (!request.write.empty()) {
        // What can not be followed replaces no older recording.
        [[maybe_unused]] const auto probe =
            open_followed(request.from, request.pace, [](std::string_view) {});
        recorder.emplace(request.write, end_is_wanted);
    }
    if (request.steps)
        require_another_log(request.steps->kept, request.from.files);
    const auto source =
        open_followed(request.from, request.pace, complain, recorder ? &*recorder : nullptr);
    Output output(STDOUT_FILENO, "standard output", end_is_wanted);
    std::optional<StepStream> steps;
    if (request.steps)
        steps.emplace(*request.steps, request.from, output, who.get(), complain);
    tell_service_is_ready();
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
        WaitForSignals{prints, steps ? steps->exported() : nullptr,
                       steps ? steps->kept() : nullptr});
    Answer answer;
    if (steps)
        steps->finish(answer);
    const FileNotes notes = source->notes();
    answer.add(foreign_messages(passed_over.foreign));
    answer.add(not_understood(passed_over.odd, notes, !request.from.files.empty()));
    answer.add(notes.remarks);
    return answer;
}

} // namespace natstat
