// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The table. RFC 8158 says which elements an event of the NAT has; counters, the duration and the
// reason of an end are those of RFC 7012. Ages are asked of the column, so that they are the same
// in all that natstat tells.
#include "natstat/ipfix/elements.hpp"

#include <limits>

namespace natstat::ipfix {

namespace {

Content time_of(const Told& told) {
    using std::chrono::milliseconds;
    if (told.time == Time{})
        return Nothing{};
    const auto since_1970 = std::chrono::floor<milliseconds>(told.time.time_since_epoch());
    return static_cast<std::uint64_t>(since_1970.count());
}

Content event(const Told& told) {
    return std::uint64_t{static_cast<std::uint8_t>(told.event)};
}

Content protocol_number(const Told& told) {
    return std::uint64_t{told.row.flow.protocol};
}

template <Direction direction>
Content zone(const Told& told) {
    if (direction == Direction::original && !told.is_of_translation())
        return Nothing{};
    return std::uint64_t{told.row.flow.zone_of(direction)};
}

template <End end, Family family>
Content address(const Told& told) {
    const Flow& flow = told.row.flow;
    const bool of_original = end == End::original_source || end == End::original_destination;
    if (flow.family != family || (of_original && !told.is_of_translation()))
        return Nothing{};
    return flow.end(end).address;
}

/// The echo id, and the key of GRE, stand where ports do, as in the columns.
template <End end>
Content port(const Told& told) {
    const auto number = told.row.flow.end(end).port;
    if (!number || (end != End::reply_source && !told.is_of_translation()))
        return Nothing{};
    return std::uint64_t{*number};
}

template <Family family, std::uint8_t IcmpKind::*number>
Content icmp(const Told& told) {
    const auto kind = told.row.flow.icmp(Direction::original);
    if (!kind || told.row.flow.family != family || !told.is_of_translation())
        return Nothing{};
    return std::uint64_t{(*kind).*number};
}

Content flow_id(const Told& told) {
    if (!told.row.flow.has(Part::id) || !told.is_of_translation())
        return Nothing{};
    return std::uint64_t{told.row.flow.id};
}

template <Part part, std::uint64_t Flow::*counter>
Content counted(const Told& told) {
    if (!told.is_end() || !told.row.flow.has(part))
        return Nothing{};
    return told.row.flow.*counter;
}

Content duration(const Told& told) {
    static const Column& age = column("age");
    if (!told.is_end())
        return Nothing{};
    const Value value = age.get(told.row);
    const auto* span = std::get_if<Duration>(&value);
    if (span == nullptr || span->value.count() > std::numeric_limits<std::uint32_t>::max())
        return Nothing{};
    return static_cast<std::uint64_t>(span->value.count());
}

/// The registry's flowEndReason: 1 idle, 3 an end was seen, 4 somebody ended it.
Content end_reason(const Told& told) {
    if (!told.is_end() || told.row.step == nullptr || !told.row.step->ending)
        return Nothing{};
    switch (*told.row.step->ending) {
    case Ending::no_reply:
    case Ending::expired:
        return std::uint64_t{1};
    case Ending::closed:
    case Ending::reset:
        return std::uint64_t{3};
    case Ending::deleted:
        return std::uint64_t{4};
    case Ending::unknown:
        break;
    }
    return Nothing{};
}

constexpr auto four = Family::ipv4;
constexpr auto six = Family::ipv6;

// clang-format off
constexpr Element table[] = {
    {323, 8, "observationTimeMilliseconds", "when it happened, or was found in a list",
     time_of},
    {230, 1, "natEvent", "4 created, 5 deleted, 12 no port is free",
     event},
    {4, 1, "protocolIdentifier", "protocol",
     protocol_number},
    {234, 4, "ingressVRFID", "zone of the original tuple",
     zone<Direction::original>},
    {235, 4, "egressVRFID", "zone of the reply tuple",
     zone<Direction::reply>},
    {8, 4, "sourceIPv4Address", "who opened the flow",
     address<End::original_source, four>},
    {27, 16, "sourceIPv6Address", "the same in IPv6",
     address<End::original_source, six>},
    {225, 4, "postNATSourceIPv4Address", "its NAT side, where it has one: reply destination",
     address<End::reply_destination, four>},
    {281, 16, "postNATSourceIPv6Address", "the same in IPv6",
     address<End::reply_destination, six>},
    {12, 4, "destinationIPv4Address", "what was dialled: original destination",
     address<End::original_destination, four>},
    {28, 16, "destinationIPv6Address", "the same in IPv6",
     address<End::original_destination, six>},
    {226, 4, "postNATDestinationIPv4Address", "who answers: reply source",
     address<End::reply_source, four>},
    {282, 16, "postNATDestinationIPv6Address", "the same in IPv6",
     address<End::reply_source, six>},
    {7, 2, "sourceTransportPort", "the port behind 8 or 27; echo id, key of GRE",
     port<End::original_source>},
    {227, 2, "postNAPTSourceTransportPort", "the one behind 225 or 281",
     port<End::reply_destination>},
    {11, 2, "destinationTransportPort", "the one behind 12 or 28",
     port<End::original_destination>},
    {228, 2, "postNAPTDestinationTransportPort", "the one behind 226 or 282",
     port<End::reply_source>},
    {176, 1, "icmpTypeIPv4", "ICMP type of the original tuple",
     icmp<four, &IcmpKind::type>},
    {177, 1, "icmpCodeIPv4", "its code",
     icmp<four, &IcmpKind::code>},
    {178, 1, "icmpTypeIPv6", "ICMPv6 type of the original tuple",
     icmp<six, &IcmpKind::type>},
    {179, 1, "icmpCodeIPv6", "its code",
     icmp<six, &IcmpKind::code>},
    {148, 8, "flowId", "the kernel's number of the flow",
     flow_id},
    {231, 8, "initiatorOctets", "bytes of the original direction (of an end)",
     counted<Part::counters_up, &Flow::bytes_up>},
    {232, 8, "responderOctets", "bytes of the other one (of an end)",
     counted<Part::counters_down, &Flow::bytes_down>},
    {298, 8, "initiatorPackets", "packets of the original direction (of an end)",
     counted<Part::counters_up, &Flow::packets_up>},
    {299, 8, "responderPackets", "packets of the other one (of an end)",
     counted<Part::counters_down, &Flow::packets_down>},
    {161, 4, "flowDurationMilliseconds", "how old it became (of an end)",
     duration},
    {136, 1, "flowEndReason", "1 expired or no reply, 3 closed or reset, 4 deleted (of an end)",
     end_reason},
};
// clang-format on

} // namespace

std::span<const Element> elements() {
    return table;
}

} // namespace natstat::ipfix
