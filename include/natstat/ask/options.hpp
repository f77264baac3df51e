// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The command line: one table of options, from which parsing and --help follow.
#pragma once

#include "natstat/ask/mode.hpp"

#include "natstat/filter/moment.hpp"
#include "natstat/intake/recording.hpp"
#include "natstat/ipfix/destination.hpp"
#include "natstat/model/nat.hpp"
#include "natstat/print/printer.hpp"
#include "natstat/table/who.hpp"

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace natstat {

enum class When : std::uint8_t { automatic, always, never };

/// Between two lists, and two pictures.
inline constexpr std::chrono::milliseconds usual_interval{1000};

/// Between two writings of a file of metrics.
inline constexpr std::chrono::milliseconds usual_metrics_interval{15'000};

/// Between two lists while flows are waited for: what no event tells is seen within a second.
inline constexpr std::chrono::milliseconds usual_wait_interval{500};

/// How long a diagnosis watches.
inline constexpr std::chrono::milliseconds usual_watch{5000};

struct Option;

/// What was asked for.
struct Options {
    Mode mode = Mode::list;
    std::vector<const Option*> given; // rows of the table, as they were given
    bool numeric = false;
    bool nat_host = false;
    bool snat = false;
    bool dnat = false;
    bool local = false;
    bool routed = false;
    bool all = false;
    bool extended = false;
    bool wide = false;
    bool who = false;
    bool diagnose = false; // also beside metrics
    bool header = true;
    bool ipv4 = false;
    bool ipv6 = false;
    double speed = 1;                   // of a recording in the live view
    std::vector<std::string> protocols; // comma lists, as given
    std::vector<std::string> sources;
    std::vector<std::string> destinations;
    std::vector<std::string> gateways;
    std::string sort;                                        // empty: by protocol and source
    std::string columns;                                     // empty: the default ones
    std::optional<std::size_t> limit;                        // rows; absent: all
    std::vector<std::pair<std::string, std::string>> labels; // of metrics: name and value
    std::string by;                                          // empty: flows, one by one
    std::string metrics_by;                              // empty: no flows are counted by columns
    bool ports = false;                                  // NAT ports
    bool plain = false;                                  // the live view as text
    bool remembers = true;                               // the live view, what S wrote
    std::optional<NatPorts> port_range;                  // absent: the kernel's own
    std::optional<unsigned> warn;                        // per cent
    std::optional<std::size_t> below;                    // flows; absent: one
    std::optional<std::chrono::milliseconds> time_limit; // for --wait; absent: none
    Format format = Format::table;
    Files read;                                // "-": standard input
    std::optional<Moment> at;                  // of a file; absent: its end
    std::optional<Time> from;                  // of a file; absent: its beginning
    std::optional<Time> to;                    // and its end
    std::string write;                         // empty: no recording; "-": standard output
    std::optional<ipfix::Destination> ipfix;   // absent: no collector is told
    std::optional<std::uint32_t> ipfix_domain; // absent: the exporter's own
    bool ipfix_historic = false;               // by the event numbers from before RFC 8158
    std::string log;                           // a directory; empty: no log is kept
    std::optional<unsigned> keep;              // days of it; absent: all
    std::optional<std::uint64_t> keep_size;    // bytes of it; absent: all
    std::optional<std::size_t> receive_buffer; // bytes, for events; absent: LiveSource's own
    std::optional<std::chrono::milliseconds> interval; // absent: usual_interval, and no rates
    std::vector<std::string> networks;                 // files with lists of them
    std::string netns;                                 // empty: the one that it was started in
    When color = When::automatic;
    std::chrono::milliseconds name_timeout{2000};
    std::string filter;

    /// Whether a column that has to know this may be looked at, before anything is asked for: true
    /// also where its name is but a part of another word.
    [[nodiscard]] bool may_ask(Knowledge what) const;
};

/// "auto", "always", "never".
[[nodiscard]] std::span<const std::string_view> when_names();

/// What an argument is made of, where that can be listed or looked for.
enum class Takes : std::uint8_t {
    anything,
    columns,
    order, // columns, also with a minus
    keys,  // columns that groups are made by
    protocols,
    hosts,
    formats,
    whens,
    files,
    namespaces,
};

/// One option: a row here is all that an option needs.
struct Option {
    char short_name;            // 0: none
    std::string_view long_name; // "" for a second letter of the row above
    std::string_view argument;  // empty: takes none
    std::string_view group;     // the heading in --help; empty: the same as the row above
    std::string_view help;
    /// Takes the option in; the answer is what is wrong with its argument, empty for nothing.
    std::string (*apply)(Options& options, std::string_view argument);
    Of of; // what it is about: which modes take it
    Takes takes = Takes::anything;
    /// Behind its name: why it does not go with --read, or not without it; empty: as usual.
    std::string_view of_source = {};
};

[[nodiscard]] std::span<const Option> option_table();

/// The option's name as the user would write it: "--snat", "-G".
[[nodiscard]] std::string shown_name(const Option& row);

/// "natstat", or "netstat-nat" where it stands in for that and was started by its name.
[[nodiscard]] std::string_view program_name();

/// What is wrong with a command line, as a sentence.
struct UsageError {
    std::string message;
};

/// Reads the words after the program's name. Words that are not options form the filter. What is
/// given is of one mode, and that mode can do something with all of it.
[[nodiscard]] std::variant<Options, UsageError>
parse_options(const std::vector<std::string>& words);

/// The text of --help.
[[nodiscard]] std::string help_text();

/// "natstat 0.1.0"
[[nodiscard]] std::string version_text();

} // namespace natstat
