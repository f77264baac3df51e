// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A line of natstat's own JSON back into the event that it was written from. The tuples come out of
// source, NAT side and destination, which is all of them but for one end: of a flow with both
// translations the line does not say what was dialled, unless the raw tuples are in it.
#include "json_line.hpp"

#include "natstat/intake/text_source.hpp"
#include "natstat/model/life.hpp"
#include "natstat/model/nat.hpp"
#include "natstat/model/protocol.hpp"
#include "natstat/model/utf8.hpp"

#include <algorithm>
#include <utility>

namespace natstat {

namespace {

/// The sentence that says what is wrong; absent: nothing.
using Wrong = std::optional<std::string>;

template <typename Enum>
std::optional<Enum> named(std::span<const std::string_view> names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::nullopt
                                : std::optional(static_cast<Enum>(found - names.begin()));
}

JsonTuple mirror(const JsonTuple& tuple) {
    return {tuple.destination, tuple.source, tuple.destination_port, tuple.source_port};
}

/// Both tuples, out of what the ends are to each other (natstat/model/nat.hpp). Without a kind the
/// flow is not translated.
void find_tuples(JsonFields& fields, std::optional<FlowKind> kind) {
    JsonTuple& original = fields.original;
    JsonTuple& reply = fields.reply;
    if (original.source && reply.source)
        return;
    const JsonTuple ends{fields.source, fields.destination, fields.source_port,
                         fields.destination_port};
    reply = mirror(ends);
    if (kind == FlowKind::snat || kind == FlowKind::both) {
        reply.destination = fields.gateway;
        reply.destination_port = fields.gateway_port;
    }
    if (original.source)
        return;
    original = ends;
    if (kind == FlowKind::dnat) {
        original.destination = fields.gateway;
        original.destination_port = fields.gateway_port;
    }
    if (kind == FlowKind::both)
        original.destination = Address{*fields.family, {}}; // what was dialled is not known
}

bool set_tuple(Flow& flow, const JsonTuple& tuple, Direction direction) {
    const bool original = direction == Direction::original;
    const std::size_t first = original ? 0 : 2;
    if (!tuple.source || !tuple.destination || tuple.source->family != flow.family ||
        tuple.destination->family != flow.family)
        return false;
    flow.address[first] = tuple.source->bytes;
    flow.address[first + 1] = tuple.destination->bytes;
    flow.port[first] = tuple.source_port.value_or(0);
    flow.port[first + 1] = tuple.destination_port.value_or(0);
    flow.set(original ? Part::original : Part::reply);
    if (tuple.source_port || tuple.destination_port)
        flow.set(original ? Part::original_ports : Part::reply_ports);
    return true;
}

Wrong set_ends(Flow& flow, JsonFields& fields) {
    if (!fields.protocol || !fields.family)
        return "a flow has 'proto' and 'family'";
    flow.protocol = *fields.protocol;
    flow.family = *fields.family;
    const auto kind = fields.kind ? parse_flow_kind(*fields.kind) : std::nullopt;
    if (fields.kind && !kind)
        return "'kind' is none of snat, dnat, both, local and routed";
    if (kind == FlowKind::local || kind == FlowKind::routed)
        flow.reach = kind == FlowKind::local ? Reach::local : Reach::routed;
    find_tuples(fields, kind);
    if (set_tuple(flow, fields.original, Direction::original) &&
        set_tuple(flow, fields.reply, Direction::reply))
        return std::nullopt;
    return "a flow has 'kind', 'src', 'dst' and, where it is translated, 'gate', all of its family";
}

/// The number of a state by the label that it has in the protocol.
std::optional<StateNumber> state_number(std::uint8_t protocol, std::string_view label) {
    if (has_states(protocol))
        return parse_state(protocol, label);
    for (const StateNumber state : {stateless::unreplied, stateless::replied, stateless::assured})
        if (state_label(protocol, state) == label)
            return state;
    return std::nullopt;
}

template <typename Field, typename Value>
void set(Flow& flow, Part part, Field& field, const std::optional<Value>& value) {
    if (!value)
        return;
    field = *value;
    flow.set(part);
}

/// Whoever has written it may have read a text that hides whether an offloaded flow is assured.
void set_status(Flow& flow, const std::optional<std::uint32_t>& status) {
    set(flow, Part::status, flow.status, status);
    if (is_offloaded(flow) && (flow.status & status::assured) == 0)
        flow.status |= status::assured_untold;
}

Wrong set_state(Flow& flow, const std::optional<std::string_view>& label) {
    if (!label || !has_states(flow.protocol))
        return std::nullopt; // the status says it where a protocol has no states
    if (is_offloaded(flow) && *label == offload_label(flow))
        return std::nullopt; // the kernel tells no state of it
    const auto state = parse_state(flow.protocol, *label);
    if (!state)
        return "'state' is none of the protocol's";
    flow.state = *state & (state_limit - 1);
    flow.set(Part::state);
    return std::nullopt;
}

/// The number alone, as `-C zone` has it, is taken for that of both tuples.
void set_zone(Flow& flow, const JsonFields& fields) {
    const std::uint16_t original = fields.original_zone.value_or(0);
    const std::uint16_t reply = fields.reply_zone.value_or(0);
    if (original == reply)
        flow.set_zone(original != 0 ? original : fields.zone.value_or(0));
    else if (reply == 0)
        flow.set_zone(original, Direction::original);
    else
        flow.set_zone(reply, Direction::reply);
}

/// Beside the echo id: the reply tuple's type is that of the answer, its code the same.
void set_icmp(Flow& flow, const JsonFields& fields) {
    if (!flow.is_icmp() || !fields.icmp_type || !fields.icmp_code)
        return;
    const std::uint8_t type = *fields.icmp_type;
    const auto kind = [&](std::uint8_t of) {
        return static_cast<std::uint16_t>(of << 8 | *fields.icmp_code);
    };
    flow.port[1] = kind(type);
    flow.port[2] = kind(icmp_answer(flow.protocol, type).value_or(type));
    flow.set(Part::icmp);
}

void set_parts(Flow& flow, const JsonFields& fields) {
    set_zone(flow, fields);
    set_icmp(flow, fields);
    set(flow, Part::timeout, flow.timeout, fields.timeout);
    set(flow, Part::mark, flow.mark, fields.mark);
    set(flow, Part::id, flow.id, fields.id);
    if (fields.packets_up && fields.bytes_up) {
        set(flow, Part::counters_up, flow.packets_up, fields.packets_up);
        set(flow, Part::counters_up, flow.bytes_up, fields.bytes_up);
    }
    if (fields.packets_down && fields.bytes_down) {
        set(flow, Part::counters_down, flow.packets_down, fields.packets_down);
        set(flow, Part::counters_down, flow.bytes_down, fields.bytes_down);
    }
}

/// The age is in whole seconds, so the start is known to within one; of a listing, which has no
/// time, the age alone.
void set_start(Event& event, const JsonFields& fields) {
    if (!fields.age)
        return;
    if (!fields.time)
        return event.flow.set_age(std::chrono::seconds{*fields.age});
    const auto start = *fields.time - std::chrono::seconds{*fields.age};
    if (start < Time{})
        return;
    event.flow.set_start(std::chrono::floor<std::chrono::milliseconds>(start).time_since_epoch());
}

Wrong set_judgement(Event& event, const JsonFields& fields) {
    Judgement& judgement = event.judgement.emplace();
    judgement.by_list = fields.told == "list";
    judgement.held = fields.held;
    if (fields.was)
        judgement.was = state_number(event.flow.protocol, *fields.was);
    if (fields.was && !judgement.was)
        return "'was' is none of the protocol's states";
    if (fields.ending)
        judgement.ending = named<Ending>(ending_names(), *fields.ending);
    if (fields.ending && !judgement.ending)
        return "'ending' is none that there is";
    return std::nullopt;
}

/// What happened; a line of a listing does not say it.
Wrong set_kind(Event& event, const JsonFields& fields) {
    if (!fields.event)
        return std::nullopt;
    if (!fields.time)
        return "a step has a 'time'";
    event.time = *fields.time;
    event.run = fields.run.value_or(Time{});
    const auto kind = named<TransitionKind>(transition_names(), *fields.event);
    if (!kind)
        return "'event' is none that there is";
    switch (*kind) {
    case TransitionKind::created:
        event.kind = EventKind::created;
        break;
    case TransitionKind::changed:
        event.kind = EventKind::updated;
        break;
    case TransitionKind::ended:
        event.kind = EventKind::destroyed;
        break;
    case TransitionKind::listed:
        event.kind = EventKind::listed;
        break;
    case TransitionKind::started:
        event.kind = EventKind::started;
        break;
    case TransitionKind::whole:
        event.kind = EventKind::list_end;
        event.judgement.emplace().by_list = true;
        break;
    case TransitionKind::stopped:
        event.kind = EventKind::stopped;
        break;
    case TransitionKind::lost:
        event.kind = EventKind::lost;
        event.count = fields.lost.value_or(0);
        break;
    }
    return std::nullopt;
}

/// What stands between the flows of a log.
bool is_mark(EventKind kind) {
    return kind == EventKind::started || kind == EventKind::list_end || kind == EventKind::stopped;
}

Wrong fill(Event& event, JsonFields& fields) {
    if (auto wrong = set_kind(event, fields))
        return wrong;
    if (event.kind == EventKind::lost || is_mark(event.kind))
        return std::nullopt;
    if (auto wrong = set_ends(event.flow, fields))
        return wrong;
    set_status(event.flow, fields.status);
    if (auto wrong = set_state(event.flow, fields.state))
        return wrong;
    set_parts(event.flow, fields);
    set_start(event, fields);
    return fields.event ? set_judgement(event, fields) : std::nullopt;
}

/// Without what an array puts around an object that has a line of its own.
std::string_view without_array(std::string_view line) {
    constexpr std::string_view blanks = " \t\r";
    const auto trim = [&] {
        line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
        line = line.substr(0, line.find_last_not_of(blanks) + 1);
    };
    trim();
    if (line.starts_with('['))
        line.remove_prefix(1);
    if (line.ends_with(']')) // an object ends otherwise
        line.remove_suffix(1);
    if (line.ends_with(','))
        line.remove_suffix(1);
    trim();
    return line;
}

} // namespace

std::string JsonLines::take(std::string_view line, Batch& batch) {
    line = without_array(line);
    if (line.empty())
        return {};
    if (line.find('\0') != std::string_view::npos)
        return "it is binary data";
    room_.assign(line);
    JsonFields fields;
    if (std::string wrong = read_json_fields(room_.data(), fields); !wrong.empty())
        return wrong;
    Event event;
    if (auto wrong = fill(event, fields))
        return *wrong;
    Extras extras;
    extras.helper = unescaped(fields.helper.value_or(""));
    extras.secctx = unescaped(fields.secctx.value_or(""));
    extras.selection = unescaped(fields.filter.value_or(""));
    extras.has_labels = fields.labels.has_value();
    extras.labels = fields.labels.value_or(extras.labels);
    extras.known = std::move(fields.known);
    event.flow.extras = batch.extras.intern(extras);
    batch.events.push_back(event);
    return {};
}

} // namespace natstat
