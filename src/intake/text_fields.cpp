// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One function for each key, and the table of them. Keys are those of seq_show in
// net/netfilter/nf_conntrack_standalone.c and of conntrack(8). Tokens and flags are
// text_line.cpp's.
#include "text_fields.hpp"

#include "natstat/model/protocol.hpp"

#include <algorithm>
#include <utility>

namespace natstat {

namespace {

/// Protocols of which every tool and kernel prints the ports when it names the protocol.
bool always_has_ports(std::uint8_t number) {
    return protocol_kind(number).carries == Carries::ports;
}

} // namespace

// In the order in which they come, the rare ones last.
constexpr std::array<FlowFields::Field, 19> FlowFields::fields = {{
    {"src", &FlowFields::take_source, false},
    {"dst", &FlowFields::take_destination, false},
    {"sport", &FlowFields::take_source_port},
    {"dport", &FlowFields::take_destination_port},
    {"packets", &FlowFields::take_packets},
    {"bytes", &FlowFields::take_bytes},
    {"mark", &FlowFields::take_mark},
    {"use", &FlowFields::take_use},
    {"delta-time", &FlowFields::take_age},
    {"id", &FlowFields::take_id},
    {"zone", &FlowFields::take_zone},
    {"type", &FlowFields::take_type},
    {"code", &FlowFields::take_code},
    {"secctx", &FlowFields::take_secctx, false},
    {"helper", &FlowFields::take_helper, false},
    {"srckey", &FlowFields::take_source_key},
    {"dstkey", &FlowFields::take_destination_key},
    {"zone-orig", &FlowFields::take_original_zone},
    {"zone-reply", &FlowFields::take_reply_zone},
}};

bool FlowFields::take(std::string_view key, std::string_view value) {
    const auto* const field = find(key);
    took_number_ = field != fields.end() && field->is_number;
    if (field == fields.end())
        return !key.empty();
    next_ = field + 1;
    return (side_ >= 0 || key == "src") && (this->*field->take)(value);
}

/// Pairs come in the order of the table, so that nearly all of them are found at once.
const FlowFields::Field* FlowFields::find(std::string_view key) const {
    const auto is_it = [key](const Field& field) { return field.key == key; };
    if (next_ != fields.end() && is_it(*next_))
        return next_;
    return std::find_if(fields.begin(), fields.end(), is_it);
}

/// Notes that the current tuple has this; false when it had it before.
bool FlowFields::once(Seen what) {
    const bool first = (seen() & what) == 0;
    seen() |= what;
    return first;
}

bool FlowFields::take_source(std::string_view value) {
    ++side_;
    return side_ < 2 && take_end(source, 0, value);
}

bool FlowFields::take_end(Seen what, std::size_t offset, std::string_view value) {
    const auto address = parse_address(value);
    if (!address || !once(what))
        return false;
    if (flow_.family == Family::none)
        flow_.family = address->family;
    flow_.address[2 * static_cast<std::size_t>(side_) + offset] = address->bytes;
    return flow_.family == address->family;
}

bool FlowFields::take_port(Seen what, std::size_t offset, std::string_view value, int base) {
    std::uint16_t& port = flow_.port[2 * static_cast<std::size_t>(side_) + offset];
    return !flow_.is_icmp() && once(what) && read_number(value, port, base);
}

bool FlowFields::take_key(Seen what, std::size_t offset, std::string_view value) {
    return value.starts_with("0x") && take_port(what, offset, value.substr(2), 16);
}

bool FlowFields::take_icmp(Seen what, unsigned shift, std::string_view value) {
    std::uint8_t number = 0;
    if (!flow_.is_icmp() || !once(what) || !read_number(value, number))
        return false;
    // Flow::icmp(): type and code lie with the end that did not open the flow.
    std::uint16_t& kind = flow_.port[side_ == 0 ? 1 : 2];
    kind = static_cast<std::uint16_t>(kind | number << shift);
    flow_.set(Part::icmp);
    return true;
}

/// ICMP has an id in each tuple; the one after them is the flow's.
bool FlowFields::take_id(std::string_view value) {
    if (flow_.is_icmp() && (seen() & icmp_id) == 0)
        return once(icmp_id) && read_number(value, flow_.port[side_ == 0 ? 0 : 3]);
    flow_.set(Part::id);
    return in_tail() && read_any_number(value, flow_.id);
}

bool FlowFields::take_packets(std::string_view value) {
    return once(packets) && read_number(value, side_ == 0 ? flow_.packets_up : flow_.packets_down);
}

bool FlowFields::take_bytes(std::string_view value) {
    return once(bytes) && read_number(value, side_ == 0 ? flow_.bytes_up : flow_.bytes_down);
}

bool FlowFields::set_zone(std::string_view value, std::optional<Direction> only) {
    std::uint16_t zone = 0;
    if (std::exchange(zoned_, true) || !read_any_number(value, zone))
        return false;
    flow_.set_zone(zone, only); // the kernel's own text names the default zone, too
    return true;
}

bool FlowFields::take_mark(std::string_view value) {
    flow_.set(Part::mark);
    return in_tail() && read_any_number(value, flow_.mark);
}

bool FlowFields::take_use(std::string_view value) {
    std::uint32_t references = 0;
    used_ = read_any_number(value, references);
    return in_tail() && used_;
}

bool FlowFields::take_age(std::string_view value) {
    return in_tail() && read_number(value, age_.emplace());
}

bool FlowFields::take_helper(std::string_view value) {
    helper_ = value;
    return in_tail();
}

bool FlowFields::take_secctx(std::string_view value) {
    secctx_ = value;
    return in_tail();
}

void FlowFields::lengthen_secctx(std::string_view word) {
    const char* first = secctx_.data();
    secctx_ = {first, static_cast<std::size_t>(word.data() + word.size() - first)};
}

/// Whether the ports, keys or ICMP fields are all there, or none where there need be none; the same
/// for both tuples.
bool FlowFields::ports_fit(bool named) const {
    const unsigned ports = seen_[0] & port_bits;
    const unsigned all = flow_.is_icmp() ? type | code | icmp_id : source_port | destination_port;
    const bool needed = named && (flow_.is_icmp() || always_has_ports(flow_.protocol));
    return ports == (seen_[1] & port_bits) && (ports == all || (ports == 0 && !needed));
}

bool FlowFields::finish(bool named) {
    const auto has = [](unsigned seen, unsigned bits) { return (seen & bits) == bits; };
    if (!in_tail() || !has(seen_[0] & seen_[1], source | destination) || !ports_fit(named))
        return false;
    flow_.set(Part::original);
    flow_.set(Part::reply);
    if ((seen_[0] & port_bits) != 0) {
        flow_.set(Part::original_ports);
        flow_.set(Part::reply_ports);
    }
    if (has(seen_[0], packets | bytes))
        flow_.set(Part::counters_up);
    if (has(seen_[1], packets | bytes))
        flow_.set(Part::counters_down);
    return true;
}

} // namespace natstat
