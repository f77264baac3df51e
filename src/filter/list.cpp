// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a source can check by itself, derived from a filter: conditions of which every flow that the
// filter lets through meets at least one. They may let through more, never less; the filter is
// asked again for every row. "and" merges conditions crosswise and drops those that contradict
// each other, "or" puts them side by side, "not" goes inwards to tests that have an opposite. At
// the end few lists are better than narrow ones: each walks the whole table.
#include "conditions.hpp"
#include "tree.hpp"

#include "natstat/model/protocol.hpp"

#include <algorithm>

namespace natstat {

namespace {

/// More alternatives than this are not followed separately while a filter is taken apart.
constexpr std::size_t product_limit = 16;

void unite(ListQuery& into, const ListQuery& other) {
    into.insert(into.end(), other.begin(), other.end());
    if (into.size() > product_limit)
        into = {common(into)};
}

ListQuery product(const ListQuery& a, ListQuery b) {
    if (!b.empty() && a.size() * b.size() > product_limit)
        b = {common(b)};
    ListQuery result;
    for (const ListCondition& left : a)
        for (const ListCondition& right : b)
            if (const auto both = joined(left, right))
                result.push_back(*both);
    return result;
}

ListCondition with_status(std::uint32_t mask, std::uint32_t value) {
    ListCondition condition;
    condition.status_mask = mask;
    condition.status_value = value;
    return condition;
}

/// The status bits of NAT that flows of this kind have.
ListCondition status_of(FlowKind kind) {
    constexpr std::uint32_t mask = status::src_nat | status::dst_nat;
    switch (kind) {
    case FlowKind::snat:
        return with_status(mask, status::src_nat);
    case FlowKind::dnat:
        return with_status(mask, status::dst_nat);
    case FlowKind::both:
        return with_status(mask, mask);
    case FlowKind::local:
    case FlowKind::routed:
        break;
    }
    return with_status(mask, 0);
}

/// "This end of the flow fits the pattern". Of a network only its family can be told. A port is
/// kept although its protocol is not known yet; see without_useless_ports.
ListCondition at_end(End end, const EndPattern& pattern) {
    ListCondition condition;
    const bool original = end == End::original_source || end == End::original_destination;
    const bool source = end == End::original_source || end == End::reply_source;
    auto& side = original ? condition.original : condition.reply;
    if (pattern.addresses) {
        condition.family = pattern.addresses->low.family;
        if (pattern.addresses->single())
            (source ? side.source : side.destination) = pattern.addresses->low;
    }
    if (pattern.ports && pattern.ports->single())
        (source ? side.source_port : side.destination_port) = pattern.ports->low;
    return condition;
}

/// One alternative for each place in the tuples where such an end can stand.
ListQuery at_ends(Ends ends, const EndPattern& pattern, Searched searched) {
    // The reply comes from the row's destination, translated or not (see nat.hpp).
    const auto source = at_end(source_end, pattern);
    const auto destination = at_end(End::reply_source, pattern);
    const auto snat = at_end(End::reply_destination, pattern);
    const auto dialled = at_end(End::original_destination, pattern);
    const auto dnat = joined(dialled, with_status(status::dst_nat, status::dst_nat)).value();
    switch (ends) {
    case Ends::source:
        return {source};
    case Ends::destination:
        return {destination};
    case Ends::gateway:
    case Ends::nat:
        if (searched == Searched::index)
            return {joined(snat, with_status(status::src_nat, status::src_nat)).value(), dnat};
        return {snat, dnat};
    case Ends::any:
        break;
    case Ends::original:
        return {source, dialled};
    case Ends::reply:
        return {destination, snat};
    case Ends::master: // no list of flows has it
    case Ends::saved:
        return {ListCondition{}};
    }
    return {source, destination, snat, dnat};
}

std::optional<ListCondition> number_condition(const Column& column, const MaskedRange& range) {
    ListCondition condition;
    const auto push = column.traits.push;
    return push != nullptr && range.range.single() && push(condition, range.range.low, range.mask)
               ? std::optional(condition)
               : std::nullopt;
}

/// The alternatives of a node, or of its opposite.
struct Alternatives {
    bool opposite;
    Searched searched;

    static ListQuery anything() { return {ListCondition{}}; }

    [[nodiscard]] ListQuery of(const Filter::Node& node) const {
        return std::visit(*this, node.test);
    }

    [[nodiscard]] ListQuery product_of(const std::vector<Filter::Node>& parts) const {
        ListQuery result = anything();
        for (const Filter::Node& part : parts)
            result = product(result, of(part));
        return result;
    }
    [[nodiscard]] ListQuery union_of(const std::vector<Filter::Node>& parts) const {
        ListQuery result;
        for (const Filter::Node& part : parts)
            unite(result, of(part));
        return result;
    }

    ListQuery operator()(const AllOf& all) const {
        return opposite ? union_of(all.parts) : product_of(all.parts);
    }
    ListQuery operator()(const AnyOf& any) const {
        return opposite ? product_of(any.parts) : union_of(any.parts);
    }
    ListQuery operator()(const Not& node) const {
        return Alternatives{!opposite, searched}.of(*node.part);
    }

    ListQuery operator()(const ProtocolTest& test) const {
        if (opposite || test.numbers.count() != 1)
            return anything();
        ListCondition condition;
        for (std::size_t number = 0; number < test.numbers.size(); ++number)
            if (test.numbers[number])
                condition.protocol = static_cast<std::uint8_t>(number);
        return {condition};
    }
    ListQuery operator()(const FamilyTest& test) const {
        ListCondition condition;
        condition.family = opposite == (test.family == Family::ipv4) ? Family::ipv6 : Family::ipv4;
        return {condition};
    }
    ListQuery operator()(const StatusTest& test) const {
        const bool one_bit = (test.mask & (test.mask - 1)) == 0;
        if (opposite && !one_bit)
            return anything();
        return {with_status(test.mask, opposite ? test.mask & ~test.value : test.value)};
    }
    ListQuery operator()(const KindTest& test) const {
        ListQuery found;
        for (const FlowKind kind :
             {FlowKind::snat, FlowKind::dnat, FlowKind::both, FlowKind::local, FlowKind::routed})
            if (((kind_bit(kind) & test.kinds) != 0) != opposite)
                found.push_back(status_of(kind));
        // A flow of which local or routed can not be told is of none of the kinds.
        if (opposite)
            found.push_back(status_of(FlowKind::local));
        return found.empty() ? found : ListQuery{common(found)};
    }
    ListQuery operator()(const EndTest& test) const {
        if (opposite)
            return anything();
        ListQuery result;
        for (const EndPattern& pattern : test.patterns)
            unite(result, at_ends(test.ends, pattern, searched));
        return result;
    }
    ListQuery operator()(const NumberTest& test) const {
        if (opposite)
            return anything();
        ListQuery result;
        for (const MaskedRange& range : test.ranges)
            unite(result, {number_condition(*test.column, range).value_or(ListCondition{})});
        return result;
    }
    ListQuery operator()(const TextTest&) const { return anything(); }
    ListQuery operator()(const LabelTest&) const { return anything(); }
    ListQuery operator()(const CellTest&) const { return anything(); }
    ListQuery operator()(const PairTest&) const { return anything(); }
};

/// An index has ports of every protocol.
ListCondition useful(const ListCondition& condition, Searched searched) {
    return searched == Searched::kernel ? without_useless_ports(condition) : condition;
}

/// Makes one of two conditions where one covers the other, or where what they share still names an
/// address. False when there are no such two.
bool merge_two(ListQuery& query, Searched searched) {
    for (std::size_t i = 0; i < query.size(); ++i)
        for (std::size_t j = i + 1; j < query.size(); ++j) {
            const ListCondition both = useful(common(query[i], query[j]), searched);
            if (both != query[i] && both != query[j] && !names_address(both))
                continue;
            query[i] = both;
            query.erase(query.begin() + static_cast<std::ptrdiff_t>(j));
            return true;
        }
    return false;
}

} // namespace

ListQuery list_conditions(const Filter::Node& node, Searched searched) {
    ListQuery query = Alternatives{false, searched}.of(node);
    for (ListCondition& condition : query)
        condition = useful(condition, searched);
    while (merge_two(query, searched)) {
    }
    const bool worth =
        query.size() <= list_query_limit && std::all_of(query.begin(), query.end(), is_narrow);
    if (query.size() > 1 && !worth)
        query = {useful(common(query), searched)};
    return query;
}

} // namespace natstat
