// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// gather looks, the room diagnose finds, print writes.
#include "natstat/answer/diagnose.hpp"

#include "natstat/answer/knowing.hpp"
#include "natstat/answer/printing.hpp"
#include "natstat/diagnose/ailment.hpp"
#include "natstat/gather/watch.hpp"
#include "natstat/model/utf8.hpp"
#include "natstat/print/ailments.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <unistd.h>

namespace natstat {

namespace {

/// "watched for 5 s"
std::string watched(std::chrono::duration<double> length) {
    std::array<char, 32> room{};
    std::snprintf(room.data(), room.size(), "watched for %.3g s", length.count());
    return room.data();
}

/// "12480 flows on nat-a, watched for 5 s"
std::string head_text(const DiagnoseRequest& request, const Sight& sight) {
    const std::uint64_t all = sight.watch.flows();
    std::string text = std::to_string(all) + (all == 1 ? " flow" : " flows");
    if (request.narrowed)
        text = std::to_string(sight.watch.wanted()) + " of " + text;
    if (!request.from.files.empty())
        return text + " in " + file_name(request.from.files.shown());
    std::array<char, 256> host{};
    if (gethostname(host.data(), host.size() - 1) == 0)
        text += " on " + std::string(host.data());
    if (!request.pace.netns.empty())
        text += ", netns " + without_controls(request.pace.netns);
    return text + ", " + watched(sight.evidence.length);
}

void print(const DiagnoseRequest& request, const Sight& sight, const std::vector<Ailment>& found) {
    Output output(STDOUT_FILENO, "standard output");
    const auto untold = can_not_tell(sight.evidence);
    if (is_for_people(request.format))
        print_ailments(found,
                       {head_text(request, sight), general_state(sight.evidence), untold,
                        wants_color(request.color)},
                       output);
    else
        print_ailments_json(found, untold, request.format == Format::jsonl, output);
    output.flush();
}

} // namespace

Answer diagnose(DiagnoseRequest request, const Complain& complain) {
    const auto who = know(request.question, request.from.files, complain);
    Sight sight;
    look(request, who.get(), sight, complain);
    std::vector<Ailment> found = natstat::diagnose(sight.evidence);
    if (who) // its answers are empty where workloads were not asked for
        name_hosts(found, *who);
    write_as_wanted([&] { print(request, sight, found); });
    Answer answer;
    answer.add(sight.end.complaints());
    const auto is_wrong = [](const Ailment& each) { return each.grade != Grade::note; };
    if (std::any_of(found.begin(), found.end(), is_wrong))
        answer.status = Answer::Status::warned;
    return answer;
}

} // namespace natstat
