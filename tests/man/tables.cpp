// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The tables of the manual page as mdoc(7), out of the program's own: options by group, columns and
// their types in JSON, metrics, elements of IPFIX,
// keys, the closed lists of the filter language. Each stands between two lines that name it;
// man_test.py compares them with those in the page, or puts them there.
#include "natstat/ask/options.hpp"
#include "natstat/filter/vocabulary.hpp"
#include "natstat/ipfix/elements.hpp"
#include "natstat/live/ui.hpp"
#include "natstat/model/protocol.hpp"
#include "natstat/print/metrics.hpp"

#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>

namespace {

using namespace natstat;

/// Literal text for roff: nothing in it is a request, an escape or a quotation mark.
std::string literal(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '\\':
            out += "\\e";
            break;
        case '-':
            out += "\\-";
            break;
        case '^':
            out += "\\(ha";
            break;
        case '~':
            out += "\\(ti";
            break;
        case '\'':
            out += "\\(aq";
            break;
        default:
            out += c;
        }
    }
    return out;
}

/// Prose: a dash is a hyphen, and a line does not begin with a control character.
std::string prose(std::string_view text) {
    std::string out = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    for (const char c : text)
        out += c == '-' ? std::string("-") : literal({&c, 1});
    return out;
}

void open_block(std::string_view name) {
    std::cout << ".\\\" begin " << name << '\n';
}

void close_block() {
    std::cout << ".El\n.\\\" end\n";
}

void print_options() {
    const auto table = option_table();
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Option& row = table[i];
        if (!row.group.empty()) {
            if (i != 0)
                close_block();
            open_block("options: " + std::string(row.group));
            std::cout << ".Bl -tag -width \"-d, --destination LIST\" -compact\n";
        }
        if (row.long_name.empty())
            continue;
        std::cout << ".It";
        if (row.short_name != 0)
            std::cout << " Fl " << row.short_name << " ,";
        for (std::size_t j = i + 1; j < table.size() && table[j].long_name.empty(); ++j)
            std::cout << " Fl " << table[j].short_name << " ,";
        std::cout << " Fl Fl " << literal(row.long_name);
        if (!row.argument.empty())
            std::cout << " Ar " << literal(row.argument);
        std::cout << '\n' << prose(row.help) << '\n';
    }
    close_block();
}

void print_columns() {
    open_block("columns");
    std::cout << ".Bl -tag -width \"packets_down\" -compact\n";
    for (const Column& column : columns())
        std::cout << ".It Cm " << column.name << '\n' << prose(column.help) << '\n';
    close_block();
}

void print_elements() {
    open_block("elements");
    std::cout << ".Bl -tag -width \"323\" -compact\n";
    for (const ipfix::Element& element : ipfix::elements())
        std::cout << ".It " << element.id << '\n'
                  << ".Cm " << element.name << " ,\n"
                  << prose(element.help) << '\n';
    close_block();
}

/// What a value of this kind is in JSON (src/print/json.cpp); a member is null where there is none.
std::string_view json_type(Kind kind) {
    switch (kind) {
    case Kind::count:
    case Kind::bytes:
    case Kind::rate:
    case Kind::hex:
    case Kind::port:
        return "whole number";
    case Kind::duration:
    case Kind::percent:
        return "number";
    case Kind::flags:
        return "array of strings";
    case Kind::holders:
        return "object";
    case Kind::endpoint:
    case Kind::tuple:
        return "members";
    default:
        return "string";
    }
}

/// The names of the columns of each type, and of the two or four members that an end or a tuple
/// becomes.
void print_json() {
    open_block("json");
    std::cout << ".Bl -tag -width Ds -compact\n";
    for (const std::string_view type :
         {"string", "whole number", "number", "array of strings", "object", "members"}) {
        std::string names;
        for (const Column& column : columns())
            if (json_type(column.kind) == type)
                names += (names.empty() ? "\\%" : ",\n\\%") + std::string(column.name);
        std::cout << ".It " << type << '\n' << names << '\n';
    }
    close_block();
}

/// In lines that mandoc takes for no longer than a line is.
std::string in_lines(const std::string& text) {
    constexpr std::size_t width = 78;
    std::string out;
    std::size_t at = 0;
    while (text.size() - at > width) {
        const std::size_t end = text.rfind(' ', at + width);
        out += text.substr(at, end - at) + "\n";
        at = end + 1;
    }
    return out + text.substr(at) + "\n";
}

/// A flow with source NAT, with ports and a zone.
Flow translated_flow() {
    Flow flow;
    flow.family = Family::ipv4;
    flow.protocol = protocol::tcp;
    flow.state = 3; // established
    flow.address = {{{192, 0, 2, 1}, {203, 0, 113, 1}, {203, 0, 113, 1}, {198, 51, 100, 1}}};
    flow.set_zone(1);
    flow.port = {50000, 80, 80, 50000};
    for (const Part part : {Part::original, Part::reply, Part::original_ports, Part::reply_ports,
                            Part::state, Part::counters_up})
        flow.set(part);
    return flow;
}

/// What --metrics writes of a host that has all of it; the kernel's counters are as many as it has.
std::string all_metrics() {
    const Surroundings around{};
    const Extras extras{};
    const Flow flow = translated_flow();
    const auto keys = [](std::string_view text) {
        return std::get<GroupKeys>(parse_group_keys(text));
    };
    Groups mix(keys("kind,proto,state"), {}, around);
    Groups ports(keys("gate,proto,destination,zone_reply"), {true, false, PortPool{}}, around);
    mix.add({flow, extras, around});
    ports.add({flow, extras, around});
    Metrics metrics;
    metrics.version = "VERSION";
    metrics.at = Time{std::chrono::seconds(1)};
    metrics.whole = true;
    metrics.mix = &mix;
    metrics.ports = &ports;
    const GroupKeys by_keys = keys("src");
    Groups by(by_keys, {}, around);
    by.add({flow, extras, around});
    metrics.problems = {AilmentCount{"no_answer", {1}}};
    metrics.by = &by;
    metrics.by_keys = &by_keys;
    metrics.interval.emplace();
    Counts counts;
    counts.counts = true;
    metrics.counts = &counts;
    Health& health = metrics.health.emplace();
    health.entries = health.limit = health.buckets = 1;
    health.expectations = health.expectation_limit = 1;
    health.statistics = Statistics{{{"NAME", 1}}, 1, {{1}}};
    Allowances& card = health.allowances.emplace_back();
    card.interface = "ens5";
    card.values.fill(1);
    std::string text;
    Output output([&](std::string_view piece) { text += piece; }, 1);
    print_metrics(metrics, 1, output);
    output.flush();
    return text;
}

/// The families with their labels and what is said of them.
void print_metric_families() {
    open_block("metrics");
    std::cout << ".Bl -tag -width Ds -compact\n";
    std::istringstream text(all_metrics());
    std::string help;
    std::string told;
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with("# HELP ")) {
            help = line.substr(line.find(' ', 7) + 1);
        } else if (!line.starts_with('#')) {
            const std::string name = line.substr(0, line.find_first_of("{ "));
            if (std::exchange(told, name) == name)
                continue;
            std::cout << ".It Cm " << name;
            for (auto end = line.find("=\""); end != line.npos; end = line.find("=\"", end + 2)) {
                const auto begin = line.find_last_of("{,", end) + 1;
                std::cout << " Ar " << line.substr(begin, end - begin);
            }
            std::cout << '\n' << in_lines(prose(help));
        }
    }
    close_block();
}

void print_gateway_metrics() {
    open_block("gateway metrics");
    std::cout << ".Bl -tag -width Ds -compact\n";
    for (const GatewayMetric& metric : gateway_metrics())
        std::cout << ".It Cm " << metric.name << '\n' << in_lines(prose(metric.help));
    close_block();
}

void print_keys() {
    open_block("keys");
    std::cout << ".Bl -tag -width \"Home g\" -compact\n";
    for (const KeyBinding& binding : key_table())
        std::cout << ".It Ic \"\\&" << literal(binding.shown) << "\"\n"
                  << prose(binding.help) << '\n';
    close_block();
}

void print_values() {
    open_block("values");
    std::cout << ".Bl -tag -width \"family\" -compact\n";
    for (const std::string_view name : filter_columns()) {
        const auto values = filter_values(column(name));
        if (values.empty() || name == "was") // its values are those of state
            continue;
        std::cout << ".It Cm " << name << '\n'; // \% keeps a word in one piece
        for (std::size_t i = 0; i < values.size(); ++i)
            std::cout << "\\%" << literal(values[i]) << (i + 1 < values.size() ? ",\n" : "\n");
    }
    close_block();
}

} // namespace

int main() {
    print_options();
    print_columns();
    print_elements();
    print_json();
    print_metric_families();
    print_gateway_metrics();
    print_keys();
    print_values();
    return std::cout.flush() ? 0 : 1;
}
