// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One step for each part of a question; the first mistake ends it.
#include "natstat/ask/question.hpp"

#include <algorithm>

namespace natstat {

namespace {

using Problem = std::optional<UsageError>;

/// Adds a condition, or says what is wrong with it.
Problem require(Filter& filter, std::variant<Filter, FilterError> condition,
                std::string_view option) {
    if (auto* error = std::get_if<FilterError>(&condition))
        return UsageError{std::string(option) + ": " + error->reason};
    filter.require(std::move(std::get<Filter>(condition)));
    return std::nullopt;
}

std::string joined(const std::vector<std::string>& lists) {
    std::string text;
    for (const std::string& list : lists)
        text += (text.empty() ? "" : ",") + list;
    return text;
}

struct Selection {
    bool snat, dnat, local, routed;

    explicit Selection(const Options& options)
        : snat(options.snat), dnat(options.dnat), local(options.local), routed(options.routed) {
        if (!snat && !dnat && !local && !routed)
            snat = dnat = true;
    }
    [[nodiscard]] bool only_nat() const { return !local && !routed; }
    [[nodiscard]] bool any_nat() const { return snat || dnat; }
};

/// The kinds of flow that are wanted; a flow with both translations is of either.
std::string kinds(const Selection& selection) {
    std::string list;
    const auto add = [&list](std::string_view name) {
        list += (list.empty() ? "" : ",") + std::string(name);
    };
    if (selection.snat)
        add("snat");
    if (selection.dnat)
        add("dnat");
    if (selection.any_nat())
        add("both");
    if (selection.local)
        add("local");
    if (selection.routed)
        add("routed");
    return list;
}

/// As a list for the column; empty: all kinds.
std::string wanted_kinds(const Options& options) {
    if (options.mode == Mode::ports)
        return "snat,both";
    const bool every =
        options.all || options.mode == Mode::diagnose || options.mode == Mode::expectations;
    return every ? "" : kinds(Selection(options));
}

Problem add_conditions(Filter& filter, const Options& options, const FilterNames& names) {
    const auto column_list = [&](std::string_view name, const std::string& list,
                                 std::string_view option) {
        return require(filter, Filter::on_column(column(name), list, names), option);
    };
    if (options.ipv4 != options.ipv6)
        if (auto wrong = column_list("family", options.ipv4 ? "ipv4" : "ipv6", "--ipv4"))
            return wrong;
    // Which kinds are shown can be changed in the live view.
    if (const std::string list = wanted_kinds(options); !list.empty() && options.mode != Mode::top)
        if (auto wrong = column_list("kind", list, options.ports ? "--ports" : "--snat"))
            return wrong;
    if (!options.protocols.empty())
        if (auto wrong = column_list("proto", joined(options.protocols), "--protocol"))
            return wrong;
    const auto side_list = [&](Side side, const std::vector<std::string>& lists,
                               std::string_view option) {
        return lists.empty() ? Problem{}
                             : require(filter, Filter::on_side(side, joined(lists), names), option);
    };
    if (auto wrong = side_list(Side::source, options.sources, "--source"))
        return wrong;
    if (auto wrong = side_list(Side::destination, options.destinations, "--destination"))
        return wrong;
    return side_list(Side::gateway, options.gateways, "--gateway");
}

/// The words of a filter; the live view shows them apart from the options, and they can be changed
/// there.
Problem add_filter(Question& question, const Options& options, const FilterNames& names) {
    auto parsed = Filter::parse(options.filter, names);
    if (const auto* error = std::get_if<FilterError>(&parsed))
        return UsageError{error->show(options.filter)};
    for (const Column* each : std::get<Filter>(parsed).columns())
        if (is_of_expectations(*each) && options.mode != Mode::expectations)
            return UsageError{"'" + std::string(each->name) + "' needs --expectations"};
    (options.mode == Mode::top ? question.typed : question.filter)
        .require(std::move(std::get<Filter>(parsed)));
    return std::nullopt;
}

constexpr std::size_t wide_endpoint = 40; // --extended

/// netstat-nat's columns, titles and widths.
Layout listing_layout(const Options& options) {
    const Selection selection(options);
    const bool nat_only = selection.only_nat() && !options.all;
    Layout layout;
    for (const std::string_view name : {"proto", "source", "gateway", "destination", "state"}) {
        const bool is_gateway = name == "gateway";
        if (is_gateway && !(options.nat_host && (selection.any_nat() || options.all)))
            continue;
        ShownColumn shown_column = shown(column(name));
        if (nat_only && name == "source")
            shown_column.title = "NATed Address";
        if (options.extended && shown_column.column->kind == Kind::endpoint)
            shown_column.width = wide_endpoint;
        layout.push_back(shown_column);
    }
    return layout;
}

/// What people see of a step: which flow, what happened to it, what went through it until then.
Layout step_layout(const Options& options) {
    Layout layout;
    constexpr std::size_t ipv4_endpoint = 21; // netstat-nat's widths are for fewer columns
    constexpr std::size_t number = 9;
    for (const std::string_view name : {"time", "event", "proto", "source", "gateway",
                                        "destination", "transition", "held", "packets", "bytes"}) {
        if (name == "gateway" && !options.nat_host)
            continue;
        ShownColumn shown_column = shown(column(name));
        if (shown_column.column->kind == Kind::endpoint && !options.extended)
            shown_column.width = ipv4_endpoint;
        else if (shown_column.column->align == Align::right) // so that few numbers widen it
            shown_column.width = std::max(shown_column.width, number);
        layout.push_back(shown_column);
    }
    return layout;
}

/// Of groups: their keys, then what people or programs see of them.
Layout group_layout(const Options& options, const Grouping& grouping) {
    const bool people = is_for_people(options.format);
    Layout layout;
    const auto add = [&layout](std::initializer_list<std::string_view> names) {
        for (const std::string_view name : names)
            layout.push_back(shown(column(name)));
    };
    for (const GroupKey& key : grouping.keys)
        layout.push_back(shown(*key.column));
    if (!options.extended)
        for (ShownColumn& each : layout)
            each.width = std::max(each.title.size(), std::size_t{5});
    if (options.ports) {
        add({"ports", "available", "used", "hosts"});
        if (!people)
            add({"flows"});
        return layout;
    }
    for (const Column& each : columns())
        if (each.tells == Tells::group && each.in_full == Full::groups)
            layout.push_back(shown(each));
    if (people)
        add({"packets", "bytes"});
    for (const Column& each : columns())
        if (!people && each.tells == Tells::sum && each.in_full == Full::both)
            layout.push_back(shown(each));
    if (options.interval)
        add({"rate_up", "rate_down"});
    return layout;
}

/// Columns of flows that an expectation has a value in, beside those that are parts of one.
constexpr std::string_view of_expectations_too[] = {"proto",   "family", "source", "destination",
                                                    "timeout", "zone",   "id",     "helper"};

bool is_told_of_expectations(const Column& column) {
    for (const std::string_view name : of_expectations_too) {
        const auto& parts = natstat::column(name).fields;
        if (column.name == name ||
            std::find(parts.begin(), parts.end(), column.name) != parts.end())
            return true;
    }
    return is_of_expectations(column);
}

/// For programs: everything that is known of a flow or a step, once.
Layout full_layout(const Options& options) {
    const Full view = options.mode == Mode::events ? Full::steps : Full::listing;
    Layout layout;
    for (const Column& each : columns())
        if (each.in_full == view || each.in_full == Full::both)
            layout.push_back(shown(each));
    return layout;
}

/// What is known of an expectation: for programs all of it, once.
Layout expectation_layout(const Options& options) {
    Layout layout;
    const auto add = [&layout](std::string_view name) { layout.push_back(shown(column(name))); };
    if (is_for_people(options.format)) {
        for (const std::string_view name : {"proto", "source", "destination", "helper", "timeout"})
            add(name);
        for (ShownColumn& each : layout) {
            const bool wide = options.extended && each.column->kind == Kind::endpoint;
            each.width = wide ? wide_endpoint : each.title.size();
        }
        add("master");
        return layout;
    }
    for (const std::string_view name : of_expectations_too)
        add(name);
    for (const Column& each : columns())
        if (is_of_expectations(each))
            layout.push_back(shown(each));
    return layout;
}

Layout default_layout(const Options& options, const std::optional<Grouping>& grouping) {
    if (options.mode == Mode::expectations)
        return expectation_layout(options);
    if (grouping)
        return group_layout(options, *grouping);
    if (!is_for_people(options.format))
        return full_layout(options);
    return options.mode == Mode::events ? step_layout(options) : listing_layout(options);
}

/// Whether rows of the question have values in the column; it says why not.
Problem check_column(const Column& column, const Options& options,
                     const std::optional<Grouping>& grouping) {
    const std::string name = "'" + std::string(column.name) + "'";
    if (column.tells == Tells::news)
        return UsageError{name + " is of what has changed, which the live view shows (d in --top)"};
    if (options.mode == Mode::expectations)
        return is_told_of_expectations(column)
                   ? Problem{}
                   : UsageError{name + " is of flows: nothing tells it of an expectation"};
    if (is_of_expectations(column))
        return UsageError{name + " needs --expectations"};
    if (!options.ports && column.tells == Tells::pool)
        return UsageError{name + " needs --ports"};
    if (!grouping)
        return !is_of_groups(column)
                   ? Problem{}
                   : UsageError{name + " is of groups of flows: it needs --by or --ports"};
    const bool once = options.mode != Mode::top && !options.interval && options.read.empty();
    if (column.kind == Kind::rate && once)
        return UsageError{name + " needs --interval: one list tells no rates"};
    if (is_one_value(column, grouping->keys) || is_of_groups(column) || column.tells == Tells::sum)
        return std::nullopt;
    return UsageError{name + (options.ports ? " can differ from flow to flow of a row of --ports"
                                            : " can differ in a group: it has to be in --by")};
}

Problem choose_groups(std::optional<Grouping>& grouping, const Options& options) {
    if (options.by.empty() && !options.ports)
        return std::nullopt;
    if (options.ports) {
        grouping = port_grouping(options.port_range);
        return std::nullopt;
    }
    auto keys = parse_group_keys(options.by);
    if (const auto* error = std::get_if<std::string>(&keys))
        return UsageError{"--by: " + *error};
    grouping.emplace(Grouping{std::move(std::get<GroupKeys>(keys)), {}});
    return std::nullopt;
}

/// What costs look-ups is counted where it is shown or sorted by.
void choose_distinct(Question& question) {
    if (!question.grouping)
        return;
    const auto look_at = [&](const Column& column) {
        if (column.traits.counted != nullptr)
            question.grouping->distinct.*column.traits.counted = true;
    };
    for (const ShownColumn& each : question.layout)
        look_at(*each.column);
    if (question.order)
        for (const SortKey& key : question.order->keys())
            look_at(*key.column);
}

/// What is looked at has to be known.
void choose_knowledge(Question& question, const Options& options) {
    const auto look_at = [&](const Column& column) {
        question.knowledge |= column.traits.knowledge;
    };
    for (const ShownColumn& each : question.layout)
        look_at(*each.column);
    if (question.order)
        for (const SortKey& key : question.order->keys())
            look_at(*key.column);
    if (question.grouping)
        for (const GroupKey& key : question.grouping->keys)
            look_at(*key.column);
    // What is told beside the question's own columns.
    if (options.who && (options.mode == Mode::top || options.mode == Mode::diagnose))
        question.knowledge |= mode_row(options.mode).who;
    for (const Filter* filter : {&question.filter, &question.typed})
        for (const Column* column : filter->columns())
            look_at(*column);
    question.networks = options.networks;
    if (!options.networks.empty()) // so that a wrong name is said
        question.knowledge |= Knowledge::networks;
}

/// The columns that --who adds, where rows have values in them. Findings have no columns.
std::span<const std::string_view> columns_of_who(const Options& options) {
    if (!options.who || options.mode == Mode::diagnose)
        return {};
    if (options.ports)
        return port_columns_of_who;
    return flow_columns_of_who;
}

Problem choose_columns(Question& question, const Options& options) {
    Layout& layout = question.layout;
    layout = default_layout(options, question.grouping);
    for (const std::string_view name : columns_of_who(options))
        if (!check_column(column(name), options, question.grouping))
            layout.push_back(shown(column(name)));
    if (options.columns.empty())
        return std::nullopt;
    auto chosen = parse_columns(options.columns, layout);
    if (const auto* error = std::get_if<std::string>(&chosen))
        return UsageError{*error};
    layout = std::move(std::get<Layout>(chosen));
    for (const ShownColumn& each : layout)
        if (auto wrong = check_column(*each.column, options, question.grouping))
            return UsageError{"--columns: " + wrong->message};
    return std::nullopt;
}

std::string_view default_order(const Options& options) {
    if (options.ports)
        return fullest_first;
    if (options.by.empty())
        return "proto,source";
    return options.interval ? "-rate,-flows" : "-flows";
}

Problem choose_order(Question& question, const Options& options) {
    if (options.sort == "none" || options.mode == Mode::events)
        return std::nullopt;
    auto parsed = Order::parse(options.sort.empty() ? default_order(options) : options.sort);
    if (const auto* error = std::get_if<std::string>(&parsed))
        return UsageError{"--sort: " + *error};
    question.order = std::move(std::get<Order>(parsed));
    for (const SortKey& key : question.order->keys())
        if (auto wrong = check_column(*key.column, options, question.grouping))
            return UsageError{"--sort: " + wrong->message};
    return std::nullopt;
}

} // namespace

Grouping port_grouping(std::optional<NatPorts> range) {
    // A port is taken for one zone at a time, that of the reply tuple.
    return {std::get<GroupKeys>(parse_group_keys("gate,proto,destination,zone_reply")),
            {true, true, PortPool{range}}};
}

std::variant<Question, UsageError> make_question(const Options& options, const FilterNames& names) {
    Question question;
    question.limit = options.limit.value_or(question.limit);
    if (auto wrong = choose_groups(question.grouping, options))
        return *wrong;
    if (auto wrong = choose_columns(question, options))
        return *wrong;
    if (auto wrong = choose_order(question, options))
        return *wrong;
    choose_distinct(question);
    question.needs_kinds = !options.all && !Selection(options).only_nat();
    question.kinds = wanted_kinds(options);
    if (auto wrong = add_conditions(question.filter, options, names))
        return *wrong;
    if (auto wrong = add_filter(question, options, names))
        return *wrong;
    choose_knowledge(question, options);
    return question;
}

std::variant<Question, UsageError> metrics_question(const Options& options) {
    Question question;
    if (!options.metrics_by.empty()) {
        auto keys = parse_group_keys(options.metrics_by);
        if (const auto* error = std::get_if<std::string>(&keys))
            return UsageError{"--metrics-by: " + *error};
        question.grouping.emplace(Grouping{std::move(std::get<GroupKeys>(keys)), {}});
    }
    choose_knowledge(question, options);
    return question;
}

void require_kind(const Question& question, const Row& row, std::string_view name) {
    const bool whole = row.flow.has(Part::original) && row.flow.has(Part::reply);
    if (question.needs_kinds && whole && !row.kind())
        throw Failure("cannot tell local flows from routed ones: " +
                      std::string(name == "-" ? "standard input" : name) +
                      " does not name the addresses of its host (--all shows everything)");
}

} // namespace natstat
