// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Nest by nest: find the attributes, take what is there. The tuples, which every message has twice,
// are tried in the one layout that nearly all of them have first.
#include "natstat/intake/decoder.hpp"

#include "attributes.hpp"

#include "natstat/model/protocol.hpp"
#include "natstat/model/socket_address.hpp"

#include <bit>
#include <string>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sys/socket.h>

namespace natstat {

namespace {

using Bytes = AttributeBytes;

// What the kernel puts into these attributes: net/netfilter/nf_conntrack_netlink.c. The types count
// from 1 in the order of the header's enums.
constexpr AttributeSizes<CTA_TUPLE_MAX> tuple_sizes{0, 0, 0, 2};
constexpr AttributeSizes<CTA_IP_MAX> ip_sizes{0, 4, 4, 16, 16};
constexpr AttributeSizes<CTA_PROTO_MAX> proto_sizes{0, 1, 2, 2, 2, 1, 1, 2, 1, 1};
constexpr AttributeSizes<CTA_COUNTERS_BYTES> counter_sizes{0, 8, 8};
constexpr AttributeSizes<CTA_TIMESTAMP_START> timestamp_sizes{0, 8};
constexpr AttributeSizes<CTA_PROTOINFO_SCTP> protoinfo_sizes{};
constexpr AttributeSizes<1> state_sizes{0, 1}; // the state is type 1 for every protocol
constexpr AttributeSizes<1> text_sizes{};      // and so are the names of helpers and contexts
constexpr std::size_t newest_type = CTA_LABELS;
constexpr auto message_sizes = [] {
    AttributeSizes<newest_type> sizes{};
    for (const int type : {CTA_STATUS, CTA_TIMEOUT, CTA_MARK, CTA_ID})
        sizes[static_cast<std::size_t>(type)] = 4;
    sizes[CTA_ZONE] = 2;
    return sizes;
}();

/// The header of an attribute as the kernel writes it, as one number to compare with.
constexpr std::uint32_t header(std::size_t payload_size, unsigned type) {
    return std::bit_cast<std::uint32_t>(nlattr{
        static_cast<std::uint16_t>(NLA_HDRLEN + payload_size), static_cast<std::uint16_t>(type)});
}

bool has_header(const std::uint8_t* at, std::uint32_t expected) {
    std::uint32_t found;
    std::memcpy(&found, at, sizeof found);
    return found == expected;
}

/// One half of a flow while it is being read.
struct Half {
    Flow& flow;
    bool original;

    [[nodiscard]] std::size_t first() const { return original ? 0 : 2; }

    void put_addresses(const std::uint8_t* source, const std::uint8_t* destination,
                       std::size_t size) {
        std::memcpy(flow.address[first()].data(), source, size);
        std::memcpy(flow.address[first() + 1].data(), destination, size);
        flow.set(original ? Part::original : Part::reply);
    }
    void put_ports(std::uint16_t source, std::uint16_t destination) {
        flow.port[first()] = source;
        flow.port[first() + 1] = destination;
        flow.set(original ? Part::original_ports : Part::reply_ports);
    }
    /// The id belongs to the end that opened the flow, the other end's place has type and code.
    void put_icmp(std::uint16_t id, std::uint8_t type, std::uint8_t code) {
        const auto kind = static_cast<std::uint16_t>(type << 8 | code);
        original ? put_ports(id, kind) : put_ports(kind, id);
        flow.set(Part::icmp);
    }
    /// Both halves of a flow have one protocol, as the kernel's always do.
    [[nodiscard]] bool put_protocol(std::uint8_t number) {
        if (!original && number != flow.protocol)
            return false;
        flow.protocol = number;
        return true;
    }
};

/// The short way for what nearly every tuple is: addresses, protocol and two ports, laid out as
/// ctnetlink_dump_tuples writes them. All headers are compared, so it takes nothing that take_tuple
/// would take in another way; what looks different is left to that.
template <Family family>
bool take_usual_tuple(Half& half, Bytes payload) {
    constexpr bool ipv4 = family == Family::ipv4;
    constexpr std::size_t size = address_size(family);
    constexpr std::size_t ip =
        NLA_HDRLEN + 2 * (NLA_HDRLEN + size);             // bytes of the nest of addresses
    constexpr std::size_t ports = 4 * NLA_HDRLEN + 3 * 4; // and of that of the ports
    if (payload.size() != ip + ports)
        return false;
    const std::uint8_t* at = payload.data();
    const std::uint8_t* source = at + 2 * NLA_HDRLEN;
    const std::uint8_t* destination = source + size + NLA_HDRLEN;
    const std::uint8_t* number = at + ip + 2 * NLA_HDRLEN;
    const std::uint8_t* source_port = number + 4 + NLA_HDRLEN;
    const std::uint8_t* destination_port = source_port + 4 + NLA_HDRLEN;
    const bool usual =
        has_header(at, header(ip - NLA_HDRLEN, CTA_TUPLE_IP | NLA_F_NESTED)) &&
        has_header(source - NLA_HDRLEN, header(size, ipv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC)) &&
        has_header(destination - NLA_HDRLEN, header(size, ipv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST)) &&
        has_header(at + ip, header(ports - NLA_HDRLEN, CTA_TUPLE_PROTO | NLA_F_NESTED)) &&
        has_header(number - NLA_HDRLEN, header(1, CTA_PROTO_NUM)) &&
        has_header(source_port - NLA_HDRLEN, header(2, CTA_PROTO_SRC_PORT)) &&
        has_header(destination_port - NLA_HDRLEN, header(2, CTA_PROTO_DST_PORT));
    const bool icmp = *number == protocol::icmp || *number == protocol::icmpv6;
    if (!usual || icmp || !half.put_protocol(*number))
        return false;
    half.put_addresses(source, destination, size);
    half.put_ports(big_endian<std::uint16_t>(source_port),
                   big_endian<std::uint16_t>(destination_port));
    return true;
}

/// Ports or, for ICMP, id, type and code: the half has them only when all of them came.
bool take_protocol(Half& half, Bytes payload) {
    Attributes<CTA_PROTO_MAX> parts;
    if (!parts.read(payload, proto_sizes))
        return false;
    const auto number =
        parts.has(CTA_PROTO_NUM) ? parts.number<std::uint8_t>(CTA_PROTO_NUM) : std::uint8_t{0};
    if (!half.put_protocol(number))
        return false;
    const auto icmp = [&](std::size_t id, std::size_t type, std::size_t code) {
        if (parts.has({id, type, code}))
            half.put_icmp(parts.number<std::uint16_t>(id), parts.number<std::uint8_t>(type),
                          parts.number<std::uint8_t>(code));
    };
    if (number == protocol::icmp)
        icmp(CTA_PROTO_ICMP_ID, CTA_PROTO_ICMP_TYPE, CTA_PROTO_ICMP_CODE);
    else if (number == protocol::icmpv6)
        icmp(CTA_PROTO_ICMPV6_ID, CTA_PROTO_ICMPV6_TYPE, CTA_PROTO_ICMPV6_CODE);
    else if (parts.has({CTA_PROTO_SRC_PORT, CTA_PROTO_DST_PORT}))
        half.put_ports(parts.number<std::uint16_t>(CTA_PROTO_SRC_PORT),
                       parts.number<std::uint16_t>(CTA_PROTO_DST_PORT));
    return true;
}

bool take_addresses(Half& half, Bytes payload) {
    Attributes<CTA_IP_MAX> addresses;
    if (!addresses.read(payload, ip_sizes))
        return false;
    const bool ipv4 = half.flow.family == Family::ipv4;
    const std::size_t source = ipv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC;
    const std::size_t destination = ipv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST;
    const bool other = ipv4 ? addresses.has(CTA_IP_V6_SRC) || addresses.has(CTA_IP_V6_DST)
                            : addresses.has(CTA_IP_V4_SRC) || addresses.has(CTA_IP_V4_DST);
    if (other || !addresses.has({source, destination}))
        return false;
    half.put_addresses(addresses[source].data(), addresses[destination].data(),
                       addresses[source].size());
    return true;
}

bool take_tuple(Half half, Bytes payload) {
    const bool usual = half.flow.family == Family::ipv4
                           ? take_usual_tuple<Family::ipv4>(half, payload)
                           : take_usual_tuple<Family::ipv6>(half, payload);
    if (usual)
        return true;
    Attributes<CTA_TUPLE_MAX> tuple;
    if (!tuple.read(payload, tuple_sizes) || !tuple.has(CTA_TUPLE_IP) ||
        !take_addresses(half, tuple[CTA_TUPLE_IP]))
        return false;
    if (tuple.has(CTA_TUPLE_PROTO) ? !take_protocol(half, tuple[CTA_TUPLE_PROTO])
                                   : !half.put_protocol(0))
        return false;
    if (tuple.has(CTA_TUPLE_ZONE))
        half.flow.set_zone(tuple.number<std::uint16_t>(CTA_TUPLE_ZONE),
                           half.original ? Direction::original : Direction::reply);
    return true;
}

/// The state counts only where it is that of the flow's own protocol.
bool take_state(Flow& flow, Bytes payload) {
    Attributes<CTA_PROTOINFO_SCTP> nests;
    if (!nests.read(payload, protoinfo_sizes))
        return false;
    const std::size_t own = protocol_kind(flow.protocol).state_nest;
    for (std::size_t nest = CTA_PROTOINFO_TCP; nest <= CTA_PROTOINFO_SCTP; ++nest) {
        Attributes<1> info;
        if (nests.has(nest) && !info.read(nests[nest], state_sizes))
            return false;
        if (nest == own && info.has(1) && info.number<std::uint8_t>(1) < state_limit) {
            flow.state = info.number<std::uint8_t>(1) & (state_limit - 1);
            flow.set(Part::state);
        }
    }
    return true;
}

bool take_counters(Flow& flow, bool up, Bytes payload) {
    Attributes<CTA_COUNTERS_BYTES> counters;
    if (!counters.read(payload, counter_sizes))
        return false;
    if (counters.has({CTA_COUNTERS_PACKETS, CTA_COUNTERS_BYTES})) {
        (up ? flow.packets_up : flow.packets_down) =
            counters.number<std::uint64_t>(CTA_COUNTERS_PACKETS);
        (up ? flow.bytes_up : flow.bytes_down) = counters.number<std::uint64_t>(CTA_COUNTERS_BYTES);
        flow.set(up ? Part::counters_up : Part::counters_down);
    }
    return true;
}

bool take_start(Flow& flow, Bytes payload) {
    Attributes<CTA_TIMESTAMP_START> times;
    if (!times.read(payload, timestamp_sizes))
        return false;
    if (times.has(CTA_TIMESTAMP_START)) {
        constexpr std::uint64_t nanoseconds = 1'000'000; // in a millisecond
        const auto milliseconds = times.number<std::uint64_t>(CTA_TIMESTAMP_START) / nanoseconds;
        flow.set_start(std::chrono::milliseconds{milliseconds});
    }
    return true;
}

/// A text of the kernel's: up to the NUL that ends it, which may be missing.
bool take_text(std::string& text, Bytes payload) {
    Attributes<1> names;
    if (!names.read(payload, text_sizes))
        return false;
    if (names.has(1)) {
        const auto* characters = reinterpret_cast<const char*>(names[1].data());
        text.assign(characters, strnlen(characters, names[1].size()));
    }
    return true;
}

bool take_labels(Extras& extras, Bytes payload) {
    if (payload.size() > extras.labels.size())
        return false;
    if (!payload.empty())
        std::memcpy(extras.labels.data(), payload.data(), payload.size());
    extras.has_labels = !payload.empty();
    return true;
}

using Message = Attributes<newest_type>;

void take_numbers(Flow& flow, const Message& message) {
    const auto take = [&](std::size_t type, Part part, auto& value) {
        if (!message.has(type))
            return;
        value = message.number<std::uint32_t>(type);
        flow.set(part);
    };
    take(CTA_STATUS, Part::status, flow.status);
    take(CTA_TIMEOUT, Part::timeout, flow.timeout);
    take(CTA_MARK, Part::mark, flow.mark);
    take(CTA_ID, Part::id, flow.id);
    if (message.has(CTA_ZONE))
        flow.set_zone(message.number<std::uint16_t>(CTA_ZONE));
}

bool take_extras(Flow& flow, const Message& message, ExtrasPool& pool) {
    if (!message.has(CTA_HELP) && !message.has(CTA_SECCTX) && !message.has(CTA_LABELS))
        return true;
    Extras extras;
    const bool good = (!message.has(CTA_HELP) || take_text(extras.helper, message[CTA_HELP])) &&
                      (!message.has(CTA_SECCTX) || take_text(extras.secctx, message[CTA_SECCTX])) &&
                      (!message.has(CTA_LABELS) || take_labels(extras, message[CTA_LABELS]));
    if (good)
        flow.extras = pool.intern(extras);
    return good;
}

bool take_all(Flow& flow, const Message& message, ExtrasPool& pool) {
    const auto if_there = [&message](std::size_t type, auto&& take) {
        return !message.has(type) || take(message[type]);
    };
    take_numbers(flow, message);
    return message.has(CTA_TUPLE_ORIG) && take_tuple({flow, true}, message[CTA_TUPLE_ORIG]) &&
           if_there(CTA_TUPLE_REPLY,
                    [&](Bytes nest) {
                        return take_tuple({flow, false}, nest);
                    }) &&
           if_there(CTA_PROTOINFO, [&](Bytes nest) { return take_state(flow, nest); }) &&
           if_there(CTA_COUNTERS_ORIG,
                    [&](Bytes nest) { return take_counters(flow, true, nest); }) &&
           if_there(CTA_COUNTERS_REPLY,
                    [&](Bytes nest) { return take_counters(flow, false, nest); }) &&
           if_there(CTA_TIMESTAMP, [&](Bytes nest) { return take_start(flow, nest); }) &&
           take_extras(flow, message, pool);
}

} // namespace

bool decode_tuple(std::span<const std::uint8_t> nest, Flow& flow) {
    return take_tuple({flow, true}, nest);
}

bool decode_flow(std::span<const std::uint8_t> payload, Flow& flow, ExtrasPool& extras) {
    constexpr std::size_t head_size = NLMSG_ALIGN(sizeof(nfgenmsg));
    if (payload.size() < head_size)
        return false;
    flow.family = family_of(payload[0]);
    if (flow.family == Family::none)
        return false;
    Message message;
    return message.read(payload.subspan(head_size), message_sizes) &&
           take_all(flow, message, extras);
}

} // namespace natstat
