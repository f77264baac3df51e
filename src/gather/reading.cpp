// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A file's events go through a tracker, whose flows at the end are its present.
#include "natstat/gather/reading.hpp"

#include "natstat/gather/confine.hpp"
#include "natstat/gather/gaps.hpp"
#include "natstat/gather/owners.hpp"

#include "natstat/intake/host.hpp"
#include "natstat/intake/kernel_source.hpp"
#include "natstat/intake/label_names.hpp"
#include "natstat/intake/nat_rules.hpp"
#include "natstat/intake/recording.hpp"
#include "natstat/intake/statistics.hpp"
#include "natstat/log/reader.hpp"
#include "natstat/model/tracker.hpp"

#include <algorithm>

namespace natstat {

namespace {

std::optional<log::Window> window_of(const From& from) {
    return from.within ? std::optional(log::Window{from.within->first, from.within->last})
                       : std::nullopt;
}

std::unique_ptr<Source> open_recorded(const Files& files,
                                      const std::optional<log::Window>& window) {
    if (std::none_of(files.names.begin(), files.names.end(), log::is_directory))
        return open_files(files);
    if (files.names.size() > 1)
        throw Failure("a directory with a log is read by itself; there are " + files.shown());
    return log::open_directory(files.names.front(), window);
}

} // namespace

std::unique_ptr<Source> open_recorded(const From& from) {
    return open_recorded(from.files, window_of(from));
}

std::unique_ptr<Source> open_source_of_lists(const From& from) {
    auto source = from.files.empty()
                      ? std::unique_ptr<Source>(std::make_unique<KernelSource>())
                      : open_recorded(from.files, window_of(from).value_or(log::at_the_end));
    confine();
    return source;
}

ListEnd read_file(Source& source, const Question& question, std::string_view name,
                  Surroundings& around, const std::function<void(const Row&)>& take) {
    Tracker tracker;
    Gaps gaps;
    bool told = false;
    Lacking lacking(question.filter, question.order);
    source.request_list(question.filter.look_up_query());
    ListEnd end;
    end.of_kernel = false;
    end.passed_over = each_event(source, [&](const Event& event, const ExtrasPool& extras) {
        told = true;
        gaps.take(event);
        tracker.apply(event, extras, {});
        around.now = std::max(around.now, event.time);
    });
    take_addresses(source, around);
    const Owners owners(tracker);
    for (std::size_t i = 0; i < tracker.size(); ++i) {
        if (!owners.has_its_place(i))
            continue;
        const auto& [flow, life] = tracker[i];
        const Row row(flow, life, tracker.extras()[flow.extras], around);
        require_kind(question, row, name);
        lacking.see(row);
        if (question.filter.matches(row))
            take(row);
    }
    end.notes = source.notes();
    if (const auto repeated = tracker.repeated(); repeated != 0 && end.notes.lists != 0)
        end.notes.remarks.push_back(
            std::to_string(repeated) + (repeated == 1 ? " entry stands" : " entries stand") +
            " there again and are shown as they stand last: several lists, or one of a table that "
            "changed meanwhile");
    end.lacking = lacking.columns();
    end.others = gaps.sentences();
    if (std::string gone = owners.sentence(); !gone.empty())
        end.others.push_back(std::move(gone));
    if (told && !tracker.complete())
        end.others.push_back(no_list_in(name));
    return end;
}

Surroundings look_around(const Files& files) {
    Surroundings around;
    around.label_names = label_names();
    if (!files.empty())
        return around; // it says itself when and where it was taken, or does not
    around.now =
        std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    const auto addresses = local_addresses();
    around.local_addresses = AddressSet(addresses.begin(), addresses.end());
    around.timeouts = configured_timeouts();
    return around;
}

void look_at_ports(Surroundings& around, const Files& files, std::optional<NatPorts> range) {
    if (!files.empty() || range)
        return;
    around.nat_rules = std::make_shared<const NatRules>(read_nat_rules());
    const auto statistics = conntrack_statistics();
    around.ports_ran_out = statistics && statistics->of("insert_failed").value_or(0) != 0;
}

} // namespace natstat
