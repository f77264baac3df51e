// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// One pass over the attributes of a message, in whatever order they come. An attribute that comes
// twice counts as the kernel's own parser counts it: the last one.
#include "natstat/intake/decoder.hpp"

#include "natstat/model/protocol.hpp"

#include <bit>
#include <cstring>
#include <string>

#include <endian.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <sys/socket.h>

namespace natstat {

namespace {

using Bytes = std::span<const std::uint8_t>;

template <typename Number>
Number big_endian(const std::uint8_t* bytes) {
    Number value;
    std::memcpy(&value, bytes, sizeof value);
    if constexpr (sizeof value == 8)
        return be64toh(value);
    else if constexpr (sizeof value == 4)
        return be32toh(value);
    else if constexpr (sizeof value == 2)
        return be16toh(value);
    else
        return value;
}

/// Walks the attributes in `bytes`; `take(type, payload)` returns false for a wrong length. False
/// when that happened or when the attributes do not fill `bytes` exactly.
template <typename Take>
bool walk(Bytes bytes, Take&& take) {
    while (bytes.size() >= NLA_HDRLEN) {
        nlattr head;
        std::memcpy(&head, bytes.data(), sizeof head);
        if (head.nla_len < NLA_HDRLEN || head.nla_len > bytes.size())
            return false;
        if (!take(head.nla_type & NLA_TYPE_MASK,
                  bytes.subspan(NLA_HDRLEN, head.nla_len - std::size_t{NLA_HDRLEN})))
            return false;
        const std::size_t step = NLA_ALIGN(head.nla_len);
        if (step > bytes.size())
            return false;
        bytes = bytes.subspan(step);
    }
    return bytes.empty();
}

template <typename Number>
bool take_number(Bytes payload, Number& value) {
    if (payload.size() != sizeof value)
        return false;
    value = big_endian<Number>(payload.data());
    return true;
}

/// A tuple while it is being read: which of its numbers were there.
struct TupleParts {
    std::array<std::array<std::uint8_t, 16>, 2> address{};
    bool has_source = false;
    bool has_destination = false;
    Family family = Family::none;
    std::uint8_t protocol = 0;
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint8_t port_parts = 0; // 1: source, 2: destination
    std::uint16_t icmp_id = 0;
    std::uint8_t icmp_type = 0;
    std::uint8_t icmp_code = 0;
    std::uint8_t icmp_parts = 0; // 1: id, 2: type, 4: code
    std::uint16_t zone = 0;
    bool has_zone = false;
};

bool take_address(TupleParts& tuple, Bytes payload, Family family, bool source) {
    if (payload.size() != address_size(family))
        return false;
    if (tuple.family != Family::none && tuple.family != family)
        return false;
    tuple.family = family;
    std::memcpy(tuple.address[source ? 0 : 1].data(), payload.data(), payload.size());
    (source ? tuple.has_source : tuple.has_destination) = true;
    return true;
}

bool take_ip(TupleParts& tuple, Bytes payload) {
    return walk(payload, [&](int type, Bytes value) {
        switch (type) {
        case CTA_IP_V4_SRC:
            return take_address(tuple, value, Family::ipv4, true);
        case CTA_IP_V4_DST:
            return take_address(tuple, value, Family::ipv4, false);
        case CTA_IP_V6_SRC:
            return take_address(tuple, value, Family::ipv6, true);
        case CTA_IP_V6_DST:
            return take_address(tuple, value, Family::ipv6, false);
        default:
            return true;
        }
    });
}

template <typename Number>
bool take_part(Bytes payload, Number& value, std::uint8_t& parts, std::uint8_t part) {
    parts |= part;
    return take_number(payload, value);
}

bool take_protocol(TupleParts& tuple, Bytes payload) {
    return walk(payload, [&](int type, Bytes value) {
        switch (type) {
        case CTA_PROTO_NUM:
            return take_number(value, tuple.protocol);
        case CTA_PROTO_SRC_PORT:
            return take_part(value, tuple.source_port, tuple.port_parts, 1);
        case CTA_PROTO_DST_PORT:
            return take_part(value, tuple.destination_port, tuple.port_parts, 2);
        case CTA_PROTO_ICMP_ID:
        case CTA_PROTO_ICMPV6_ID:
            return take_part(value, tuple.icmp_id, tuple.icmp_parts, 1);
        case CTA_PROTO_ICMP_TYPE:
        case CTA_PROTO_ICMPV6_TYPE:
            return take_part(value, tuple.icmp_type, tuple.icmp_parts, 2);
        case CTA_PROTO_ICMP_CODE:
        case CTA_PROTO_ICMPV6_CODE:
            return take_part(value, tuple.icmp_code, tuple.icmp_parts, 4);
        default:
            return true;
        }
    });
}

bool read_tuple(TupleParts& tuple, Bytes payload) {
    return walk(payload, [&](int type, Bytes value) {
        switch (type) {
        case CTA_TUPLE_IP:
            return take_ip(tuple, value);
        case CTA_TUPLE_PROTO:
            return take_protocol(tuple, value);
        case CTA_TUPLE_ZONE:
            tuple.has_zone = true;
            return take_number(value, tuple.zone);
        default:
            return true;
        }
    });
}

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

/// The short way for what nearly every tuple is: addresses, protocol and two ports, laid out as
/// ctnetlink_dump_tuples writes them. All headers are compared, so it takes nothing that read_tuple
/// would read in another way; what looks different is left to that.
template <Family family>
bool read_usual_tuple(TupleParts& tuple, Bytes payload) {
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
    if (!usual)
        return false;
    std::memcpy(tuple.address[0].data(), source, size);
    std::memcpy(tuple.address[1].data(), destination, size);
    tuple.has_source = tuple.has_destination = true;
    tuple.family = family;
    tuple.protocol = *number;
    tuple.source_port = big_endian<std::uint16_t>(source_port);
    tuple.destination_port = big_endian<std::uint16_t>(destination_port);
    tuple.port_parts = 3;
    return true;
}

bool is_icmp(std::uint8_t number) {
    return number == protocol::icmp || number == protocol::icmpv6;
}

/// Whether both tuples of a flow speak of one family and protocol, as the kernel's always do.
bool fits_other_half(const Flow& flow, const TupleParts& tuple, Part other) {
    return !flow.has(other) || (flow.family == tuple.family && flow.protocol == tuple.protocol);
}

/// Ports or, for ICMP, id, type and code: the half has them only when all of them came.
void put_ports(Flow& flow, const TupleParts& tuple, bool original) {
    const std::size_t first = original ? 0 : 2;
    if (is_icmp(tuple.protocol)) {
        const auto kind = static_cast<std::uint16_t>(tuple.icmp_type << 8 | tuple.icmp_code);
        flow.port[first] = original ? tuple.icmp_id : kind;
        flow.port[first + 1] = original ? kind : tuple.icmp_id;
        if (tuple.icmp_parts != 7)
            return;
    } else {
        flow.port[first] = tuple.source_port;
        flow.port[first + 1] = tuple.destination_port;
        if (tuple.port_parts != 3)
            return;
    }
    flow.set(original ? Part::original_ports : Part::reply_ports);
}

/// Puts a tuple that was read into its half of the flow.
bool take_tuple(Flow& flow, Direction direction, Bytes payload) {
    TupleParts tuple;
    const bool original = direction == Direction::original;
    const bool read = read_usual_tuple<Family::ipv4>(tuple, payload) ||
                      read_usual_tuple<Family::ipv6>(tuple, payload) || read_tuple(tuple, payload);
    if (!read || !tuple.has_source || !tuple.has_destination ||
        !fits_other_half(flow, tuple, original ? Part::reply : Part::original))
        return false;
    const std::size_t first = original ? 0 : 2;
    flow.address[first] = tuple.address[0];
    flow.address[first + 1] = tuple.address[1];
    flow.set(original ? Part::original : Part::reply);
    flow.protocol = tuple.protocol;
    flow.family = tuple.family;
    put_ports(flow, tuple, original);
    if (tuple.has_zone) {
        flow.zone = tuple.zone;
        flow.set(Part::zone);
        flow.set(original ? Part::zone_original_only : Part::zone_reply_only);
    }
    return true;
}

/// The state of the protocol that the nest is for; it counts only if that is the flow's protocol.
struct StateSeen {
    std::uint8_t protocol = 0;
    std::uint8_t state = state_limit;
};

bool take_state(StateSeen& seen, Bytes payload, std::uint8_t protocol, int state_type) {
    return walk(payload, [&](int type, Bytes value) {
        if (type != state_type)
            return true;
        seen.protocol = protocol;
        return take_number(value, seen.state);
    });
}

bool take_protoinfo(StateSeen& seen, Bytes payload) {
    return walk(payload, [&](int type, Bytes value) {
        switch (type) {
        case CTA_PROTOINFO_TCP:
            return take_state(seen, value, protocol::tcp, CTA_PROTOINFO_TCP_STATE);
        case CTA_PROTOINFO_DCCP:
            return take_state(seen, value, protocol::dccp, CTA_PROTOINFO_DCCP_STATE);
        case CTA_PROTOINFO_SCTP:
            return take_state(seen, value, protocol::sctp, CTA_PROTOINFO_SCTP_STATE);
        default:
            return true;
        }
    });
}

bool take_counters(Flow& flow, Direction direction, Bytes payload) {
    const bool up = direction == Direction::original;
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
    std::uint8_t parts = 0;
    const bool good = walk(payload, [&](int type, Bytes value) {
        if (type == CTA_COUNTERS_PACKETS)
            return take_part(value, packets, parts, 1);
        if (type == CTA_COUNTERS_BYTES)
            return take_part(value, bytes, parts, 2);
        return true;
    });
    if (!good)
        return false;
    if (parts == 3) {
        (up ? flow.packets_up : flow.packets_down) = packets;
        (up ? flow.bytes_up : flow.bytes_down) = bytes;
        flow.set(up ? Part::counters_up : Part::counters_down);
    }
    return true;
}

bool take_start(Flow& flow, Bytes payload) {
    return walk(payload, [&](int type, Bytes value) {
        if (type != CTA_TIMESTAMP_START)
            return true;
        std::uint64_t nanoseconds = 0;
        if (!take_number(value, nanoseconds))
            return false;
        // 2^64 nanoseconds are fewer milliseconds than the field holds.
        flow.start_ms = nanoseconds / 1'000'000 & ((std::uint64_t{1} << 48) - 1);
        flow.set(Part::start);
        return true;
    });
}

/// A text attribute of the kernel's: up to the NUL that ends it, which may be missing.
bool take_text(Bytes payload, int wanted, std::string& text) {
    return walk(payload, [&](int type, Bytes value) {
        if (type == wanted) {
            const auto* characters = reinterpret_cast<const char*>(value.data());
            text.assign(characters, strnlen(characters, value.size()));
        }
        return true;
    });
}

bool take_labels(Extras& extras, Bytes payload) {
    if (payload.size() > extras.labels.size())
        return false;
    extras.labels = {};
    std::memcpy(extras.labels.data(), payload.data(), payload.size());
    extras.has_labels = true;
    return true;
}

template <typename Number>
bool take_flow_part(Flow& flow, Part part, Bytes payload, Number& value) {
    flow.set(part);
    return take_number(payload, value);
}

/// What the attributes of one message add up to before it is known whether they are all there.
struct Message {
    Flow& flow;
    StateSeen state{};
    Extras extras{};

    bool take(int type, Bytes payload) {
        switch (type) {
        case CTA_TUPLE_ORIG:
            return take_tuple(flow, Direction::original, payload);
        case CTA_TUPLE_REPLY:
            return take_tuple(flow, Direction::reply, payload);
        case CTA_STATUS:
            return take_flow_part(flow, Part::status, payload, flow.status);
        case CTA_TIMEOUT:
            return take_flow_part(flow, Part::timeout, payload, flow.timeout);
        case CTA_MARK:
            return take_flow_part(flow, Part::mark, payload, flow.mark);
        case CTA_ID:
            return take_flow_part(flow, Part::id, payload, flow.id);
        case CTA_COUNTERS_ORIG:
            return take_counters(flow, Direction::original, payload);
        case CTA_COUNTERS_REPLY:
            return take_counters(flow, Direction::reply, payload);
        case CTA_PROTOINFO:
            return take_protoinfo(state, payload);
        case CTA_TIMESTAMP:
            return take_start(flow, payload);
        default:
            return take_rare(type, payload);
        }
    }

    bool take_rare(int type, Bytes payload) {
        switch (type) {
        case CTA_ZONE: {
            std::uint16_t zone = 0;
            const bool good = take_flow_part(flow, Part::zone, payload, zone);
            flow.zone = zone;
            return good;
        }
        case CTA_HELP:
            return take_text(payload, CTA_HELP_NAME, extras.helper);
        case CTA_SECCTX:
            return take_text(payload, CTA_SECCTX_NAME, extras.secctx);
        case CTA_LABELS:
            return take_labels(extras, payload);
        default:
            return true;
        }
    }
};

Family family_of(std::uint8_t address_family) {
    return address_family == AF_INET    ? Family::ipv4
           : address_family == AF_INET6 ? Family::ipv6
                                        : Family::none;
}

} // namespace

bool decode_flow(std::span<const std::uint8_t> payload, Flow& flow, ExtrasPool& extras) {
    constexpr std::size_t head_size = NLMSG_ALIGN(sizeof(nfgenmsg));
    if (payload.size() < head_size)
        return false;
    Message message{flow};
    const bool good = walk(payload.subspan(head_size),
                           [&message](int type, Bytes value) { return message.take(type, value); });
    if (!good || !flow.has(Part::original) || flow.family != family_of(payload[0]))
        return false;
    if (message.state.state < state_limit && message.state.protocol == flow.protocol) {
        flow.state = message.state.state & (state_limit - 1);
        flow.set(Part::state);
    }
    flow.extras = extras.intern(message.extras);
    return true;
}

} // namespace natstat
