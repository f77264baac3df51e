// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One flow as lines: both tuples in words, its history, its speed, and the commands that lead on.
#include "line.hpp"
#include "panels.hpp"

#include "natstat/live/histories.hpp"
#include "natstat/model/protocol.hpp"

#include <algorithm>

namespace natstat {

namespace {

std::string cell(std::string_view name, const Row& row, const TextStyle& style) {
    return to_text(column(name).get(row), style);
}

/// The tcpdump that catches one side of the flow.
std::string tcpdump_of(const Flow& flow, const Endpoint& a, const Endpoint& b) {
    const auto end = [](const Endpoint& each) {
        return "host " + to_text(each.address) +
               (each.port ? " and port " + std::to_string(*each.port) : "");
    };
    if (flow.is_icmp()) // the echo id is no port
        return "tcpdump -ni any " +
               std::string(flow.protocol == protocol::icmp ? "icmp" : "icmp6") + " and host " +
               to_text(a.address) + " and host " + to_text(b.address);
    return "tcpdump -ni any " + end(a) + " and " + end(b);
}

/// As conntrack(8) wants the original tuple.
std::string conntrack_end(const Flow& flow) {
    const Tuple original = flow.tuple(Direction::original);
    std::string text = "conntrack -D" + std::string(flow.family == Family::ipv6 ? " -f ipv6" : "") +
                       " -p " + to_text(Protocol{flow.protocol}) + " -s " +
                       to_text(original.source.address) + " -d " +
                       to_text(original.destination.address);
    const auto option = [&text](const char* name, unsigned value) {
        text += std::string(" ") + name + " " + std::to_string(value);
    };
    if (flow.is_icmp() && original.source.port) {
        const bool v4 = flow.protocol == protocol::icmp;
        if (const auto kind = flow.icmp(Direction::original)) {
            option(v4 ? "--icmp-type" : "--icmpv6-type", kind->type);
            option(v4 ? "--icmp-code" : "--icmpv6-code", kind->code);
        }
        option(v4 ? "--icmp-id" : "--icmpv6-id", *original.source.port);
    } else if (original.source.port && original.destination.port) {
        const bool keys = protocol_kind(flow.protocol).carries == Carries::keys;
        option(keys ? "--srckey" : "--sport", *original.source.port);
        option(keys ? "--dstkey" : "--dport", *original.destination.port);
    }
    const unsigned there = flow.zone_of(Direction::original);
    const unsigned back = flow.zone_of(Direction::reply);
    if (there != 0)
        option(there == back ? "-w" : "--orig-zone", there);
    else if (back != 0)
        option("--reply-zone", back);
    return text;
}

/// As conntrack says it.
std::string zone_of(const Row& row) {
    const bool there = row.flow.zone_of(Direction::original) != 0;
    const bool back = row.flow.zone_of(Direction::reply) != 0;
    return (there == back ? "zone "
            : there       ? "zone-orig "
                          : "zone-reply ") +
           cell("zone", row, TextStyle{});
}

void add_states(Lines& lines, const ShownRow& shown) {
    const TextStyle clock{nullptr, false, true, false};
    for (std::size_t i = 0; i < shown.life.stays; ++i) {
        const Stay stay = shown.life.stay(i);
        const std::string when = stay.since ? to_text(Instant{*stay.since}, clock) : "before    ";
        lines.emplace_back("  " + when + "  " +
                               std::string(state_label(shown.flow.protocol, stay.state)),
                           Role::plain);
    }
    if (shown.end)
        lines.emplace_back(
            "  " + to_text(Instant{shown.end->time}, clock) + "  " +
                std::string(ending_name(shown.end->ending.value_or(Ending::unknown))),
            Role::failed);
}

/// What is known of these columns, behind a word: nothing where that is nothing.
void add_known(Lines& lines, std::string_view word, std::span<const std::string_view> names,
               const Row& row, const TextStyle& style) {
    std::string text;
    for (const std::string_view name : names)
        if (const Value value = column(name).get(row); !is_absent(value))
            text += "  " + std::string(name) + " " + to_text(value, style);
    if (!text.empty())
        lines.emplace_back(std::string(word) + text, Role::plain);
}

/// Who is at its ends, as far as that was asked for or a log tells it.
void add_who(Lines& lines, const Row& row, const TextStyle& style) {
    constexpr std::string_view inside[] = {"workload", "process", "pid"};
    constexpr std::string_view outside[] = {"owner", "asn", "country", "service", "region"};
    constexpr std::string_view networks[] = {"src_net", "dst_net"};
    add_known(lines, "inside ", inside, row, style);
    add_known(lines, "outside", outside, row, style);
    add_known(lines, "network", networks, row, style);
}

/// The way through the NAT. With SNAT the end that opened the flow is inside, with DNAT the other.
std::string path_of(const Row& row) {
    const TextStyle numbers;
    const std::string source = cell("source", row, numbers);
    const std::string gateway = " -> NAT " + cell("gateway", row, numbers) + " -> ";
    const std::string destination = cell("destination", row, numbers);
    switch (row.nat) {
    case Nat::none:
        break;
    case Nat::snat:
        return "inside " + source + gateway + destination;
    case Nat::dnat:
        return "outside " + source + gateway + "inside " + destination;
    case Nat::both:
        return source + gateway + destination;
    }
    return source + " -> " + destination;
}

} // namespace

std::string first_command(const ShownRow& shown, const Picture& picture) {
    const Tuple original = shown.flow.tuple(Direction::original);
    return picture.within + tcpdump_of(shown.flow, original.source, original.destination);
}

Lines details_of(const ShownRow& shown, const Picture& picture, const Ui& ui) {
    const Row row = shown.row(picture.around);
    const TextStyle numbers{.ascii = picture.ascii};
    const TextStyle brief = screen_style(picture, ui);
    const std::string unit = ui.bits ? "b/s" : "B/s";
    Lines lines;
    const auto add = [&lines](std::string text, Role role = Role::plain) {
        lines.emplace_back(std::move(text), role);
    };
    const auto speed = [&](std::string_view rate) {
        return is_absent(column(rate).get(row)) ? std::string("-") : cell(rate, row, brief) + unit;
    };
    const auto direction = [&](std::string_view word, std::string_view packets,
                               std::string_view bytes, std::string_view rate,
                               const std::deque<unsigned>& speeds) {
        unsigned largest = 0;
        for (const unsigned each : speeds)
            largest = each == Speeds::unknown ? largest : std::max(largest, each);
        add(std::string(word) + cell(packets, row, numbers) + " packets  " +
            cell(bytes, row, brief) + "  " + speed(rate) + "  " +
            plot(speeds, Histories::seconds).front() +
            (speeds.empty() ? "" : " 60 s, █ " + speed_text(largest, ui.bits)));
    };
    add(cell("proto", row, numbers) + "  " + path_of(row));
    add("original  " + cell("original", row, numbers), Role::dim);
    add("reply     " + cell("reply", row, numbers), Role::dim);
    add_who(lines, row, numbers);
    add("");
    add("state " + cell("state", row, brief) + " for " + cell("held", row, brief) + ", idle " +
        cell("idle", row, brief) + ", expires in " + cell("timeout", row, brief) + ", age " +
        cell("age", row, brief));
    add("status " + cell("status", row, numbers));
    direction("up   ", "packets_up", "bytes_up", "rate_up", shown.speeds.up);
    direction("down ", "packets_down", "bytes_down", "rate_down", shown.speeds.down);
    add("mark " + cell("mark", row, numbers) + "  " + zone_of(row) + "  helper " +
        cell("helper", row, numbers) + "  id " + cell("id", row, numbers));
    add("");
    add("its states");
    add_states(lines, shown);
    add("");
    const Tuple original = shown.flow.tuple(Direction::original);
    const Tuple reply = shown.flow.tuple(Direction::reply);
    const std::string& within = picture.within;
    const bool opened_outside = row.nat == Nat::dnat;
    add((opened_outside ? "outside: " : "inside:  ") + within +
            tcpdump_of(shown.flow, original.source, original.destination),
        Role::key);
    if (row.nat != Nat::none)
        add((opened_outside ? "inside:  " : "outside: ") + within +
                tcpdump_of(shown.flow, reply.destination, reply.source),
            Role::key);
    add("end it:  " + within + conntrack_end(shown.flow), Role::key);
    return lines;
}

} // namespace natstat
