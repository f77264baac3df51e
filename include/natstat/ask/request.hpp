// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What each mode is asked for: of the options exactly what it can do something with. Answers know
// requests and no options.
#pragma once

#include "natstat/ask/question.hpp"

namespace natstat {

/// Where an answer comes from.
struct From {
    Files files;
    /// Of a file: what was there at some time of it, or happened in it. Absent: lists are of the
    /// file's end, steps are all.
    std::optional<Moment> within;
};

/// How the kernel is followed.
struct Pace {
    std::chrono::milliseconds interval = usual_interval; // between two lists
    std::optional<std::size_t> receive_buffer;           // bytes, for events; absent: the source's
    std::string netns;                                   // that was entered; empty: none
    std::optional<double> share{}; // of the time that lists may take; the same
    bool lists_at_once = true;     // the first one is not waited for until somebody asks
};

/// How rows are written.
struct Look {
    Format format = Format::table;
    bool header = true;
    std::optional<std::chrono::milliseconds> names; // so long they are waited for; absent: numbers
    When color = When::automatic;
    bool wide = false; // no cell is shortened for a terminal
};

struct ListRequest {
    From from;
    Question question;
    Look look;
};

/// --by and --ports.
struct GroupsRequest {
    From from;
    std::optional<Pace> measured; // rates, over its interval of the kernel
    Question question;
    Look look;
    bool ports = false;             // the pools of NAT addresses, below a table
    bool own_columns = false;       // none is left out, then
    std::optional<unsigned> warn{}; // per cent
};

/// A collector that is told of translations.
struct Export {
    ipfix::Destination to;               // with its address, or a file
    std::optional<std::uint32_t> domain; // absent: the exporter's own
    bool historic = false;
    std::optional<NatPorts> port_range; // absent: the kernel's own
};

/// A log on this box, of translations.
struct Kept {
    std::string directory;
    std::optional<unsigned> days;       // that are kept beside the present one; absent: all
    std::optional<std::uint64_t> bytes; // that are kept, with it; absent: all
};

/// --events, --ipfix, --log and --write.
struct FollowRequest {
    /// What becomes of each step of the flows that are asked for.
    struct Steps {
        Question question;
        std::string selection;          // which flows, in words of the command line; empty: all
        std::optional<Look> printed;    // absent: not printed
        std::optional<Export> exported; // absent: nowhere
        std::optional<Kept> kept;       // absent: in no log
    };
    From from;
    Pace pace;
    std::optional<Steps> steps;
    std::string write; // empty: no recording; "-": standard output
};

struct WaitRequest {
    Pace pace;
    Question question;
    std::size_t below = 1;                          // flows are few enough
    std::optional<std::chrono::milliseconds> limit; // of time; absent: none
    Format format = Format::table;                  // or an object
};

struct MetricsRequest {
    Files files;
    std::optional<Pace> measured; // what comes and goes
    std::optional<NatPorts> port_range;
    Question question;      // no more than what flows are counted by, and what that has to know
    bool finds = false;     // problems, too
    std::size_t limit = 10; // destinations, and values of what is counted by
    std::string netns;      // that was entered
    std::vector<std::pair<std::string, std::string>> labels;
    Format format = Format::table; // or emf
    /// A file that is replaced again and again, at the interval of `measured`; empty: one shot, to
    /// standard output.
    std::string write;

    /// What flows are counted by; empty: nothing.
    [[nodiscard]] GroupKeys by() const {
        return question.grouping ? question.grouping->keys : GroupKeys{};
    }
};

struct HealthRequest {
    Format format = Format::table;
};

struct ExpectationsRequest {
    Question question;
    Look look;
};

struct DiagnoseRequest {
    From from;
    Pace pace; // its interval is how long the kernel is watched
    Question question;
    bool narrowed = false; // the filter says something
    Format format = Format::table;
    When color = When::automatic;
};

struct TopRequest {
    Files files;
    Pace pace;
    double speed = 1;  // of a file
    std::string netns; // that was entered
    Question question;
    std::string filter;       // the text of Question::typed
    FilterNames names;        // for filters that are typed later
    bool own_columns = false; // the question's layout is the user's
    bool own_order = false;
    When color = When::automatic;
    bool ports = false; // the view of NAT ports comes first
    std::string by;     // or groups by these columns
    std::optional<NatPorts> port_range;
    bool plain = false; // as text, without a screen
    bool own_interval = false;
    bool remembers = true; // what was asked for with S
    bool who = false;      // whose the rows are is shown
};

struct TextRequest {
    std::string text;
};

/// Names that the user wrote: to be looked up while a question is made, and what is known of them
/// without looking up any more.
struct WrittenNames {
    FilterNames asking;
    FilterNames known;
};

/// Gives them; so long host names are waited for, all together.
using AskNames = std::function<WrittenNames(std::chrono::milliseconds deadline)>;

template <typename Request>
using Asked = std::variant<Request, UsageError>;

// Each is for options of its modes. Names are looked up; a mistake of the user's is a UsageError.
[[nodiscard]] Asked<TextRequest> help_request(const Options& options, const AskNames& names);
[[nodiscard]] Asked<TextRequest> version_request(const Options& options, const AskNames& names);
[[nodiscard]] Asked<TextRequest> columns_request(const Options& options, const AskNames& names);
[[nodiscard]] Asked<HealthRequest> health_request(const Options& options, const AskNames& names);
[[nodiscard]] Asked<ExpectationsRequest> expectations_request(const Options& options,
                                                              const AskNames& names);
[[nodiscard]] Asked<DiagnoseRequest> diagnose_request(const Options& options,
                                                      const AskNames& names);
[[nodiscard]] Asked<MetricsRequest> metrics_request(const Options& options, const AskNames& names);
[[nodiscard]] Asked<TopRequest> top_request(const Options& options, const AskNames& names);
[[nodiscard]] Asked<FollowRequest> follow_request(const Options& options, const AskNames& names);
[[nodiscard]] Asked<WaitRequest> wait_request(const Options& options, const AskNames& names);
[[nodiscard]] Asked<GroupsRequest> groups_request(const Options& options, const AskNames& names);
[[nodiscard]] Asked<ListRequest> list_request(const Options& options, const AskNames& names);

} // namespace natstat
