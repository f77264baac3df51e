// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file's events go through a tracker, whose flows at the end are its present.
#include "reading.hpp"

#include "complain.hpp"

#include "natstat/intake/host.hpp"
#include "natstat/intake/kernel_source.hpp"
#include "natstat/intake/recording.hpp"
#include "natstat/model/tracker.hpp"

#include <algorithm>
#include <poll.h>

namespace natstat {

void complain(const ListEnd& end) {
    if (!end.whole)
        complain("the table changed while it was read, or answers were lost: rows may be missing "
                 "or shown twice");
    if (end.odd != 0)
        complain("not understood, and not shown: " + std::to_string(end.odd) +
                 (end.odd == 1 ? " entry" : " entries"));
}

std::unique_ptr<Source> open_source_of_lists(const Options& options) {
    return options.read.empty() ? std::unique_ptr<Source>(std::make_unique<KernelSource>())
                                : open_file(options.read);
}

void wait_for(const Source& source, std::optional<std::chrono::steady_clock::time_point> until) {
    using std::chrono::milliseconds;
    int timeout = -1;
    if (until) {
        constexpr milliseconds longest = std::chrono::hours{1}; // callers look again
        const auto left =
            std::chrono::ceil<milliseconds>(*until - std::chrono::steady_clock::now());
        timeout = static_cast<int>(std::clamp(left, milliseconds{0}, longest).count());
    }
    pollfd wanted{source.fd(), POLLIN, 0};
    poll(&wanted, 1, timeout);
}

ListEnd read_events(Source& source,
                    const std::function<void(const Event&, const ExtrasPool&)>& take) {
    ListEnd end;
    Batch batch;
    for (Progress progress = Progress::more; progress != Progress::ended;) {
        batch.clear();
        progress = source.read(batch);
        end.odd += batch.odd;
        for (const Event& event : batch.events)
            take(event, batch.extras);
        if (progress == Progress::idle)
            wait_for(source);
    }
    return end;
}

void take_addresses(const Source& source, Surroundings& around) {
    if (const auto& addresses = source.local_addresses())
        around.local_addresses = AddressSet(addresses->begin(), addresses->end());
}

ListEnd read_file(Source& source, const Question& question, std::string_view name,
                  Surroundings& around, const std::function<void(const Row&)>& take) {
    Tracker tracker;
    const ListEnd end = read_events(source, [&](const Event& event, const ExtrasPool& extras) {
        tracker.apply(event, extras, {});
        around.now = std::max(around.now, event.time);
    });
    take_addresses(source, around);
    for (std::size_t i = 0; i < tracker.size(); ++i) {
        const auto& [flow, life] = tracker[i];
        const Row row(flow, life, tracker.extras()[flow.extras], around);
        require_kind(question, row, name);
        if (question.filter.matches(row))
            take(row);
    }
    return end;
}

Surroundings look_around(const Options& options) {
    Surroundings around;
    if (!options.read.empty())
        return around; // it says itself when and where it was taken, or does not
    around.now =
        std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    const auto addresses = local_addresses();
    around.local_addresses = AddressSet(addresses.begin(), addresses.end());
    around.timeouts = configured_timeouts();
    return around;
}

} // namespace natstat
