// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One function for each kind of request.
#include "natstat/ask/request.hpp"

#include <algorithm>

#include <sys/utsname.h>

namespace natstat {

namespace {

std::string columns_text() {
    std::string text;
    for (const Column& each : columns()) {
        std::string line(each.name);
        line.resize(14, ' ');
        line += kind_name(each.kind);
        line.resize(24, ' ');
        text += line + std::string(each.help) + "\n";
    }
    return text;
}

/// What a report of a fault has to say of the program and its host, a line each (CONTRIBUTING.md).
std::string version_report() {
    utsname host{};
    uname(&host); // which has no error with room of its own
    return version_text() + "\n" + host.sysname + " " + host.release + " " + host.machine +
           "\nbuilt by " +
#ifdef __clang__
           __VERSION__
#else
           "g++ " __VERSION__
#endif
           "\n";
}

/// The request that `make` makes of the question, or what is wrong with that.
template <typename Make>
auto with_question(const Options& options, const AskNames& names, Make&& make)
    -> Asked<decltype(make(Question{}))> {
    auto question = make_question(options, names(options.name_timeout).asking);
    if (const auto* error = std::get_if<UsageError>(&question))
        return *error;
    return make(std::move(std::get<Question>(question)));
}

From from_of(const Options& options) {
    if (!options.from && !options.to)
        return {options.read, options.at};
    return {options.read, Moment{options.from.value_or(no_beginning), options.to.value_or(no_end)}};
}

Pace pace_of(const Options& options) {
    return {options.interval.value_or(usual_interval), options.receive_buffer, options.netns};
}

std::optional<Pace> measured(const Options& options) {
    return options.interval ? std::optional(pace_of(options)) : std::nullopt;
}

/// Which flows are asked for, the same words for the same ones as far as that is easy.
std::string selection_of(const Options& options) {
    std::string text;
    const auto add = [&text](std::string_view word) {
        text += (text.empty() ? "" : " ") + std::string(word);
    };
    const auto add_lists = [&add](std::string_view option, const std::vector<std::string>& lists) {
        for (const std::string& list : lists)
            add(std::string(option) + list);
    };
    const bool only_nat = !options.local && !options.routed;
    const bool any = options.snat || options.dnat || !only_nat;
    if (!options.all) {
        for (const auto& [wanted, word] :
             {std::pair(options.snat || !any, "--snat"), std::pair(options.dnat || !any, "--dnat"),
              std::pair(options.local, "--local"), std::pair(options.routed, "--routed")})
            if (wanted)
                add(word);
    }
    if (options.ipv4 != options.ipv6)
        add(options.ipv4 ? "--ipv4" : "--ipv6");
    add_lists("--protocol=", options.protocols);
    add_lists("--source=", options.sources);
    add_lists("--destination=", options.destinations);
    add_lists("--gateway=", options.gateways);
    if (!options.filter.empty())
        add(options.filter);
    return text;
}

/// Names are for people.
Look look_of(const Options& options) {
    const bool numbers = options.numeric || !is_for_people(options.format);
    return {options.format, options.header,
            numbers ? std::nullopt : std::optional(options.name_timeout), options.color,
            options.wide};
}

/// With the address of its host.
Asked<Export> export_of(const Options& options, const FilterNames& names) {
    Export to{*options.ipfix, options.ipfix_domain, options.ipfix_historic, options.port_range};
    if (to.to.way == ipfix::Destination::Way::file || to.to.address.family != Family::none)
        return to;
    const auto addresses = names.resolve ? names.resolve(to.to.name) : std::vector<Address>{};
    if (addresses.empty())
        return UsageError{"--ipfix: the host '" + to.to.name + "' has no address that is known"};
    to.to.address = addresses.front();
    return to;
}

} // namespace

Asked<TextRequest> help_request(const Options&, const AskNames&) {
    return TextRequest{help_text()};
}

Asked<TextRequest> version_request(const Options&, const AskNames&) {
    return TextRequest{version_report()};
}

Asked<TextRequest> columns_request(const Options&, const AskNames&) {
    return TextRequest{columns_text()};
}

Asked<HealthRequest> health_request(const Options& options, const AskNames&) {
    return HealthRequest{options.format};
}

Asked<ExpectationsRequest> expectations_request(const Options& options, const AskNames& names) {
    return with_question(options, names, [&](Question question) {
        return ExpectationsRequest{std::move(question), look_of(options)};
    });
}

Asked<DiagnoseRequest> diagnose_request(const Options& options, const AskNames& names) {
    return with_question(options, names, [&](Question question) {
        DiagnoseRequest request;
        request.from = from_of(options);
        request.pace = pace_of(options);
        request.pace.interval = options.interval.value_or(usual_watch);
        request.pace.lists_at_once = false;
        request.question = std::move(question);
        request.narrowed = !options.filter.empty() ||
                           std::any_of(options.given.begin(), options.given.end(),
                                       [](const Option* each) { return each->of == Of::flows; });
        request.format = options.format;
        request.color = options.color;
        return request;
    });
}

Asked<MetricsRequest> metrics_request(const Options& options, const AskNames&) {
    MetricsRequest request;
    auto by = metrics_question(options);
    if (auto* error = std::get_if<UsageError>(&by))
        return *error;
    request.question = std::move(std::get<Question>(by));
    request.files = options.read;
    request.measured = measured(options);
    request.port_range = options.port_range;
    request.limit = options.limit.value_or(request.limit);
    request.netns = options.netns;
    request.labels = options.labels;
    request.finds = options.diagnose;
    request.format = options.format;
    request.write = options.write;
    if (!request.write.empty() && !request.measured) {
        request.measured = pace_of(options);
        request.measured->interval = usual_metrics_interval;
    }
    return request;
}

/// Who looks at a screen has what is on it told flow by flow, and goes on for hours.
Pace pace_of_screen(const Options& options) {
    Pace pace = pace_of(options);
    pace.share = 0.02;
    return pace;
}

Asked<TopRequest> top_request(const Options& options, const AskNames& names) {
    const WrittenNames written = names(options.name_timeout);
    auto question = make_question(options, written.asking);
    if (const auto* error = std::get_if<UsageError>(&question))
        return *error;
    return TopRequest{options.read,
                      pace_of_screen(options),
                      options.speed,
                      options.netns,
                      std::move(std::get<Question>(question)),
                      options.filter,
                      written.known,
                      !options.columns.empty(),
                      !options.sort.empty(),
                      options.color,
                      options.ports,
                      options.by,
                      options.port_range,
                      options.plain,
                      options.interval.has_value(),
                      options.remembers,
                      options.who};
}

Asked<FollowRequest> follow_request(const Options& options, const AskNames& names) {
    FollowRequest request{from_of(options), pace_of(options), {}, options.write};
    if (options.mode == Mode::record)
        return request;
    const WrittenNames written = names(options.name_timeout);
    auto question = make_question(options, written.asking);
    if (const auto* error = std::get_if<UsageError>(&question))
        return *error;
    auto& steps = request.steps.emplace();
    steps.selection = selection_of(options);
    steps.question = std::move(std::get<Question>(question));
    if (options.mode == Mode::events)
        steps.printed =
            Look{streamed(options.format), options.header, {}, options.color, options.wide};
    if (options.ipfix) {
        auto collector = export_of(options, written.asking);
        if (const auto* error = std::get_if<UsageError>(&collector))
            return *error;
        steps.exported = std::move(std::get<Export>(collector));
    }
    if (!options.log.empty())
        steps.kept = Kept{options.log, options.keep, options.keep_size};
    return request;
}

Asked<WaitRequest> wait_request(const Options& options, const AskNames& names) {
    return with_question(options, names, [&](Question question) {
        WaitRequest request{pace_of(options), std::move(question), options.below.value_or(1),
                            options.time_limit, options.format};
        request.pace.interval = options.interval.value_or(usual_wait_interval);
        return request;
    });
}

Asked<GroupsRequest> groups_request(const Options& options, const AskNames& names) {
    return with_question(options, names, [&](Question question) {
        return GroupsRequest{
            from_of(options), measured(options),           std::move(question),
            look_of(options), options.mode == Mode::ports, !options.columns.empty(),
            options.warn};
    });
}

Asked<ListRequest> list_request(const Options& options, const AskNames& names) {
    return with_question(options, names, [&](Question question) {
        return ListRequest{from_of(options), std::move(question), look_of(options)};
    });
}

} // namespace natstat
