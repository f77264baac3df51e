// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Every option beside every mode, on the kernel and on a file: it is refused, it changes what the
// mode is asked for, or the table of modes says that it holds anyway, and then it changes nothing.
// What a mode is asked for is written out as a text, filters by the flows that they let through.
#include "filter_rows.hpp"
#include "natstat/ask/request.hpp"

#include "tests/catch.hpp"

#include <map>
#include <sstream>

using namespace natstat;

namespace {

using Words = std::vector<std::string>;

/// An argument that is none of the defaults.
std::string argument_of(const Option& option) {
    static const std::map<std::string_view, std::string> arguments{
        {"protocol", "icmp"},
        {"source", "10.0.0.5"},
        {"destination", "203.0.113.10"},
        {"gateway", "2001:db8::9"},
        {"columns", "proto"},
        {"sort", "proto"},
        {"limit", "3"},
        {"label", "room=a"},
        {"format", "jsonl"},
        {"color", "always"},
        {"name-timeout", "7"},
        {"by", "dst"},
        {"metrics-by", "dst"},
        {"port-range", "1-2"},
        {"warn", "50"},
        {"below", "5"},
        {"timeout", "60"},
        {"ipfix", "tcp:192.0.2.9:1"},
        {"ipfix-domain", "9"},
        {"log", "dir"},
        {"keep", "90"},
        {"keep-size", "20G"},
        {"interval", "7"},
        {"receive-buffer", "4096"},
        {"read", "another"},
        {"at", "2026-11-22"},
        {"from", "2026-11-22"},
        {"to", "2026-11-23"},
        {"speed", "3"},
        {"write", "another"},
        {"netns", "some"},
        {"networks", "some.txt"},
    };
    const auto found = arguments.find(option.long_name);
    if (found == arguments.end())
        FAIL("an option without an argument in this test: " << option.long_name);
    return found->second;
}

Words words_of(const Option& option) {
    Words words{shown_name(option)};
    if (!option.argument.empty())
        words.push_back(argument_of(option));
    return words;
}

Words operator+(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

/// The words that ask for a mode.
Words words_of(const ModeRow& mode) {
    if (mode.option.empty())
        return {};
    Words words{"--" + std::string(mode.option)};
    if (mode.mode == Mode::groups)
        words.emplace_back("source,proto"); // endpoints have widths
    if (mode.mode == Mode::record)
        words.emplace_back("file");
    if (mode.mode == Mode::ipfix)
        words.emplace_back("192.0.2.9:4739");
    if (mode.mode == Mode::log)
        words.emplace_back("other");
    return words;
}

// -- what a mode is asked for, as a text ----------------------------------------------------------

filter_test::Rows rows() {
    auto rows = filter_test::make_rows();
    rows.entries.push_back({'6',
                            test::MakeFlow("tcp", "[2001:db8:1::5]:50000", "[2001:db8:2::1]:443")
                                .reply("[2001:db8:2::1]:443", "[2001:db8::9]:50000"),
                            {}});
    return rows;
}

std::ostream& operator<<(std::ostream& out, const Question& question) {
    static const filter_test::Rows all = rows();
    out << all.matching(question.filter) << '/' << all.matching(question.typed) << " columns";
    for (const ShownColumn& each : question.layout)
        out << ' ' << each.column->name << '=' << each.title << ':' << each.width;
    out << " order";
    if (question.order)
        for (const SortKey& key : question.order->keys())
            out << ' ' << key.column->name << key.descending;
    out << " groups";
    if (question.grouping) {
        for (const GroupKey& key : question.grouping->keys)
            out << ' ' << key.column->name;
        const auto& pool = question.grouping->distinct.pool;
        out << (pool && pool->only ? pool->only->first : 0);
    }
    for (const std::string& each : question.networks)
        out << " networks " << each;
    return out << " kinds " << question.needs_kinds << " limit " << question.limit;
}

std::ostream& operator<<(std::ostream& out, const Look& look) {
    out << " format " << static_cast<int>(look.format) << " header " << look.header;
    return out << " names " << (look.names ? look.names->count() : -1) << " color "
               << static_cast<int>(look.color) << " wide " << look.wide;
}

std::ostream& operator<<(std::ostream& out, const From& from) {
    out << " file " << from.files.shown();
    if (!from.within)
        return out << " as it is";
    return out << " from " << from.within->first.time_since_epoch().count() << " to "
               << from.within->last.time_since_epoch().count();
}

std::ostream& operator<<(std::ostream& out, const Pace& pace) {
    return out << " every " << pace.interval.count() << " buffer "
               << pace.receive_buffer.value_or(0);
}

std::ostream& operator<<(std::ostream& out, const Export& to) {
    return out << " to " << to.to.text() << " domain " << to.domain.value_or(0) << " historic "
               << to.historic << " ports " << (to.port_range ? to.port_range->first : 0);
}

std::ostream& operator<<(std::ostream& out, const FollowRequest::Steps& steps);

std::ostream& operator<<(std::ostream& out, const Kept& kept) {
    return out << " log " << kept.directory << ' ' << kept.days.value_or(0) << ' '
               << kept.bytes.value_or(0);
}

template <typename T>
std::ostream& operator<<(std::ostream& out, const std::optional<T>& value) {
    return value ? out << *value : out << " none";
}

std::ostream& operator<<(std::ostream& out, const FollowRequest::Steps& steps) {
    return out << steps.question << steps.printed << steps.exported << steps.kept;
}

std::ostream& operator<<(std::ostream& out, const ListRequest& request) {
    return out << request.from << request.look << request.question;
}

std::ostream& operator<<(std::ostream& out, const GroupsRequest& request) {
    return out << request.from << request.measured << request.look << request.question
               << request.ports << " warn " << request.warn.value_or(0);
}

std::ostream& operator<<(std::ostream& out, const FollowRequest& request) {
    return out << request.from << request.pace << request.steps << " write " << request.write;
}

std::ostream& operator<<(std::ostream& out, const WaitRequest& request) {
    return out << request.pace << request.question << " below " << request.below << " for "
               << (request.limit ? request.limit->count() : -1)
               << (request.format == Format::table ? " text" : " json");
}

std::ostream& operator<<(std::ostream& out, const MetricsRequest& request) {
    return out << request.files.shown() << request.measured << request.question << " ports "
               << (request.port_range ? request.port_range->first : 0) << " limit " << request.limit
               << " labels " << request.labels.size() << " finds " << request.finds << " format "
               << static_cast<int>(request.format) << " write " << request.write;
}

std::ostream& operator<<(std::ostream& out, const DiagnoseRequest& request) {
    out << request.from << request.pace << " filter " << rows().matching(request.question.filter);
    for (const std::string& each : request.question.networks)
        out << " networks " << each;
    return out << request.narrowed << " knows " << static_cast<int>(request.question.knowledge)
               << " format " << static_cast<int>(request.format) << " color "
               << static_cast<int>(request.color);
}

std::ostream& operator<<(std::ostream& out, const ExpectationsRequest& request) {
    return out << request.look << request.question;
}

std::ostream& operator<<(std::ostream& out, const HealthRequest& request) {
    return out << (request.format == Format::table ? "text" : "json");
}

/// The columns and the order of the view itself are the question's only where the user's are.
std::ostream& operator<<(std::ostream& out, const TopRequest& request) {
    const filter_test::Rows all = rows();
    out << request.files.shown() << request.pace << " speed " << request.speed << " filter "
        << request.filter << '/' << all.matching(request.question.typed) << '/'
        << all.matching(request.question.filter) << " kinds " << request.question.kinds << " color "
        << static_cast<int>(request.color) << " ports " << request.ports << " by " << request.by
        << " of " << (request.port_range ? request.port_range->first : 0) << " plain "
        << request.plain << " remembers " << request.remembers << " who " << request.who;
    for (const std::string& each : request.question.networks)
        out << " networks " << each;
    return request.own_columns || request.own_order ? out << request.question : out;
}

std::ostream& operator<<(std::ostream& out, const TextRequest& request) {
    return out << request.text;
}

/// What is asked for; names are waited for as long as the text says.
template <typename Request>
std::string text_of(Asked<Request> (*ask)(const Options&, const AskNames&),
                    const Options& options) {
    std::ostringstream text;
    text << "netns " << options.netns;
    const auto asked = ask(options, [&](std::chrono::milliseconds deadline) {
        text << " asking " << deadline.count() << ' ';
        return WrittenNames{};
    });
    if (const auto* error = std::get_if<UsageError>(&asked))
        FAIL(error->message);
    text << std::get<Request>(asked);
    return text.str();
}

std::string text_of(const Options& options) {
    switch (options.mode) {
    case Mode::help:
        return text_of(help_request, options);
    case Mode::version:
        return text_of(version_request, options);
    case Mode::columns:
        return text_of(columns_request, options);
    case Mode::health:
        return text_of(health_request, options);
    case Mode::expectations:
        return text_of(expectations_request, options);
    case Mode::diagnose:
        return text_of(diagnose_request, options);
    case Mode::metrics:
        return text_of(metrics_request, options);
    case Mode::top:
        return text_of(top_request, options);
    case Mode::wait:
        return text_of(wait_request, options);
    case Mode::record:
    case Mode::ipfix:
    case Mode::log:
    case Mode::events:
        return text_of(follow_request, options);
    case Mode::ports:
    case Mode::groups:
        return text_of(groups_request, options);
    case Mode::list:
        return text_of(list_request, options);
    }
    return {};
}

// -- each beside each -----------------------------------------------------------------------------

std::string joined(const Words& words) {
    std::string text;
    for (const std::string& word : words)
        text += " " + word;
    return text;
}

std::optional<Options> accepted(const Words& words) {
    auto parsed = parse_options(words);
    return std::holds_alternative<Options>(parsed) ? std::optional(std::get<Options>(parsed))
                                                   : std::nullopt;
}

std::string refusal(const Words& words) {
    const auto parsed = parse_options(words);
    const auto* error = std::get_if<UsageError>(&parsed);
    return error == nullptr ? "" : error->message;
}

struct Counts {
    int refused = 0;
    int effective = 0;
    int holding = 0;
};

/// `more` is beside `base`, which asks for `mode` by itself.
void check(const ModeRow& mode, const Options& base, const Words& words, const Words& more, Of of,
           Counts& counts) {
    INFO("natstat" << joined(words + more));
    const auto with = accepted(words + more);
    if (!with) {
        ++counts.refused;
        CHECK_FALSE(has(mode.holds, of));
        return;
    }
    REQUIRE(with->mode == mode.mode);
    if (has(mode.holds, of)) {
        ++counts.holding;
        if (!has(mode.holds, Of::asides))
            CHECK(text_of(*with) == text_of(base));
    } else {
        ++counts.effective;
        CHECK(has(mode.takes | (with->read.empty() ? mode.of_kernel : mode.of_file), of));
        CHECK(text_of(*with) != text_of(base));
    }
}

} // namespace

TEST_CASE("modes: the table is in the order of the modes", "[modes]") {
    std::size_t number = 0;
    for (const ModeRow& row : mode_table())
        CHECK(static_cast<std::size_t>(row.mode) == number++);
}

TEST_CASE("modes: what is accepted has an effect or holds anyway", "[modes]") {
    for (const ModeRow& mode : mode_table())
        for (const Words& from : {Words{}, Words{"--read", "file"}, Words{"--interval", "5"}}) {
            const Words words = words_of(mode) + from;
            const auto base = accepted(words);
            if (!base)
                continue;
            Counts counts;
            for (const Option& option : option_table()) {
                const Words more = words_of(option);
                const auto with = accepted(words + more);
                const bool asks = with && with->mode != mode.mode;
                if (asks) // for another mode, and only an option that does may lead there
                    CHECK(shown_name(option) == "--" + std::string(mode_row(with->mode).option));
                else if (option.long_name != mode.option || !option.argument.empty())
                    check(mode, *base, words, more, option.of, counts);
            }
            check(mode, *base, words, {"src", "10.0.0.5"}, Of::flows, counts);
            INFO(joined(words));
            CHECK(counts.refused + counts.effective + counts.holding >= 20);
        }
}

TEST_CASE("modes: two of them are refused but where one is an option of the other", "[modes]") {
    for (const ModeRow& one : mode_table())
        for (const ModeRow& other : mode_table()) {
            if (one.option.empty() || other.option.empty() || one.mode == other.mode ||
                has(one.holds | other.holds, Of::asides))
                continue;
            const Words words = words_of(one) + words_of(other);
            INFO(joined(words));
            const auto both = accepted(words);
            const auto is_option = [&](Mode mode, std::initializer_list<Mode> options) {
                const auto one_of = [&](Mode option) {
                    return std::find(options.begin(), options.end(), option) != options.end();
                };
                return (one.mode == mode && one_of(other.mode)) ||
                       (other.mode == mode && one_of(one.mode));
            };
            // Of record, log, ipfix and events the last one takes the others.
            const bool events = is_option(Mode::events, {Mode::record, Mode::ipfix, Mode::log});
            const bool ipfix = is_option(Mode::ipfix, {Mode::record, Mode::log});
            const bool log = is_option(Mode::log, {Mode::record});
            const bool metrics = is_option(Mode::metrics, {Mode::record, Mode::diagnose});
            const bool top = is_option(Mode::top, {Mode::groups, Mode::ports}); // that it begins in
            CHECK(both.has_value() == (events || ipfix || log || metrics || top));
            if (both)
                CHECK(both->mode == (events    ? Mode::events
                                     : ipfix   ? Mode::ipfix
                                     : log     ? Mode::log
                                     : metrics ? Mode::metrics
                                               : Mode::top));
        }
}

TEST_CASE("modes: a refusal says what is wrong", "[modes]") {
    CHECK(refusal({"--health", "unreplied"}) ==
          "--health is of the whole table; it takes no filter");
    CHECK(refusal({"--metrics", "-4"}) ==
          "--metrics is of the whole table, in formats of its own; it takes no --ipv4");
    CHECK(refusal({"-n", "--format", "emf"}) == "--format emf is for --metrics");
    CHECK(refusal({"--metrics", "--format", "json"}) ==
          "--metrics is Prometheus's text, or one line with "
          "--format emf; it has no other format");
    CHECK(refusal({"--metrics", "--format", "emf", "--label", "_aws=1"}) ==
          "--label: '_aws' is a member of --format emf's own");
    CHECK(refusal({"--metrics", "--format", "emf", "--label", "IdleTimeoutCount=1"}) ==
          "--label: 'IdleTimeoutCount' is a member of --format emf's own");
    CHECK(refusal({"--metrics", "--format", "emf", "-w", "file"}) ==
          "--format emf is a line of a log, and --write replaces a file of metrics; take one of "
          "them");
    CHECK(refusal({"--warn", "80"}) == "--warn is for --ports");
    CHECK(refusal({"-w", "file", "tcp"}) ==
          "a recording holds everything; use a filter when reading it");
    CHECK(refusal({"-b", "src", "-w", "file"}) ==
          "a recording holds everything; use --by when reading it");
    CHECK(refusal({"-P", "-b", "src"}) == "--ports and --by are two questions");
    CHECK(refusal({"-t", "-P", "-b", "src"}) == "--ports and --by are two questions");
    CHECK(refusal({"-t", "-P", "--warn", "5"}) == "--top is a screen: it takes no --warn");
    CHECK(refusal({"-b", "src", "-E"}) == "--by is for lists; --events come as they happen");
    CHECK(refusal({"--below", "5"}) == "--below is for --wait");
    CHECK(refusal({"-f", "file", "--wait"}) ==
          "--wait is for the kernel's flows; it can not be used with --read");
    CHECK(refusal({"--wait", "--limit", "3"}) ==
          "--limit is for lists, --by, --ports, --metrics and --expectations; --wait says how many "
          "flows are left");
    CHECK(refusal({"--wait", "--format", "csv"}) ==
          "--wait ends with a line or a JSON object; it has no CSV");
    CHECK(refusal({"--wait", "-E"}) == "--wait and --events are two questions");
    CHECK(refusal({"-f", "file", "-w", "other"}) ==
          "--write records the kernel; it can not be used with --read");
    CHECK(refusal({"-f", "file", "--netns", "some"}) ==
          "--netns is of the kernel; it can not be used with --read");
    CHECK(refusal({"-t", "--speed", "2"}) == "--speed is the pace of a recording; it needs --read");
    CHECK(refusal({"-E", "-w", "-"}) == "--write - and --events both want standard output");
    CHECK(refusal({"--ipfix", "file:-", "-E"}) ==
          "--ipfix file:- and --events both want standard output");
    CHECK(refusal({"--ipfix", "file:-", "-w", "-"}) ==
          "--ipfix file:- and --write - both want standard output");
    CHECK(refusal({"--ipfix", "192.0.2.9", "--local"}) ==
          "--ipfix is of translations; --local and --routed flows have none");
    CHECK(refusal({"--ipfix", "192.0.2.9", "--ipfix", "192.0.2.10"}) ==
          "--ipfix: one collector is told, and one was given before");
    CHECK(refusal({"-E", "--ipfix-domain", "2"}) ==
          "--ipfix-domain is about a collector; --events takes it with --ipfix alone");
    CHECK(refusal({"--log", "dir", "--routed"}) ==
          "--log is of translations; --local and --routed flows have none");
    CHECK(refusal({"-E", "--keep", "2"}) ==
          "--keep is about a log; --events takes it with --log alone");
    CHECK(refusal({"--ipfix", "192.0.2.9", "--keep-size", "2G"}) ==
          "--keep-size is about a log; --ipfix takes it with --log alone");
    CHECK(refusal({"-f", "dir", "--at", "2026-11-22", "--to", "2026-11-23"}) ==
          "--at is one moment, and --from and --to are a time: take one of them");
    CHECK(refusal({"-f", "dir", "--from", "2026-11-22T10:01", "--to", "2026-11-22T10:00"}) ==
          "--to is before --from");
    CHECK(refusal({"-f", "dir", "--from", "2026-11-22T10:00", "--to", "2026-11-22"}).empty());
    CHECK(refusal({"--from", "2026-11-22"}) ==
          "--from is a time of a recording or an event log; it needs --read");
    CHECK(refusal({"-E", "--to", "2026-11-22"}) ==
          "--to is a time of a recording or an event log; it needs --read");
    CHECK(refusal({"-b", "src", "--receive-buffer", "1"}) ==
          "--receive-buffer is for events that wait; --by takes them with --interval alone");
    CHECK(refusal({"--help", "--health", "tcp", "-w", "-"}).empty());
}

TEST_CASE("modes: the words of a filter know names, in the live view as in a list", "[modes]") {
    const AskNames names = [](std::chrono::milliseconds) {
        const auto service = [](std::string_view name, std::uint8_t) {
            return name == "https" ? std::vector<std::uint16_t>{443} : std::vector<std::uint16_t>{};
        };
        return WrittenNames{{{}, service, {}}, {{}, service, {}}};
    };
    const filter_test::Rows all = rows();
    const auto live = top_request(*accepted({"-ta", "port", "https"}), names);
    const auto list = list_request(*accepted({"-na", "port", "https"}), names);
    const std::string found = all.matching(std::get<ListRequest>(list).question.filter);
    CHECK(found == "SR6");
    const TopRequest& top = std::get<TopRequest>(live);
    CHECK(all.matching(top.question.typed) == found);
    CHECK(all.matching(top.question.filter).size() == all.entries.size());
    CHECK(all.matching(std::get<Filter>(Filter::parse("port https", top.names))) == found);
    CHECK(
        std::holds_alternative<UsageError>(top_request(*accepted({"-t", "port", "htps"}), names)));
}
