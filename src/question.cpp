// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One step for each part of a question; the first mistake ends it.
#include "question.hpp"

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

Problem add_conditions(Filter& filter, const Options& options, const FilterNames& names) {
    const auto column_list = [&](std::string_view name, const std::string& list,
                                 std::string_view option) {
        return require(filter, Filter::on_column(column(name), list, names), option);
    };
    if (options.ipv4 != options.ipv6)
        if (auto wrong = column_list("family", options.ipv4 ? "ipv4" : "ipv6", "--ipv4"))
            return wrong;
    if (!options.all) {
        const Selection selection(options);
        if (auto wrong = column_list("kind", kinds(selection), "--snat"))
            return wrong;
    }
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

Problem add_filter(Filter& filter, const Options& options, const FilterNames& names) {
    auto parsed = Filter::parse(options.filter, names);
    if (const auto* error = std::get_if<FilterError>(&parsed))
        return UsageError{error->show(options.filter)};
    filter.require(std::move(std::get<Filter>(parsed)));
    return std::nullopt;
}

/// netstat-nat's columns, titles and widths.
Layout listing_layout(const Options& options) {
    const Selection selection(options);
    const bool nat_only = selection.only_nat() && !options.all;
    constexpr std::size_t wide = 40; // --extended
    Layout layout;
    for (const std::string_view name : {"proto", "source", "gateway", "destination", "state"}) {
        const bool is_gateway = name == "gateway";
        if (is_gateway && !(options.nat_host && (selection.any_nat() || options.all)))
            continue;
        ShownColumn shown_column = shown(column(name));
        if (nat_only && name == "source")
            shown_column.title = "NATed Address";
        if (options.extended && shown_column.column->kind == Kind::endpoint)
            shown_column.width = wide;
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

/// For programs: everything that is known of a flow or a step, once.
Layout full_layout(const Options& options) {
    const Full view = options.events ? Full::steps : Full::listing;
    Layout layout;
    for (const Column& each : columns())
        if (each.in_full == view || each.in_full == Full::both)
            layout.push_back(shown(each));
    return layout;
}

Layout default_layout(const Options& options) {
    if (options.format != Format::table)
        return full_layout(options);
    return options.events ? step_layout(options) : listing_layout(options);
}

Problem choose_columns(Layout& layout, const Options& options) {
    layout = default_layout(options);
    if (options.columns.empty())
        return std::nullopt;
    auto chosen = parse_columns(options.columns, layout);
    if (const auto* error = std::get_if<std::string>(&chosen))
        return UsageError{*error};
    layout = std::move(std::get<Layout>(chosen));
    return std::nullopt;
}

Problem choose_order(std::optional<Order>& order, const Options& options) {
    if (options.events && !options.sort.empty())
        return UsageError{"--sort is for listings; --events come as they happen"};
    if (options.sort == "none" || options.events)
        return std::nullopt;
    auto parsed = Order::parse(options.sort.empty() ? "proto,source" : options.sort);
    if (const auto* error = std::get_if<std::string>(&parsed))
        return UsageError{"--sort: " + *error};
    order = std::move(std::get<Order>(parsed));
    return std::nullopt;
}

} // namespace

std::variant<Question, UsageError> make_question(const Options& options, const FilterNames& names) {
    Question question;
    if (auto wrong = choose_columns(question.layout, options))
        return *wrong;
    if (auto wrong = choose_order(question.order, options))
        return *wrong;
    question.needs_addresses = !options.all && !Selection(options).only_nat();
    if (auto wrong = add_conditions(question.filter, options, names))
        return *wrong;
    if (auto wrong = add_filter(question.filter, options, names))
        return *wrong;
    return question;
}

void require_addresses(const Question& question, const Surroundings& around,
                       std::string_view name) {
    if (question.needs_addresses && !around.local_addresses)
        throw Failure("cannot tell local flows from routed ones: " + std::string(name) +
                      " does not name the addresses of its host (--all shows everything)");
}

} // namespace natstat
