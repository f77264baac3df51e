// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What a filter becomes: a tree of plain tests, compiled as far as they can be before the first row
// is asked. Almost every test is a set of ranges; a comparison like `<` is one range, a list
// several.
#pragma once

#include "lexer.hpp"
#include "natstat/filter/filter.hpp"

#include <bitset>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace natstat {

/// All values from low to high, both included; one value when they are equal.
template <typename T>
struct Range {
    T low{};
    T high{};

    [[nodiscard]] bool single() const { return low == high; }
    [[nodiscard]] bool contains(const T& value) const { return low <= value && value <= high; }
};
using PortRange = Range<std::uint16_t>;
using AddressRange = Range<Address>; // of one family

/// An address, a network, a port, or both, that an end can be. What is not set is not asked.
struct EndPattern {
    std::optional<AddressRange> addresses;
    std::optional<PortRange> ports;
};

/// Numbers of which only some bits may count.
struct MaskedRange {
    Range<std::uint64_t> range;
    std::uint64_t mask = std::numeric_limits<std::uint64_t>::max();
};

struct AllOf {
    std::vector<Filter::Node> parts;
};
struct AnyOf {
    std::vector<Filter::Node> parts;
};
struct Not {
    std::unique_ptr<Filter::Node> part;
};
struct ProtocolTest {
    std::bitset<256> numbers;
};
struct FamilyTest {
    Family family;
};
/// status & mask == value
struct StatusTest {
    std::uint32_t mask;
    std::uint32_t value;
};
/// A set of FlowKind, as bits.
struct KindTest {
    std::uint8_t kinds;
};
/// One of the ends fits one of the patterns.
struct EndTest {
    Ends ends;
    std::vector<EndPattern> patterns;
};
struct NumberTest {
    const Column* column;
    std::vector<MaskedRange> ranges;
};
/// Texts in lower case; case does not count.
struct TextTest {
    const Column* column;
    std::vector<std::string> texts;
    bool or_offloaded = false; // flows of which no state is told, because they are offloaded
};
/// The bitmap is this one (whole), or has these bits.
struct LabelTest {
    const Column* column;
    std::array<std::uint8_t, 16> bits;
    bool whole;
};

/// A text, in lower case, is a part of one of the cells; case does not count.
struct CellTest {
    std::vector<const Column*> columns;
    std::string text;
    const Naming* naming;
};
/// Two cells of the row stand in this relation.
struct PairTest {
    const Column* column;
    Relation relation;
    const Column* other;
};

struct Filter::Node {
    std::variant<AllOf, AnyOf, Not, ProtocolTest, FamilyTest, StatusTest, KindTest, EndTest,
                 NumberTest, TextTest, LabelTest, CellTest, PairTest>
        test;
};

[[nodiscard]] constexpr std::uint8_t kind_bit(FlowKind kind) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
}

/// The kinds of a flow that is translated in one way or the other.
inline constexpr std::uint8_t snat_kinds = kind_bit(FlowKind::snat) | kind_bit(FlowKind::both);
inline constexpr std::uint8_t dnat_kinds = kind_bit(FlowKind::dnat) | kind_bit(FlowKind::both);

/// The opposite of a node.
[[nodiscard]] inline Filter::Node negated(Filter::Node&& node) {
    return {Not{std::make_unique<Filter::Node>(std::move(node))}};
}

/// A node for all or any of these; the only one is itself. Not for an empty list.
template <typename Several>
[[nodiscard]] Filter::Node combined(std::vector<Filter::Node>&& parts) {
    if (parts.size() == 1)
        return std::move(parts.front());
    return {Several{std::move(parts)}};
}

/// Whether the row meets the condition. Allocates nothing, unless a cell is looked at that is very
/// long.
[[nodiscard]] bool meets(const Filter::Node& node, const Row& row);

/// Where a list is looked for: the kernel, or an index by NAT sides.
enum class Searched : std::uint8_t { kernel, index };

/// See Filter::list_query and Filter::look_up_query.
[[nodiscard]] ListQuery list_conditions(const Filter::Node& node, Searched searched);

} // namespace natstat
