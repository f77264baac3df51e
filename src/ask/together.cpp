// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One sentence for each pair that excludes each other.
#include "natstat/ask/together.hpp"

namespace natstat {

namespace {

using Problem = std::optional<UsageError>;

bool chooses_flows(const Options& options) {
    return options.snat || options.dnat || options.local || options.routed || options.ipv4 ||
           options.ipv6 || !options.filter.empty() || !options.protocols.empty() ||
           !options.sources.empty() || !options.destinations.empty() || !options.gateways.empty();
}

bool chooses_look(const Options& options) {
    return !options.columns.empty() || !options.sort.empty() || !is_for_people(options.format);
}

/// How rows look, where there may be none. Not what holds anyway (--numeric, --all) and not what a
/// shell's alias may always have (--color).
bool chooses_rows_look(const Options& options) {
    return options.nat_host || options.extended || !options.header;
}

/// Whether something is measured, repeated or drawn again and again.
bool takes_time(const Options& options) {
    return options.top || options.events || options.metrics || options.ports ||
           !options.by.empty() || !options.write.empty();
}

Problem with_write(const Options& options) {
    if (!options.read.empty())
        return UsageError{"--write records the kernel; it can not be used with --read"};
    if (!options.events && (chooses_flows(options) || chooses_look(options)))
        return UsageError{"a recording holds everything; choose flows and columns when reading it"};
    if (options.events && options.write == "-")
        return UsageError{"--write - and --events both want standard output"};
    return std::nullopt;
}

Problem with_health(const Options& options) {
    if (!options.read.empty())
        return UsageError{"--health asks the kernel; it can not be used with --read"};
    if (options.events || !options.write.empty())
        return UsageError{"--health is a view of its own, without --events and --write"};
    if (chooses_flows(options))
        return UsageError{"--health is of the whole table; it takes no filter"};
    if (!options.columns.empty() || !options.sort.empty())
        return UsageError{"--health has no rows, so no --columns and no --sort"};
    if (options.warn || options.port_range || options.limit || options.interval)
        return UsageError{"--health shows one moment of the whole table; it takes no --warn, "
                          "--port-range, --limit and --interval"};
    if (options.format == Format::csv)
        return UsageError{"--health is a text or a JSON object; it has no CSV"};
    return std::nullopt;
}

Problem with_metrics(const Options& options) {
    if (options.top || options.events || options.health || !options.write.empty() ||
        !options.by.empty() || options.ports || options.warn)
        return UsageError{"--metrics is an answer of its own, without --top, --events, --health, "
                          "--by, --ports, --warn and --write"};
    if (chooses_flows(options))
        return UsageError{"--metrics is of the whole table; it takes no filter"};
    if (chooses_look(options))
        return UsageError{"--metrics has a format of its own; no --columns, --sort and --format"};
    if (chooses_rows_look(options))
        return UsageError{"--metrics has no rows; no --nat-host, --extended and --no-header"};
    if (options.at)
        return UsageError{"--metrics is of the end of a file; it does not go with --at"};
    if (options.interval && !options.read.empty())
        return UsageError{"a file is followed from its beginning to its end; --interval is for "
                          "--metrics of the kernel"};
    return std::nullopt;
}

} // namespace

std::optional<UsageError> contradiction(const Options& options) {
    if (options.at && options.read.empty())
        return UsageError{"--at is a time of a recording or an event log; it needs --read"};
    if (options.at && options.interval)
        return UsageError{"--at shows one moment, --interval what happens in some time"};
    if (options.interval && !options.read.empty() && (!options.by.empty() || options.ports))
        return UsageError{
            "--interval measures the kernel's table; of a file, --columns +rate shows the "
            "rates between its last two lists"};
    if (options.interval && !options.read.empty() && options.events && !options.top)
        return UsageError{
            "--interval is for lists of the kernel; the steps of a file have times of "
            "their own"};
    if (options.speed != Options{}.speed && !options.top)
        return UsageError{
            "--speed is the pace of the live view (--top); others read a file at once"};
    if (options.at && (options.events || options.top))
        return UsageError{"--at shows one moment; it does not go with --events and --top"};
    if (!options.netns.empty() && !options.read.empty())
        return UsageError{"--netns is of the kernel; it can not be used with --read"};
    if (options.metrics)
        return with_metrics(options);
    if (options.top &&
        (!is_for_people(options.format) || options.limit || !options.header || options.extended))
        return UsageError{"--top is a screen: it takes no --format, --limit, --no-header and "
                          "--extended"};
    if (options.top && (options.events || options.health || !options.write.empty()))
        return UsageError{"--top is a view of its own, without --events, --health and --write"};
    if ((options.top || options.health) && (!options.by.empty() || options.ports))
        return UsageError{"--by and --ports are answers of their own"};
    if (options.health)
        return with_health(options);
    if (options.interval && !takes_time(options))
        return UsageError{"a list is of one moment; --interval is for --top, --events, --write, "
                          "--by, --ports and --metrics"};
    return options.write.empty() ? std::nullopt : with_write(options);
}

} // namespace natstat
