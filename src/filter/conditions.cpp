// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The algebra of list conditions, field by field. Every field is a fact or nothing, so that "and"
// is the union of the facts of both and what they have in common is the intersection.
#include "conditions.hpp"

#include "natstat/model/protocol.hpp"

#include <algorithm>

namespace natstat {

namespace {

template <typename T>
bool join(std::optional<T>& into, const std::optional<T>& other) {
    if (into && other)
        return *into == *other;
    if (other)
        into = other;
    return true;
}

bool join_bits(std::uint32_t& mask, std::uint32_t& value, std::uint32_t mask2,
               std::uint32_t value2) {
    const bool agree = ((value ^ value2) & mask & mask2) == 0;
    mask |= mask2;
    value |= value2;
    return agree;
}

bool join(ListCondition::Side& into, const ListCondition::Side& other) {
    return join(into.source, other.source) && join(into.destination, other.destination) &&
           join(into.source_port, other.source_port) &&
           join(into.destination_port, other.destination_port);
}

template <typename T>
void keep_common(std::optional<T>& a, const std::optional<T>& b) {
    if (a != b)
        a.reset();
}

void keep_common_bits(std::uint32_t& mask, std::uint32_t& value, std::uint32_t mask2,
                      std::uint32_t value2) {
    mask &= mask2 & ~(value ^ value2);
    value &= mask;
}

void keep_common(ListCondition::Side& a, const ListCondition::Side& b) {
    keep_common(a.source, b.source);
    keep_common(a.destination, b.destination);
    keep_common(a.source_port, b.source_port);
    keep_common(a.destination_port, b.destination_port);
}

} // namespace

std::optional<ListCondition> joined(ListCondition a, const ListCondition& b) {
    const bool possible = join(a.family, b.family) && join(a.protocol, b.protocol) &&
                          join(a.zone, b.zone) &&
                          join_bits(a.status_mask, a.status_value, b.status_mask, b.status_value) &&
                          join_bits(a.mark_mask, a.mark_value, b.mark_mask, b.mark_value) &&
                          join(a.original, b.original) && join(a.reply, b.reply);
    return possible ? std::optional(a) : std::nullopt;
}

ListCondition common(ListCondition a, const ListCondition& b) {
    keep_common(a.family, b.family);
    keep_common(a.protocol, b.protocol);
    keep_common(a.zone, b.zone);
    keep_common_bits(a.status_mask, a.status_value, b.status_mask, b.status_value);
    keep_common_bits(a.mark_mask, a.mark_value, b.mark_mask, b.mark_value);
    keep_common(a.original, b.original);
    keep_common(a.reply, b.reply);
    return a;
}

ListCondition common(const ListQuery& query) {
    ListCondition all = query.front();
    for (const ListCondition& condition : query)
        all = common(all, condition);
    return all;
}

bool names_address(const ListCondition& condition) {
    const auto named = [](const ListCondition::Side& side) {
        return side.source || side.destination;
    };
    return named(condition.original) || named(condition.reply);
}

bool is_narrow(const ListCondition& condition) {
    return names_address(condition) || condition.zone || condition.mark_mask != 0;
}

ListCondition without_useless_ports(ListCondition condition) {
    const bool useful = condition.family && condition.protocol &&
                        protocol_kind(*condition.protocol).carries == Carries::ports;
    if (!useful)
        for (ListCondition::Side* side : {&condition.original, &condition.reply}) {
            side->source_port.reset();
            side->destination_port.reset();
        }
    return condition;
}

} // namespace natstat
