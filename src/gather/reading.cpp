// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file's events go through a tracker, whose flows at the end are its present.
#include "natstat/gather/reading.hpp"

#include "natstat/ask/complain.hpp"
#include "natstat/gather/confine.hpp"

#include "natstat/intake/host.hpp"
#include "natstat/intake/kernel_source.hpp"
#include "natstat/intake/recording.hpp"
#include "natstat/model/tracker.hpp"

#include <algorithm>
#include <poll.h>

namespace natstat {

namespace {

std::string_view why_lacking(const Column& column, bool of_kernel) {
    if (!of_kernel)
        return ": the file does not tell it";
    if (column.traits.followed)
        return ": one list does not tell it (natstat -t follows flows)";
    return " (natstat --health tells what is switched on)";
}

} // namespace

void complain(const ListEnd& end) {
    if (!end.whole)
        complain("the table changed while it was read, or answers were lost: rows may be missing "
                 "or shown twice");
    for (const Column* column : end.lacking)
        complain((end.of_all ? "no flow has '" : "none of the flows that were looked at has '") +
                 std::string(column->name) + "', which is asked for" +
                 std::string(why_lacking(*column, end.of_kernel)));
    if (end.odd != 0)
        complain("not understood, and not shown: " + std::to_string(end.odd) +
                 (end.odd == 1 ? " entry" : " entries"));
}

Lacking::Lacking(const Filter& filter, const std::optional<Order>& order) {
    for (const Column* column : filter.columns())
        look_at(*column);
    if (order)
        for (const SortKey& key : order->keys())
            look_at(*key.column);
}

void Lacking::look_at(const Column& column) {
    const bool measured = column.tells == Tells::sum || column.kind == Kind::duration;
    if (measured && std::find(columns_.begin(), columns_.end(), &column) == columns_.end())
        columns_.push_back(&column);
}

std::unique_ptr<Source> open_source_of_lists(const Options& options) {
    auto source = options.read.empty() ? std::unique_ptr<Source>(std::make_unique<KernelSource>())
                                       : open_file(options.read);
    confine(options);
    return source;
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

void complain_of_no_list(std::string_view name) {
    complain("no list in " + std::string(name == "-" ? "standard input" : name) +
             " tells which flows were there before it begins: of those it knows what it mentions");
}

ListEnd read_file(Source& source, const Question& question, std::string_view name,
                  Surroundings& around, const std::function<void(const Row&)>& take) {
    Tracker tracker;
    bool told = false;
    Lacking lacking(question.filter, question.order);
    ListEnd end = read_events(source, [&](const Event& event, const ExtrasPool& extras) {
        told = true;
        tracker.apply(event, extras, {});
        around.now = std::max(around.now, event.time);
    });
    take_addresses(source, around);
    for (std::size_t i = 0; i < tracker.size(); ++i) {
        const auto& [flow, life] = tracker[i];
        const Row row(flow, life, tracker.extras()[flow.extras], around);
        require_kind(question, row, name);
        lacking.see(row);
        if (question.filter.matches(row))
            take(row);
    }
    end.of_kernel = false;
    end.lacking = lacking.columns();
    if (told && !tracker.complete())
        complain_of_no_list(name);
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
