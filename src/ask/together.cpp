// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The sentences are made of the table of modes. What depends on the values of two options, and so
// is no property of a mode, stands at the end.
#include "natstat/ask/together.hpp"

#include "natstat/print/metrics.hpp"

#include <algorithm>

namespace natstat {

namespace {

using Problem = std::optional<UsageError>;

bool takes_of_any(const ModeRow& row, Of option) {
    return has(row.takes | row.of_kernel | row.of_file, option);
}

const ModeRow* mode_asked_by(const Option& option) {
    const auto table = mode_table();
    const auto found = std::find_if(table.begin(), table.end(), [&](const ModeRow& row) {
        return !row.option.empty() && row.option == option.long_name;
    });
    return found == table.end() ? nullptr : &*found;
}

/// "--by, --ports and --top": the modes that can do something with the option.
std::string modes_that_take(Of option) {
    std::vector<std::string_view> names;
    for (const ModeRow& row : mode_table())
        if (takes_of_any(row, option))
            names.push_back(row.shown);
    std::reverse(names.begin(), names.end()); // lists first
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + std::string(names[i]);
    return text;
}

std::string filled(std::string_view sentence, std::string_view place, std::string_view text) {
    std::string all(sentence);
    if (const std::size_t at = all.find(place); at != std::string::npos)
        all.replace(at, place.size(), text);
    return all;
}

/// `name` is that of an option, or "filter" for the words of one.
std::string refusal(const ModeRow& mode, std::string name, Of of, const ModeRow* asks) {
    std::string_view sentence = asks != nullptr ? mode.refusal_of_mode : mode.refusal;
    if (sentence.empty() && asks != nullptr)
        return std::string(mode.shown) + " and " + name + " are two questions";
    if (sentence.empty())
        sentence = "{} is for {modes}";
    if (name == "filter" && sentence.find("no {}") == std::string_view::npos)
        name = "a filter";
    return filled(filled(sentence, "{}", name), "{modes}", modes_that_take(of));
}

/// An option that the mode takes, and not from this source.
std::string of_other_source(const std::string& name, const Option& option, bool is_file) {
    if (!option.of_source.empty())
        return name + " " + std::string(option.of_source);
    return name + (is_file ? " is of the kernel; it can not be used with --read"
                           : " is of a file; it needs --read");
}

Problem check(const ModeRow& mode, const Option& option, bool is_file) {
    if (has(mode.takes | mode.holds | (is_file ? mode.of_file : mode.of_kernel), option.of))
        return std::nullopt;
    if (takes_of_any(mode, option.of))
        return UsageError{of_other_source(shown_name(option), option, is_file)};
    return UsageError{refusal(mode, shown_name(option), option.of, mode_asked_by(option))};
}

/// Of what writes to standard output.
Problem two_want_output(const Options& options) {
    std::vector<std::string> wanting;
    if (options.ipfix && options.ipfix->way == ipfix::Destination::Way::file &&
        options.ipfix->name == "-")
        wanting.emplace_back("--ipfix file:-");
    if (options.write == "-")
        wanting.emplace_back("--write -");
    if (options.mode == Mode::events)
        wanting.emplace_back("--events");
    if (wanting.size() < 2)
        return std::nullopt;
    return UsageError{wanting[0] + " and " + wanting[1] + " both want standard output"};
}

bool is_gateway_metric(std::string_view name) {
    const auto all = gateway_metrics();
    return std::any_of(all.begin(), all.end(),
                       [&](const GatewayMetric& each) { return each.name == name; });
}

/// Metrics have formats of their own.
Problem check_format_of_metrics(const Options& options) {
    const bool emf = options.format == Format::emf;
    if (options.mode != Mode::metrics)
        return emf ? Problem(UsageError{"--format emf is for --metrics"}) : std::nullopt;
    if (!emf && options.format != Format::table)
        return UsageError{"--metrics is Prometheus's text, or one line with --format emf; it has "
                          "no other format"};
    if (!emf)
        return std::nullopt;
    if (!options.write.empty())
        return UsageError{"--format emf is a line of a log, and --write replaces a file of "
                          "metrics; take one of them"};
    if (options.labels.size() + 2 > most_dimensions) // host and netns
        return UsageError{"--label: a metric of CloudWatch has no room for so many (--format emf)"};
    for (const auto& [name, value] : options.labels)
        if (name == "_aws" || name.starts_with("natstat_") || is_gateway_metric(name))
            return UsageError{"--label: '" + name + "' is a member of --format emf's own"};
    return std::nullopt;
}

/// Facts of two options, or of one's value.
Problem check_values(const Options& options) {
    if (auto wrong = check_format_of_metrics(options))
        return wrong;
    if (auto both = two_want_output(options))
        return both;
    if (options.mode == Mode::ipfix && (options.local || options.routed))
        return UsageError{"--ipfix is of translations; --local and --routed flows have none"};
    if (options.mode == Mode::log && (options.local || options.routed))
        return UsageError{"--log is of translations; --local and --routed flows have none"};
    if (options.at && (options.from || options.to))
        return UsageError{"--at is one moment, and --from and --to are a time: take one of them"};
    if (options.from && options.to && *options.to < *options.from)
        return UsageError{"--to is before --from"};
    for (const Option* const option : options.given)
        if (options.log.empty() && has(Of::log_way, option->of))
            return UsageError{shown_name(*option) + " is about a log; " +
                              std::string(mode_row(options.mode).shown) +
                              " takes it with --log alone"};
    for (const Option* const option : options.given)
        if (options.mode == Mode::events && !options.ipfix &&
            has(Of::ipfix_way | Of::port_range, option->of))
            return UsageError{shown_name(*option) + " is about a collector; --events takes it "
                                                    "with --ipfix alone"};
    if (options.mode == Mode::health && options.format == Format::csv)
        return UsageError{"--health is a text or a JSON object; it has no CSV"};
    if (options.mode == Mode::diagnose && options.format == Format::csv)
        return UsageError{"--diagnose is a text or JSON objects; it has no CSV"};
    if (options.mode == Mode::wait && options.format == Format::csv)
        return UsageError{"--wait ends with a line or a JSON object; it has no CSV"};
    if (options.limit == std::size_t{0} && options.mode != Mode::metrics)
        return UsageError{"--limit: '0' is not a number of rows from 1"};
    if (options.mode == Mode::metrics && options.write == "-")
        return UsageError{"--metrics --write replaces a file; without --write it is written to "
                          "standard output, once"};
    const auto is_netns = [](const auto& label) { return label.first == "netns"; };
    if (!options.netns.empty() &&
        std::any_of(options.labels.begin(), options.labels.end(), is_netns))
        return UsageError{"--netns is the label netns; --label can not give another one"};
    if (options.ports && !options.by.empty())
        return UsageError{"--ports and --by are two questions"};
    const bool follows = options.mode == Mode::top || options.mode == Mode::diagnose ||
                         options.mode == Mode::events || options.mode == Mode::record ||
                         options.mode == Mode::ipfix || options.mode == Mode::log ||
                         options.mode == Mode::wait || !options.write.empty() || options.interval;
    if (options.receive_buffer && !follows)
        return UsageError{"--receive-buffer is for events that wait; " +
                          std::string(mode_row(options.mode).shown) +
                          " takes them with --interval alone"};
    return std::nullopt;
}

} // namespace

Mode mode_of(std::span<const Option* const> given) {
    const auto asked = [&](const ModeRow& row) {
        return std::find_if(given.begin(), given.end(),
                            [&](const Option* option) { return mode_asked_by(*option) == &row; });
    };
    const auto is_taken = [&](Of option) { // by another mode that is asked for
        return std::any_of(mode_table().begin(), mode_table().end(), [&](const ModeRow& other) {
            const auto by = asked(other);
            return by != given.end() && (*by)->of != option && takes_of_any(other, option);
        });
    };
    for (const ModeRow& row : mode_table())
        if (const auto option = asked(row); option != given.end() && !is_taken((*option)->of))
            return row.mode;
    return Mode::list;
}

std::optional<UsageError> contradiction(const Options& options) {
    const ModeRow& mode = mode_row(options.mode);
    if (has(mode.holds, Of::asides))
        return std::nullopt;
    const bool is_file = !options.read.empty();
    for (const Option* const option : options.given)
        if (is_file && !has(mode.takes, Of::read) && mode_asked_by(*option) == &mode)
            return UsageError{of_other_source(shown_name(*option), *option, is_file)};
    for (const Option* const option : options.given)
        if (auto wrong = check(mode, *option, is_file))
            return wrong;
    if (!options.filter.empty() && !has(mode.takes, Of::flows))
        return UsageError{refusal(mode, "filter", Of::flows, nullptr)};
    return check_values(options);
}

} // namespace natstat
