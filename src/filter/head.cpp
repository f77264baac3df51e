// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// From a head and its values to the test that they are together.
#include "head.hpp"

#include "compare.hpp"

namespace natstat {

namespace {

NodeOrError compare_values(const Head& head, std::span<const Word> values,
                           const FilterNames& names) {
    switch (head.type) {
    case Type::place:
        return compare_ends(head.ends, values, head.protocol.value_or(0), names);
    case Type::network:
        return compare_networks(head.ends, values);
    case Type::port:
        return compare_ports(head.ends, values, head.protocol.value_or(0), names);
    case Type::protocol:
        break;
    }
    return compare_protocols(values);
}

} // namespace

NodeOrError compare_head(const Head& head, std::span<const Word> values, const FilterNames& names) {
    auto node = compare_values(head, values, names);
    if (std::holds_alternative<FilterError>(node))
        return node;
    return with_head(head, std::get<Filter::Node>(std::move(node)));
}

Filter::Node with_head(const Head& head, Filter::Node&& node) {
    std::vector<Filter::Node> parts;
    if (head.family)
        parts.push_back({FamilyTest{*head.family}});
    if (head.protocol)
        parts.push_back({ProtocolTest{std::bitset<256>{}.set(*head.protocol)}});
    parts.push_back(std::move(node));
    return combined<AllOf>(std::move(parts));
}

} // namespace natstat
