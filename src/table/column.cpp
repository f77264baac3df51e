// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The column table and how each column reads its value out of a row.
#include "natstat/table/column.hpp"

#include "times.hpp"
#include "whose.hpp"

#include "natstat/model/protocol.hpp"
#include "natstat/table/groups.hpp"

#include <algorithm>
#include <array>

namespace natstat {

namespace {

/// netstat-nat's words for --sort that are not the name of a column.
constexpr struct {
    std::string_view old;
    std::string_view name;
} old_words[] = {{"src-port", "sport"}, {"dst-port", "dport"}};

/// Loopback, limited broadcast and link-local multicast: a router keeps these to itself (RFC 1812
/// 5.3.5, RFC 5771 4, RFC 4291 2.7).
bool is_never_forwarded(const Address& address) {
    const auto& bytes = address.bytes;
    if (address.family == Family::ipv6)
        return bytes[0] == 0xFF && (bytes[1] & 0xF) == 2;
    const bool broadcast =
        std::all_of(&bytes[0], &bytes[4], [](auto byte) { return byte == 0xFF; });
    return bytes[0] == 127 || broadcast || (bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0);
}

bool has_end(const Row& row, End end) {
    const bool original = end == End::original_source || end == End::original_destination;
    return row.flow.has(original ? Part::original : Part::reply);
}

Value place(const Row& row, End end) {
    if (!has_end(row, end))
        return Absent{};
    return Place{row.flow.end(end), row.flow.protocol};
}

Value address(const Row& row, End end) {
    if (!has_end(row, end))
        return Absent{};
    return row.flow.end(end).address;
}

Value port(const Row& row, End end) {
    if (!has_end(row, end))
        return Absent{};
    const auto number = row.flow.end(end).port;
    return number ? Value{Port{*number, row.flow.protocol}} : Absent{};
}

/// The destination's end, or the dialled one while the reply tuple is not known.
End destination(const Row& row) {
    return destination_end(row.nat);
}

template <Value (*part)(const Row&, End)>
Value of_source(const Row& row) {
    return part(row, source_end);
}

template <Value (*part)(const Row&, End)>
Value of_gateway(const Row& row) {
    return row.nat == Nat::none ? Value{Absent{}} : part(row, gateway_end(row.nat));
}

template <Value (*part)(const Row&, End)>
Value of_destination(const Row& row) {
    return part(row, destination(row));
}

/// Of a group by networks: the network.
template <std::optional<NetworkLengths> Cuts::*cut, Value (*get)(const Row&)>
Value cut_address(const Row& row) {
    const Value value = get(row);
    const auto* address = std::get_if<Address>(&value);
    if (address == nullptr || row.group == nullptr || !(row.group->cuts.*cut))
        return value;
    const NetworkLengths& lengths = *(row.group->cuts.*cut);
    return network_of(*address, address->family == Family::ipv4 ? lengths.ipv4 : lengths.ipv6);
}

template <Direction direction>
Value raw_tuple(const Row& row) {
    const bool there =
        row.flow.has(direction == Direction::original ? Part::original : Part::reply);
    return there ? Value{RawTuple{&row.flow, direction}} : Absent{};
}

Value family(const Row& row) {
    switch (row.flow.family) {
    case Family::none:
        return Absent{};
    case Family::ipv4:
        return Text{"ipv4"};
    case Family::ipv6:
        return Text{"ipv6"};
    }
    return Absent{};
}

Value kind(const Row& row) {
    const auto found = row.kind();
    return found ? Value{Text{flow_kind_name(*found)}} : Absent{};
}

/// The protocol's state; where a protocol has none, what the status flags say in its place:
/// UNREPLIED, nothing, ASSURED. The kernel tells no state of a flow that is offloaded.
Value state(const Row& row) {
    const Flow& flow = row.flow;
    if (flow.has(Part::state)) { // nearly all of them, and this is asked for every row
        const auto name = state_name(flow.protocol, flow.state);
        return name.empty() ? Value{Absent{}} : Text{name};
    }
    if (row.step == nullptr && is_offloaded(flow))
        return Text{offload_label(flow)};
    const auto number = state_of(flow);
    if (!number)
        return is_offloaded(flow) ? Value{Text{offload_label(flow)}} : Absent{};
    if (*number == stateless::replied && row.step == nullptr)
        return Text{""};
    return Text{natstat::state_label(flow.protocol, *number)};
}

std::string_view state_label(const Row& row, std::optional<StateNumber> number) {
    return number ? natstat::state_label(row.flow.protocol, *number) : std::string_view{};
}

Value when(const Row& row) {
    return row.step == nullptr || row.step->time == Time{} ? Value{Absent{}}
                                                           : Instant{row.step->time};
}

Value event(const Row& row) {
    return row.step == nullptr ? Value{Absent{}} : Text{transition_name(row.step->kind)};
}

Value was(const Row& row) {
    const auto name = row.step == nullptr ? std::string_view{} : state_label(row, row.step->from);
    return name.empty() ? Value{Absent{}} : Text{name};
}

Value ending(const Row& row) {
    return row.step != nullptr && row.step->ending ? Value{Text{ending_name(*row.step->ending)}}
                                                   : Absent{};
}

Value transition(const Row& row) {
    if (row.step == nullptr || !is_of_flow(row.step->kind))
        return Absent{};
    const auto from = state_label(row, row.step->from);
    if (row.step->ending)
        return Change{from, ending_name(*row.step->ending)};
    // The first state of a flow that was seen to come has nothing before it.
    const bool first = row.step->kind == TransitionKind::created;
    return Change{from.empty() && !first ? "?" : from, state_label(row, row.step->to)};
}

/// How it became known.
Value told_by(const Row& row) {
    if (row.step == nullptr || is_mark(row.step->kind))
        return Absent{};
    return Text{row.step->by_list ? "list" : "event"};
}

Value lost(const Row& row) {
    return row.step != nullptr && row.step->lost != 0 ? Value{Count{row.step->lost}} : Absent{};
}

Value status_of(const Row& row) {
    return row.flow.has(Part::status) ? Value{Flags{row.flow.status & ~status::assured_untold}}
                                      : Absent{};
}

template <typename Number>
using Sum = Group::Sum<Number>;

/// A counter of both directions, in a flow and in a group.
template <typename Number, std::uint64_t Flow::*up, std::uint64_t Flow::*down,
          Sum<std::uint64_t> Group::*group_up, Sum<std::uint64_t> Group::*group_down>
struct Counter {
    static Value upwards(const Row& row) { return one<Part::counters_up, up, group_up>(row); }
    static Value downwards(const Row& row) {
        return one<Part::counters_down, down, group_down>(row);
    }
    static Value sum(const Row& row) {
        const Value a = upwards(row);
        const Value b = downwards(row);
        if (is_absent(a) || is_absent(b))
            return Absent{};
        return Number{std::get<Number>(a).value + std::get<Number>(b).value};
    }

  private:
    template <Part part, std::uint64_t Flow::*counter, Sum<std::uint64_t> Group::*total>
    static Value one(const Row& row) {
        if (row.group != nullptr)
            return (row.group->*total).told ? Value{Number{(row.group->*total).value}} : Absent{};
        return row.flow.has(part) ? Value{Number{row.flow.*counter}} : Absent{};
    }
};
using PacketCounter = Counter<Count, &Flow::packets_up, &Flow::packets_down, &Group::packets_up,
                              &Group::packets_down>;
using ByteCounter =
    Counter<Bytes, &Flow::bytes_up, &Flow::bytes_down, &Group::bytes_up, &Group::bytes_down>;

/// Bytes a second between the last two tellings of the counters; negative: absent.
template <float Life::*of_flow, Sum<double> Group::*of_group>
double bytes_a_second(const Row& row) {
    if (row.group != nullptr)
        return (row.group->*of_group).told ? (row.group->*of_group).value : -1;
    return row.life == nullptr ? -1 : row.life->*of_flow;
}
constexpr auto speed_up = bytes_a_second<&Life::rate_up, &Group::rate_up>;
constexpr auto speed_down = bytes_a_second<&Life::rate_down, &Group::rate_down>;

Value rate_of(double speed) {
    return speed < 0 ? Value{Absent{}} : Rate{static_cast<std::uint64_t>(speed)};
}
Value rate_up(const Row& row) {
    return rate_of(speed_up(row));
}
Value rate_down(const Row& row) {
    return rate_of(speed_down(row));
}
Value rate(const Row& row) {
    const double up = speed_up(row);
    const double down = speed_down(row);
    return up < 0 || down < 0 ? Value{Absent{}} : rate_of(up + down);
}

template <std::uint32_t Group::*count>
Value group_count(const Row& row) {
    return row.group == nullptr ? Value{Absent{}} : Count{row.group->*count};
}
template <std::optional<std::uint32_t> Group::*count>
Value group_number(const Row& row) {
    return row.group != nullptr && row.group->*count ? Value{Count{*(row.group->*count)}}
                                                     : Absent{};
}

Value available(const Row& row) {
    return row.group != nullptr && row.group->pool ? Value{Count{row.group->pool->ports.size()}}
                                                   : Absent{};
}

Value used(const Row& row) {
    if (row.group == nullptr || !row.group->ports || !row.group->pool)
        return Absent{};
    constexpr std::uint64_t all = 100 * 100;
    return Percent{
        static_cast<std::uint32_t>(all * *row.group->ports / row.group->pool->ports.size())};
}

Value range_by(const Row& row) {
    return row.group != nullptr && row.group->pool ? Value{Text{range_by_name(row.group->pool->by)}}
                                                   : Absent{};
}

Value holders(const Row& row) {
    return row.group != nullptr && row.group->holders ? Value{Holders{row.group->holders.get()}}
                                                      : Absent{};
}

Value mark(const Row& row) {
    return row.flow.has(Part::mark) ? Value{Hex{row.flow.mark}} : Absent{};
}

Value zone(const Row& row) {
    return row.flow.has(Part::zone) ? Value{Count{row.flow.zone}} : Absent{};
}

template <Direction direction>
Value zone_in(const Row& row) {
    const std::uint16_t zone = row.flow.zone_of(direction);
    return zone != 0 ? Value{Count{zone}} : Absent{};
}

template <std::uint8_t IcmpKind::*number>
Value icmp_number(const Row& row) {
    const auto kind = row.flow.icmp(Direction::original);
    return kind ? Value{Count{(*kind).*number}} : Absent{};
}

Value id(const Row& row) {
    return row.flow.has(Part::id) ? Value{Count{row.flow.id}} : Absent{};
}

Value text_or_absent(const std::string& text) {
    return text.empty() ? Value{Absent{}} : Text{text};
}

Value helper(const Row& row) {
    return text_or_absent(row.extras.helper);
}
Value secctx(const Row& row) {
    return text_or_absent(row.extras.secctx);
}

Value labels(const Row& row) {
    return row.extras.has_labels ? Value{Labels{row.extras.labels, &row.around.label_names}}
                                 : Absent{};
}

/// The original tuple of one of an expectation's flows.
template <Flow Expectation::*of>
Value expected_tuple(const Row& row) {
    if (row.expected == nullptr || !(row.expected->*of).has(Part::original))
        return Absent{};
    return RawTuple{&(row.expected->*of), Direction::original};
}

std::optional<Endpoint> saved_end(const Row& row) {
    if (row.expected == nullptr || !row.expected->saved.has(Part::original))
        return std::nullopt;
    return row.expected->saved.end(End::original_source);
}
/// A helper that saved a port alone leaves the address zero (nf_nat_follow_master).
Value saved_address(const Row& row) {
    const auto end = saved_end(row);
    return end && end->address != Address{end->address.family, {}} ? Value{end->address} : Absent{};
}
Value saved_port(const Row& row) {
    const auto end = saved_end(row);
    return end && end->port ? Value{Port{*end->port, row.flow.protocol}} : Absent{};
}
Value saved_direction(const Row& row) {
    if (row.expected == nullptr || !row.expected->direction)
        return Absent{};
    return Text{row.expected->direction == Direction::original ? "original" : "reply"};
}

Value class_number(const Row& row) {
    return row.expected != nullptr && row.expected->number ? Value{Count{*row.expected->number}}
                                                           : Absent{};
}
Value flags_of_expectation(const Row& row) {
    return row.expected != nullptr && row.expected->flags
               ? Value{Text{expectation_flags(*row.expected->flags)}}
               : Absent{};
}
Value function_of_expectation(const Row& row) {
    return row.expected == nullptr ? Value{Absent{}} : text_or_absent(row.expected->function);
}

/// A gap in a stream is of no protocol.
Value protocol_of(const Row& row) {
    return row.flow.family == Family::none ? Value{Absent{}} : Protocol{row.flow.protocol};
}

// Zone 0 and mark 0 are left out by the kernel, or are what it says when nothing was set.
bool push_zone(ListCondition& condition, std::uint64_t value, std::uint64_t /*mask*/) {
    condition.zone = static_cast<std::uint16_t>(value);
    return value != 0 && value <= std::numeric_limits<std::uint16_t>::max();
}
bool push_mark(ListCondition& condition, std::uint64_t value, std::uint64_t mask) {
    constexpr std::uint64_t all = std::numeric_limits<std::uint32_t>::max();
    condition.mark_mask = static_cast<std::uint32_t>(mask & all);
    condition.mark_value = static_cast<std::uint32_t>(value);
    return value != 0 && value <= all;
}

constexpr auto left = Align::left;
constexpr auto right = Align::right;

constexpr auto both = Full::both, listing = Full::listing, steps = Full::steps,
               groups = Full::groups, no = Full::none;

// One row a column. The widths of proto, source, gateway and destination are netstat-nat's (6 and
// 31 with the blank behind).
// clang-format off
constexpr Column table[] = {
    {"time", "Time", "when it happened (of a step)",
     Kind::time, left, 26, when, {}, steps, Tells::step},
    {"event", "Event", "created, changed, ended, listed, or what stands between flows (of a step)",
     Kind::text, left, 7, event, {}, steps, Tells::step, {.words = Vocabulary::events}},
    {"proto", "Proto", "protocol, or its number",
     Kind::protocol, left, 5, protocol_of, {}, both, Tells::key},
    {"family", "Family", "ipv4 or ipv6",
     Kind::text, left, 0, family, {}, both, Tells::key, {.words = Vocabulary::families}},
    {"kind", "Kind", "snat, dnat, both, local (this host's own) or routed (forwarded, not NATed)",
     Kind::text, left, 0, kind, {}, both, Tells::key, {.words = Vocabulary::kinds}},
    {"source", "Source Address", "the end that opened the flow: original source",
     Kind::endpoint, left, 30, of_source<place>, {"src", "sport"}, both, Tells::key,
     {.ends = Ends::source}},
    {"src", "Source", "the source's address",
     Kind::address, left, 0, cut_address<&Cuts::src, of_source<address>>, {}, no, Tells::key,
     {.ends = Ends::source, .cut = &Cuts::src}},
    {"sport", "SPort", "the source's port (ICMP: echo id, GRE: key)",
     Kind::port, right, 0, of_source<port>, {}, no, Tells::key, {.ends = Ends::source}},
    {"gateway", "NAT-host Address", "the NAT side: where the other end sees or dials the flow",
     Kind::endpoint, left, 30, of_gateway<place>, {"gate", "gport"}, both, Tells::key,
     {.ends = Ends::gateway}},
    {"gate", "Gateway", "the NAT side's address",
     Kind::address, left, 0, cut_address<&Cuts::gate, of_gateway<address>>, {}, no, Tells::key,
     {.ends = Ends::gateway, .cut = &Cuts::gate}},
    {"gport", "GPort", "the NAT side's port",
     Kind::port, right, 0, of_gateway<port>, {}, no, Tells::key, {.ends = Ends::gateway}},
    {"destination", "Destination Address", "the end that answers; behind DNAT the real server",
     Kind::endpoint, left, 30, of_destination<place>, {"dst", "dport"}, both, Tells::key,
     {.ends = Ends::destination}},
    {"dst", "Destination", "the destination's address",
     Kind::address, left, 0, cut_address<&Cuts::dst, of_destination<address>>, {}, no, Tells::key,
     {.ends = Ends::destination, .cut = &Cuts::dst}},
    {"dport", "DPort", "the destination's port",
     Kind::port, right, 0, of_destination<port>, {}, no, Tells::key, {.ends = Ends::destination}},
    {"original", "Original", "the raw tuple of the original direction",
     Kind::tuple, left, 0, raw_tuple<Direction::original>,
     {"original_src", "original_sport", "original_dst", "original_dport"}, both, Tells::key,
     {.ends = Ends::original}},
    {"reply", "Reply", "the raw tuple of the reply direction",
     Kind::tuple, left, 0, raw_tuple<Direction::reply>,
     {"reply_src", "reply_sport", "reply_dst", "reply_dport"}, no, Tells::key,
     {.ends = Ends::reply}},
    {"state", "State", "the protocol's state; where it has none UNREPLIED, nothing, or ASSURED",
     Kind::text, left, 0, state, {}, both, Tells::key,
     {.words = Vocabulary::states, .present_state = true}},
    {"was", "Was", "the state that was left (of a step)",
     Kind::text, left, 0, was, {}, steps, Tells::step, {.words = Vocabulary::states}},
    {"transition", "Transition", "the old state and the new one, or how it ended (of a step)",
     Kind::change, left, 24, transition, {}, no, Tells::step},
    {"ending", "Ending", "closed, reset, no_reply, expired, deleted or unknown (of a step)",
     Kind::text, left, 0, ending, {}, steps, Tells::step, {.words = Vocabulary::endings}},
    {"told", "Told", "by an event, or by a list and so some time after it happened (of a step)",
     Kind::text, left, 0, told_by, {}, steps, Tells::step},
    {"lost", "Lost", "how many events are missing, if that is known (of a step)",
     Kind::count, right, 0, lost, {}, steps, Tells::step},
    {"status", "Status", "flags: assured, unreplied (nothing came back yet), offload, ...",
     Kind::flags, left, 0, status_of, {}, both, Tells::key},
    {"timeout", "Timeout", "seconds until it expires",
     Kind::duration, right, 0, times::timeout, {}, listing},
    {"idle", "Idle", "seconds since the last packet, where that can be known",
     Kind::duration, right, 0, times::idle, {}, listing},
    {"age", "Age", "seconds since it began (needs nf_conntrack_timestamp=1, or to have seen it)",
     Kind::duration, right, 0, times::age, {}, both},
    {"held", "Held", "seconds in the present state; of a step: in the state that was left",
     Kind::duration, right, 0, times::held, {}, steps, Tells::flow, {.followed = true}},
    {"packets_up", "Pkts-up", "packets from the source (needs nf_conntrack_acct=1)",
     Kind::count, right, 0, PacketCounter::upwards, {}, both, Tells::sum},
    {"packets_down", "Pkts-down", "packets to the source",
     Kind::count, right, 0, PacketCounter::downwards, {}, both, Tells::sum},
    {"packets", "Packets", "packets in both directions",
     Kind::count, right, 0, PacketCounter::sum, {}, no, Tells::sum},
    {"bytes_up", "Bytes-up", "bytes from the source",
     Kind::bytes, right, 0, ByteCounter::upwards, {}, both, Tells::sum},
    {"bytes_down", "Bytes-down", "bytes to the source",
     Kind::bytes, right, 0, ByteCounter::downwards, {}, both, Tells::sum},
    {"bytes", "Bytes", "bytes in both directions",
     Kind::bytes, right, 0, ByteCounter::sum, {}, no, Tells::sum},
    {"rate_up", "Rate-up", "bytes a second from the source (of flows that are followed)",
     Kind::rate, right, 0, rate_up, {}, no, Tells::sum, {.followed = true}},
    {"rate_down", "Rate-down", "bytes a second to the source (of flows that are followed)",
     Kind::rate, right, 0, rate_down, {}, no, Tells::sum, {.followed = true}},
    {"rate", "Rate", "bytes a second in both directions (of flows that are followed)",
     Kind::rate, right, 0, rate, {}, no, Tells::sum, {.followed = true}},
    {"mark", "Mark", "connection mark",
     Kind::hex, right, 0, mark, {}, both, Tells::key, {.push = push_mark}},
    {"zone", "Zone", "conntrack zone of the flow, where it is not the default one",
     Kind::count, right, 0, zone, {}, both, Tells::key, {.push = push_zone, .unsaid = 0}},
    {"zone_orig", "Zone-orig", "zone of the original tuple, where it is not the default one",
     Kind::count, right, 0, zone_in<Direction::original>, {}, both, Tells::key,
     {.push = push_zone, .unsaid = 0}},
    {"zone_reply", "Zone-reply", "that of the reply tuple: one NAT port is in use once in a zone",
     Kind::count, right, 0, zone_in<Direction::reply>, {}, both, Tells::key,
     {.push = push_zone, .unsaid = 0}},
    {"icmp_type", "Type", "ICMP type of the original tuple (echo: 8, ICMPv6: 128)",
     Kind::count, right, 0, icmp_number<&IcmpKind::type>, {}, both, Tells::key},
    {"icmp_code", "Code", "ICMP code of the original tuple",
     Kind::count, right, 0, icmp_number<&IcmpKind::code>, {}, both, Tells::key},
    {"id", "Id", "the kernel's number of the flow",
     Kind::count, right, 0, id, {}, both, Tells::key},
    {"helper", "Helper", "connection tracking helper",
     Kind::text, left, 0, helper, {}, both, Tells::key},
    {"labels", "Labels", "connection labels: names, or the bitmap",
     Kind::labels, left, 0, labels, {}, both, Tells::key},
    {"secctx", "Secctx", "security context",
     Kind::text, left, 0, secctx, {}, both, Tells::key},
    {"workload", "Workload", "of the end inside: container, pod, machine, namespace or leased name",
     Kind::text, left, 0, whose::workload, {}, no, Tells::key, {.knowledge = Knowledge::workloads}},
    {"src_workload", "Src-workload", "of the source; of a host in --top: who has its address now",
     Kind::text, left, 0, whose::source_workload, {}, no, Tells::flow,
     {.knowledge = Knowledge::workloads, .follows = "src"}},
    {"process", "Process", "of the socket at the end inside, where it is on this machine (root)",
     Kind::text, left, 0, whose::process, {}, no, Tells::key, {.knowledge = Knowledge::processes}},
    {"pid", "PID", "that process's number",
     Kind::count, right, 0, whose::process_id, {}, no, Tells::key,
     {.knowledge = Knowledge::processes}},
    {"service", "Service", "of the end outside, by AWS's ip-ranges.json: S3, EC2, ... (--networks)",
     Kind::text, left, 0, whose::service, {}, no, Tells::key, {.knowledge = Knowledge::networks}},
    {"region", "Region", "where that service is: eu-west-1, GLOBAL, ...",
     Kind::text, left, 0, whose::region, {}, no, Tells::key, {.knowledge = Knowledge::networks}},
    {"src_net", "Src-net", "the name that a list of networks has for the source (--networks)",
     Kind::text, left, 0, whose::source_network, {}, no, Tells::key,
     {.knowledge = Knowledge::networks, .follows = "src"}},
    {"dst_net", "Dst-net", "the name that a list of networks has for the destination",
     Kind::text, left, 0, whose::destination_network, {}, no, Tells::key,
     {.knowledge = Knowledge::networks, .follows = "dst"}},
    {"owner", "Owner", "of the end outside: the name of its autonomous system (a database)",
     Kind::text, left, 0, whose::owner, {}, no, Tells::key, {.knowledge = Knowledge::owners}},
    {"asn", "ASN", "the number of that autonomous system",
     Kind::count, right, 0, whose::as_number, {}, no, Tells::key, {.knowledge = Knowledge::owners}},
    {"country", "Country", "of the end outside: two letters (a database)",
     Kind::text, left, 0, whose::country, {}, no, Tells::key, {.knowledge = Knowledge::owners}},
    {"flows", "Flows", "how many flows (of a group)",
     Kind::count, right, 0, group_count<&Group::flows>, {}, groups, Tells::group},
    {"opening", "Opening", "TCP, SCTP, DCCP flows that are not established yet (of a group)",
     Kind::count, right, 0, group_count<&Group::opening>, {}, groups, Tells::group},
    {"established", "Established", "TCP, SCTP, DCCP flows that are established (of a group)",
     Kind::count, right, 0, group_count<&Group::established>, {}, groups, Tells::group},
    {"closing", "Closing", "TCP, SCTP, DCCP flows that are closing or closed (of a group)",
     Kind::count, right, 0, group_count<&Group::closing>, {}, groups, Tells::group},
    {"unanswered", "Unanswered", "flows to which nothing came back yet (of a group)",
     Kind::count, right, 0, group_count<&Group::unanswered>, {}, groups, Tells::group},
    {"uncounted", "Uncounted", "flows that packets, bytes and rates lack: not counted (of a group)",
     Kind::count, right, 0, group_count<&Group::uncounted>, {}, no, Tells::group},
    {"hosts", "Hosts", "different sources, each in its zone (of a group)",
     Kind::count, right, 0, group_number<&Group::hosts>, {}, no, Tells::group,
     {.counted = &Distinct::hosts}},
    {"ports", "Ports", "different NAT ports in use for SNAT (of a group)",
     Kind::count, right, 0, group_number<&Group::ports>, {}, no, Tells::group,
     {.counted = &Distinct::ports}},
    {"available", "Available", "NAT ports that there are for a destination (of --ports)",
     Kind::count, right, 0, available, {}, no, Tells::pool},
    {"used", "Used%", "ports in use of those available, per cent (of --ports)",
     Kind::percent, right, 0, used, {}, no, Tells::pool},
    {"range_by", "Range by", "how it is known which ports there are: kernel, rule, inferred, user",
     Kind::text, left, 0, range_by, {}, no, Tells::pool},
    {"holders", "Held by", "the workloads, else sources, with most of these ports (of --ports)",
     Kind::holders, left, 0, holders, {}, no, Tells::pool,
     {.counted = &Distinct::holders, .knowledge = Knowledge::workloads}},
    {"begun", "Begun", "flows that began a while ago (of what changed, in --top)",
     Kind::count, right, 0, group_count<&Group::begun>, {}, no, Tells::news},
    {"gone", "Gone", "flows that ended a while ago (of what changed, in --top)",
     Kind::count, right, 0, group_count<&Group::gone>, {}, no, Tells::news},
    {"failed", "Failed", "of these: refused, broken off or without any answer",
     Kind::count, right, 0, group_count<&Group::failed>, {}, no, Tells::news},
    {"master", "Master", "the connection in which a helper read it (of --expectations)",
     Kind::tuple, left, 0, expected_tuple<&Expectation::master>,
     {"master_src", "master_sport", "master_dst", "master_dport"}, no, Tells::expectation,
     {.ends = Ends::master}},
    {"mask", "Mask", "the bits of its tuple that have to fit (of --expectations)",
     Kind::tuple, left, 0, expected_tuple<&Expectation::mask>,
     {"mask_src", "mask_sport", "mask_dst", "mask_dport"}, no, Tells::expectation},
    {"saved", "Saved", "address that NAT leads to, unless the master's (of --expectations)",
     Kind::address, left, 0, saved_address, {}, no, Tells::expectation, {.ends = Ends::saved}},
    {"saved_port", "Saved-port", "port that NAT leads to (of --expectations)",
     Kind::port, right, 0, saved_port, {}, no, Tells::expectation, {.ends = Ends::saved}},
    {"direction", "Direction", "of its NAT, as the master's: original or reply (of --expectations)",
     Kind::text, left, 0, saved_direction, {}, no, Tells::expectation},
    {"class", "Class", "the number that the helper has for its like (of --expectations)",
     Kind::count, right, 0, class_number, {}, no, Tells::expectation},
    {"flags", "Flags", "permanent, inactive, userspace, or nothing (of --expectations)",
     Kind::text, left, 0, flags_of_expectation, {}, no, Tells::expectation},
    {"function", "Function", "what the kernel calls for its first packet (of --expectations)",
     Kind::text, left, 0, function_of_expectation, {}, no, Tells::expectation},
};
// clang-format on

constexpr auto names = [] {
    std::array<std::string_view, std::size(table)> result{};
    for (std::size_t i = 0; i < result.size(); ++i)
        result[i] = table[i].name;
    return result;
}();

} // namespace

bool Row::is_uncounted() const {
    const bool later = around.counted_later && life != nullptr && !life->listed;
    return !flow.has(Part::counters_up) && !later;
}

std::optional<FlowKind> Row::kind() const {
    switch (nat) {
    case Nat::snat:
        return FlowKind::snat;
    case Nat::dnat:
        return FlowKind::dnat;
    case Nat::both:
        return FlowKind::both;
    case Nat::none:
        break;
    }
    if (flow.reach != Reach::unknown)
        return flow.reach == Reach::local ? FlowKind::local : FlowKind::routed;
    // Without a reply tuple nobody knows whether it is translated.
    if (!around.local_addresses || !flow.has(Part::original) || !flow.has(Part::reply))
        return std::nullopt;
    const auto is_local = [this](End end) {
        const Address address = flow.end(end).address;
        return is_never_forwarded(address) || around.local_addresses->contains(address);
    };
    return is_local(End::original_source) || is_local(End::original_destination) ? FlowKind::local
                                                                                 : FlowKind::routed;
}

std::span<const Column> columns() {
    return table;
}

const Column* find_column(std::string_view name) {
    for (const auto& word : old_words)
        if (word.old == name)
            name = word.name;
    const auto found = std::find_if(std::begin(table), std::end(table),
                                    [&](const Column& c) { return c.name == name; });
    return found == std::end(table) ? nullptr : found;
}

const Column& column(std::string_view name) {
    return *find_column(name);
}

std::string unknown_column(std::string_view name) {
    std::string text = "unknown column '" + std::string(name) + "'";
    const auto near = nearest(name, names);
    return near.empty() ? text + " (--list-columns lists them)"
                        : text + " (did you mean '" + std::string(near) + "'?)";
}

std::span<const std::string_view> column_names() {
    return names;
}

} // namespace natstat
