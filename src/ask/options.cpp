// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// getopt_long(3) does the parsing, by arrays that are made from the table.
#include "natstat/ask/options.hpp"

#include "natstat/ask/together.hpp"

#include "natstat/filter/amount.hpp"
#include "natstat/print/metrics.hpp"
#include "natstat/table/column.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <getopt.h>

namespace natstat {

namespace {

constexpr std::string_view whens[] = {"auto", "always", "never"}; // as When has them

using Apply = std::string (*)(Options&, std::string_view);

template <bool Options::*flag, bool value = true>
constexpr Apply set = [](Options& options, std::string_view) {
    options.*flag = value;
    return std::string();
};

/// For what is given or not, and asks for a mode.
constexpr Apply ask = [](Options&, std::string_view) { return std::string(); };

template <std::vector<std::string> Options::*list>
constexpr Apply append = [](Options& options, std::string_view argument) {
    (options.*list).emplace_back(argument);
    return argument.empty() ? std::string("needs a value") : std::string();
};

template <std::string Options::*text>
constexpr Apply assign = [](Options& options, std::string_view argument) {
    options.*text = argument;
    return argument.empty() ? std::string("needs a value") : std::string();
};

template <Format format>
constexpr Apply use_format = [](Options& options, std::string_view) {
    options.format = format;
    return std::string();
};

std::string list_of(std::span<const std::string_view> names) {
    std::string text;
    for (const std::string_view name : names)
        text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
}

std::string apply_format(Options& options, std::string_view argument) {
    const auto format = parse_format(argument);
    if (!format)
        return "unknown format '" + std::string(argument) + "' (known: " + list_of(format_names()) +
               ")";
    options.format = *format;
    return {};
}

std::string apply_columns(Options& options, std::string_view argument) {
    // "+col" adds to what was chosen before, or to the default.
    const bool adds = argument.starts_with('+') && !options.columns.empty();
    options.columns = adds ? options.columns + "," + std::string(argument) : std::string(argument);
    return argument.empty() ? "needs a value" : std::string();
}

/// A number that is all of the argument.
template <typename Number>
std::optional<Number> whole_number(std::string_view argument) {
    Number number{};
    const char* const last = argument.data() + argument.size();
    const auto [end, error] = std::from_chars(argument.data(), last, number);
    return error == std::errc{} && end == last ? std::optional(number) : std::nullopt;
}

/// Seconds from `least` tenths to `longest`.
template <auto Options::*duration, int least, int longest = 3600>
constexpr Apply set_seconds = [](Options& options, std::string_view argument) {
    const auto seconds = whole_number<double>(argument);
    if (!seconds || !(*seconds >= least / 10.0) || *seconds > longest)
        return "'" + std::string(argument) + "' is not a number of seconds from " +
               (least == 0 ? "0" : "0." + std::to_string(least)) + " to " + std::to_string(longest);
    options.*duration = std::chrono::milliseconds(static_cast<long>(*seconds * 1000));
    return std::string();
};

std::string apply_speed(Options& options, std::string_view argument) {
    const auto speed = whole_number<double>(argument);
    constexpr double least = 0.01, most = 10000;
    if (!speed || !(*speed >= least) || *speed > most)
        return "'" + std::string(argument) + "' is not a factor from 0.01 to 10000";
    options.speed = *speed;
    return {};
}

std::string apply_receive_buffer(Options& options, std::string_view argument) {
    constexpr std::size_t largest = std::size_t{1} << 30; // SO_RCVBUF is an int, and doubled
    options.receive_buffer = whole_number<std::size_t>(argument);
    return options.receive_buffer && *options.receive_buffer <= largest
               ? std::string()
               : "'" + std::string(argument) + "' is not a number of bytes up to 1073741824";
}

std::string apply_limit(Options& options, std::string_view argument) {
    options.limit = whole_number<std::size_t>(argument);
    return options.limit ? std::string()
                         : "'" + std::string(argument) + "' is not a number of rows from 1";
}

/// As Prometheus has names of labels: letters, digits and _; two of these in front are its own.
bool is_label_name(std::string_view name) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !name.empty() && is_letter(name.front()) && !name.starts_with("__") &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

/// Columns are labels of samples, and so are some words that are none.
bool is_own_label(std::string_view name) {
    return find_column(name) != nullptr ||
           std::find(metric_labels.begin(), metric_labels.end(), name) != metric_labels.end();
}

std::string apply_label(Options& options, std::string_view argument) {
    const std::size_t sign = argument.find('=');
    const std::string name(argument.substr(0, sign));
    if (sign == std::string_view::npos || sign + 1 == argument.size() || !is_label_name(name))
        return "'" + std::string(argument) +
               "' is not NAME=VALUE, the name of letters, digits and _";
    if (is_own_label(name))
        return "'" + name + "' is a label of natstat's own";
    const auto same = [&](const auto& label) { return label.first == name; };
    if (std::any_of(options.labels.begin(), options.labels.end(), same))
        return "'" + name + "' is there twice";
    options.labels.emplace_back(name, argument.substr(sign + 1));
    return {};
}

std::string apply_warn(Options& options, std::string_view argument) {
    options.warn = whole_number<unsigned>(argument);
    return options.warn && *options.warn >= 1 && *options.warn <= 100
               ? std::string()
               : "'" + std::string(argument) + "' is not a number of per cent from 1 to 100";
}

std::string apply_below(Options& options, std::string_view argument) {
    options.below = whole_number<std::size_t>(argument);
    return options.below && *options.below >= 1
               ? std::string()
               : "'" + std::string(argument) + "' is not a number of flows from 1";
}

std::string apply_keep(Options& options, std::string_view argument) {
    constexpr unsigned most = 36500;
    options.keep = whole_number<unsigned>(argument);
    return options.keep && *options.keep <= most
               ? std::string()
               : "'" + std::string(argument) + "' is not a number of days up to 36500";
}

std::string apply_keep_size(Options& options, std::string_view argument) {
    auto parsed = parse_bytes(argument);
    if (const auto* wrong = std::get_if<std::string>(&parsed))
        return "'" + std::string(argument) + "' is no number of bytes: " + *wrong;
    options.keep_size = std::get<std::uint64_t>(parsed);
    return {};
}

std::string apply_port_range(Options& options, std::string_view argument) {
    const std::size_t dash = argument.find('-');
    const auto first = whole_number<std::uint16_t>(argument.substr(0, dash));
    const auto last = dash == std::string_view::npos
                          ? first
                          : whole_number<std::uint16_t>(argument.substr(dash + 1));
    if (!first || !last || *first > *last)
        return "'" + std::string(argument) + "' is not a range of ports (1024-65535)";
    options.port_range = NatPorts{*first, *last};
    return {};
}

/// `take` gets the moment.
template <typename Take>
std::string with_moment(std::string_view argument, Take&& take) {
    auto parsed = parse_moment(argument);
    if (auto* wrong = std::get_if<std::string>(&parsed))
        return std::move(*wrong);
    take(std::get<Moment>(parsed));
    return {};
}

std::string apply_at(Options& options, std::string_view argument) {
    return with_moment(argument, [&](const Moment& moment) { options.at = moment; });
}

std::string apply_from(Options& options, std::string_view argument) {
    return with_moment(argument, [&](const Moment& moment) { options.from = moment.first; });
}

/// All of the day that was named, or of the second.
std::string apply_to(Options& options, std::string_view argument) {
    return with_moment(argument, [&](const Moment& moment) { options.to = moment.last; });
}

std::string apply_read(Options& options, std::string_view argument) {
    if (argument.empty())
        return "needs a value";
    if (argument == "-" && options.read.has_standard_input())
        return "standard input is read, and was given before";
    options.read.names.emplace_back(argument);
    return {};
}

std::string apply_ipfix(Options& options, std::string_view argument) {
    if (options.ipfix)
        return "one collector is told, and one was given before";
    auto parsed = ipfix::parse_destination(argument);
    if (auto* wrong = std::get_if<std::string>(&parsed))
        return std::move(*wrong);
    options.ipfix = std::get<ipfix::Destination>(parsed);
    return {};
}

std::string apply_ipfix_domain(Options& options, std::string_view argument) {
    options.ipfix_domain = whole_number<std::uint32_t>(argument);
    return options.ipfix_domain
               ? std::string()
               : "'" + std::string(argument) + "' is not a number from 0 to 4294967295";
}

std::string apply_color(Options& options, std::string_view argument) {
    const auto found = std::find(std::begin(whens), std::end(whens), argument);
    if (found == std::end(whens))
        return "'" + std::string(argument) + "' is not one of " + list_of(whens);
    options.color = static_cast<When>(found - std::begin(whens));
    return {};
}

constexpr Option table[] = {
    {'S', "snat", "", "Which flows (default: SNAT and DNAT; several are a union)", "source NAT",
     set<&Options::snat>, Of::snat},
    {'D', "dnat", "", "", "destination NAT", set<&Options::dnat>, Of::other_kinds},
    {'L', "local", "", "", "of this host itself, not NATed", set<&Options::local>, Of::other_kinds},
    {'R', "routed", "", "", "forwarded, not NATed", set<&Options::routed>, Of::other_kinds},
    {'a', "all", "", "", "everything", set<&Options::all>, Of::all},
    {'4', "ipv4", "", "", "IPv4 only", set<&Options::ipv4>, Of::flows},
    {'6', "ipv6", "", "", "IPv6 only", set<&Options::ipv6>, Of::flows},
    {'p', "protocol", "LIST", "", "these protocols, by name or number", append<&Options::protocols>,
     Of::flows, Takes::protocols},
    {'s', "source", "LIST", "", "opened from here: address, CIDR, name, addr:port",
     append<&Options::sources>, Of::flows, Takes::hosts},
    {'d', "destination", "LIST", "", "answered from here", append<&Options::destinations>,
     Of::flows, Takes::hosts},
    {'g', "gateway", "LIST", "", "with this NAT side", append<&Options::gateways>, Of::flows,
     Takes::hosts},
    {'n', "numeric", "", "What is shown", "numbers, no names of hosts and ports",
     set<&Options::numeric>, Of::numeric},
    {'N', "nat-host", "", "", "the NAT side, between source and destination",
     set<&Options::nat_host>, Of::nat_host},
    {'G', "", "", "", "", set<&Options::nat_host>, Of::nat_host},
    {'C', "columns", "LIST", "", "these columns; +NAME adds one", apply_columns, Of::columns,
     Takes::columns},
    {0, "who", "", "", "whose they are, too: workload, process, owner", set<&Options::who>,
     Of::who},
    {0, "list-columns", "", "", "list the columns: name, kind, meaning", ask, Of::asides},
    {'r', "sort", "LIST", "", "by columns, -NAME descending; none: as they come",
     assign<&Options::sort>, Of::sort, Takes::order},
    {0, "limit", "N", "", "the first N rows", apply_limit, Of::limit},
    {'x', "extended", "", "", "wide address columns", set<&Options::extended>, Of::extended},
    {'W', "wide", "", "", "whole cells, also where a row takes two lines", set<&Options::wide>,
     Of::extended},
    {'o', "no-header", "", "", "no header line", set<&Options::header, false>, Of::header},
    {'j', "json", "", "", "an array of JSON objects; --health, --wait: one",
     use_format<Format::json>, Of::json},
    {0, "format", "NAME", "", "table, json, jsonl, csv; emf: --metrics, CloudWatch", apply_format,
     Of::format, Takes::formats},
    {0, "color", "WHEN", "", "auto, always or never", apply_color, Of::color, Takes::whens},
    {0, "networks", "FILE", "", "ip-ranges.json or lines 'NETWORK NAME', for columns",
     append<&Options::networks>, Of::networks, Takes::files},
    {0, "name-timeout", "SEC", "", "longest wait for all names together (2)",
     set_seconds<&Options::name_timeout, 0>, Of::name_timeout},
    {'b', "by", "LIST", "Answers", "a row for each value of columns; src/24: networks",
     assign<&Options::by>, Of::by, Takes::keys},
    {'P', "ports", "", "", "NAT ports in use for each destination", set<&Options::ports>,
     Of::ports},
    {0, "port-range", "A-B", "", "the NAT ports there are (by the rules; 1024-65535)",
     apply_port_range, Of::port_range},
    {0, "warn", "PERCENT", "", "exit 3 if a destination uses so much of its ports", apply_warn,
     Of::warn},
    {0, "health", "", "", "how full the table is, what was dropped, what is on", ask, Of::health,
     Takes::anything, "asks the kernel; it can not be used with --read"},
    {0, "expectations", "", "", "connections that helpers (FTP, SIP) wait for", ask,
     Of::expectations, Takes::anything, "asks the kernel; it can not be used with --read"},
    {0, "diagnose", "", "", "what is wrong, who causes it, what to do", set<&Options::diagnose>,
     Of::diagnose},
    {0, "metrics", "", "", "all that for Prometheus; -w FILE: again and again", ask, Of::metrics},
    {0, "metrics-by", "LIST", "", "flows by columns, the largest --limit of them (10)",
     assign<&Options::metrics_by>, Of::metrics_by, Takes::keys},
    {0, "label", "NAME=VALUE", "", "of all metrics of this box or namespace", apply_label,
     Of::metrics},
    {'t', "top", "", "Following", "the live view (? there shows the keys)", ask, Of::top},
    {0, "plain", "", "", "-t as text, list by list: for logs, screen readers", set<&Options::plain>,
     Of::top},
    {0, "no-config", "", "", "-t without what S there has remembered",
     set<&Options::remembers, false>, Of::top},
    {'E', "events", "", "", "each step of a flow as it happens, in numbers", ask, Of::events},
    {0, "ipfix", "WHERE", "", "NAT events to udp:HOST:PORT, tcp:... or file:NAME", apply_ipfix,
     Of::ipfix},
    {0, "ipfix-domain", "N", "", "its observation domain (1)", apply_ipfix_domain, Of::ipfix_way},
    {0, "ipfix-historic", "", "", "by the event numbers from before RFC 8158, 1 and 2",
     set<&Options::ipfix_historic>, Of::ipfix_way},
    {0, "wait", "", "", "until fewer than --below are left (3: time is up)", ask, Of::wait,
     Takes::anything, "is for the kernel's flows; it can not be used with --read"},
    {0, "below", "N", "", "for --wait: so many are too many (1)", apply_below, Of::wait},
    {0, "timeout", "SEC", "", "for --wait: the time that it has (no end)",
     set_seconds<&Options::time_limit, 1, 604800>, Of::wait},
    {0, "log", "DIR", "", "translations into a database there, a file a day", assign<&Options::log>,
     Of::log, Takes::files},
    {0, "keep", "DAYS", "", "of --log: older files are removed (none)", apply_keep, Of::log_way},
    {0, "keep-size", "BYTES", "", "and the oldest where all are larger, as 20G (none)",
     apply_keep_size, Of::log_way},
    {'i', "interval", "SEC", "", "between two lists or pictures (1); -b, -P: measure",
     set_seconds<&Options::interval, 1>, Of::interval, Takes::anything,
     "is of the kernel's table; a file has times of its own, and -b with --columns +rate shows the "
     "rates between its last two lists"},
    {0, "receive-buffer", "BYTES", "", "room for events that wait (134217728)",
     apply_receive_buffer, Of::receive_buffer},
    {'f', "read", "FILE", "Other sources and recordings (- is standard input or output)",
     "recordings, text of conntrack, natstat's JSON, a log", apply_read, Of::read, Takes::files},
    {0, "at", "TIME", "", "who was there then: 2026-11-22T05:10:11 (Z: UTC)", apply_at, Of::at,
     Takes::anything, "is a time of a recording or an event log; it needs --read"},
    {0, "from", "TIME", "", "what was there, -E: happened, from then on", apply_from, Of::span,
     Takes::anything, "is a time of a recording or an event log; it needs --read"},
    {0, "to", "TIME", "", "until then (a day, a minute: all of it)", apply_to, Of::span,
     Takes::anything, "is a time of a recording or an event log; it needs --read"},
    {0, "speed", "FACTOR", "", "pace of a recording in the live view (1)", apply_speed, Of::speed,
     Takes::anything, "is the pace of a recording; it needs --read"},
    {'w', "write", "FILE", "", "record what the kernel says, for -f and Wireshark",
     assign<&Options::write>, Of::write, Takes::files,
     "records the kernel; it can not be used with --read"},
    {0, "netns", "NAME|PID|PATH", "", "another network namespace", assign<&Options::netns>,
     Of::netns, Takes::namespaces},
    {'h', "help", "", "Help", "this text", ask, Of::asides},
    {'v', "version", "", "", "the version", ask, Of::asides},
};

/// What getopt_long gives for a row: its letter, or a number beyond all letters.
int code_of(std::size_t row) {
    constexpr int first_long_only = 256;
    return table[row].short_name != 0 ? table[row].short_name
                                      : first_long_only + static_cast<int>(row);
}

struct GetoptArrays {
    std::string letters = ":"; // so that a missing value is told apart
    std::vector<option> names;

    GetoptArrays() {
        for (std::size_t row = 0; row < std::size(table); ++row) {
            const bool takes = !table[row].argument.empty();
            if (table[row].short_name != 0)
                letters += table[row].short_name + std::string(takes ? ":" : "");
            if (!table[row].long_name.empty())
                names.push_back({table[row].long_name.data(),
                                 takes ? required_argument : no_argument, nullptr, code_of(row)});
        }
        names.push_back({});
    }
};

std::string unknown_option(const std::string& word) {
    const std::string text = "unknown option '" + word + "'";
    if (!word.starts_with("--"))
        return text;
    const std::string name = word.substr(2, word.find('=') - 2);
    std::vector<std::string_view> known;
    std::string begun; // options that begin like this
    for (const Option& row : table) {
        if (!row.long_name.empty())
            known.push_back(row.long_name);
        if (!name.empty() && row.long_name.starts_with(name))
            begun += (begun.empty() ? "--" : ", --") + std::string(row.long_name);
    }
    if (!begun.empty())
        return "option '--" + name + "' is ambiguous: " + begun;
    const auto near = nearest(name, known);
    return near.empty() ? text : text + " (did you mean '--" + std::string(near) + "'?)";
}

/// The message for what getopt_long could not take; `word` is the word that it stopped in.
std::string usage_message(int code, int letter, const std::string& word) {
    const bool is_long = word.starts_with("--") && word.size() > 2;
    if (code == ':')
        return "option '" + (is_long ? word : std::string("-") + static_cast<char>(letter)) +
               "' needs a value";
    if (is_long && letter != 0) // getopt knows the name, so the value is what it does not want
        return "option '" + word.substr(0, word.find('=')) + "' takes no value";
    return unknown_option(is_long ? word : std::string("-") + static_cast<char>(letter));
}

void add_word(std::string& filter, const char* word) {
    if (!filter.empty())
        filter += ' ';
    filter += word;
}

std::size_t row_of(int code) {
    for (std::size_t row = 0; row < std::size(table); ++row)
        if (code_of(row) == code)
            return row;
    return std::size(table);
}

} // namespace

std::string shown_name(const Option& row) {
    return row.long_name.empty() ? std::string("-") + row.short_name
                                 : "--" + std::string(row.long_name);
}

// Only these two names are ever shown: a link or an exec may call the program anything.
std::string_view program_name() {
    constexpr std::string_view old_name = "netstat-nat";
    return program_invocation_short_name == old_name ? old_name : "natstat";
}

bool Options::may_ask(Knowledge what) const {
    for (const Column& column : natstat::columns())
        for (const std::string* text : {&columns, &by, &metrics_by, &sort, &filter})
            if (has(column.traits.knowledge, what) && text->find(column.name) != std::string::npos)
                return true;
    return who && has(mode_row(mode).who, what);
}

std::span<const Option> option_table() {
    return table;
}

std::span<const std::string_view> when_names() {
    return whens;
}

std::variant<Options, UsageError> parse_options(const std::vector<std::string>& words) {
    const GetoptArrays arrays;
    std::vector<std::string> copies = words; // getopt_long moves the words about
    std::vector<char*> argv{const_cast<char*>("natstat")};
    for (std::string& word : copies)
        argv.push_back(word.data());
    argv.push_back(nullptr);
    const int argc = static_cast<int>(argv.size()) - 1;

    Options options;
    opterr = 0;
    optind = 0; // starts the scan anew, also for a second call
    while (true) {
        const int before = optind;
        const int code =
            getopt_long(argc, argv.data(), arrays.letters.c_str(), arrays.names.data(), nullptr);
        if (code == -1)
            break;
        if (code == '?' || code == ':') {
            const int stopped = std::max(optind > before ? optind - 1 : optind, 1);
            return UsageError{usage_message(code, optopt, argv[static_cast<std::size_t>(stopped)])};
        }
        const Option& row = table[row_of(code)];
        const std::string wrong = row.apply(options, optarg == nullptr ? "" : optarg);
        if (!wrong.empty())
            return UsageError{shown_name(row) + ": " + wrong};
        options.given.push_back(&row);
    }
    for (int i = optind; i < argc; ++i)
        add_word(options.filter, argv[static_cast<std::size_t>(i)]);
    options.mode = mode_of(options.given);
    if (auto wrong = contradiction(options))
        return *wrong;
    return options;
}

std::string help_text() {
    std::string text = "Usage: " + std::string(program_name()) +
                       " [options] [filter]\n"
                       "The connections that this host translates (NAT). The manual: natstat(8).\n";
    for (std::size_t i = 0; i < std::size(table); ++i) {
        const Option& row = table[i];
        if (row.long_name.empty())
            continue;
        if (!row.group.empty())
            text += "\n" + std::string(row.group) + ":\n";
        std::string left = row.short_name != 0 ? std::string("  -") + row.short_name : "    ";
        // Further letters of an option stand in the rows below it.
        for (std::size_t j = i + 1; j < std::size(table) && table[j].long_name.empty(); ++j)
            left += std::string(",-") + table[j].short_name;
        left += (row.short_name != 0 ? ", --" : "  --") + std::string(row.long_name);
        if (!row.argument.empty())
            left += " " + std::string(row.argument);
        constexpr std::size_t help_column = 27;
        left.resize(std::max(left.size() + 2, help_column), ' ');
        text += left + std::string(row.help) + "\n";
    }
    return text +
           "\nFilter: tcpdump's words or any column: 'nat 192.0.2.1:5125', 'tcp and bytes>1M'\n";
}

std::string version_text() {
    return "natstat " NATSTAT_VERSION;
}

} // namespace natstat
