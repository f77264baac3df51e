// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// A row asked: called for every flow of a table, so it allocates nothing and makes a cell only for
// columns that have no test of their own. What a source did not say meets no test; "not" turns that
// around, so that != holds for it ("none of these values"). Of two columns beside each other != is
// a test of its own, which needs both. The default zone alone is said by saying nothing.
#include "tree.hpp"

#include "natstat/model/state.hpp"

#include <algorithm>
#include <cstring>

namespace natstat {

namespace {

constexpr unsigned bit(End end) {
    return 1U << static_cast<unsigned>(end);
}

/// The ends that a test looks at, as bits, given the flow's NAT.
constexpr unsigned ends_bits(Ends ends, Nat nat) {
    const unsigned gateway = nat == Nat::none ? 0 : bit(gateway_end(nat));
    const unsigned every_nat = gateway | (nat == Nat::both ? bit(End::original_destination) : 0);
    switch (ends) {
    case Ends::source:
        return bit(source_end);
    case Ends::destination:
        return bit(destination_end(nat));
    case Ends::gateway:
        return gateway;
    case Ends::nat:
        return every_nat;
    case Ends::any:
        return bit(source_end) | bit(destination_end(nat)) | every_nat;
    case Ends::original:
        return bit(End::original_source) | bit(End::original_destination);
    case Ends::reply:
        return bit(End::reply_source) | bit(End::reply_destination);
    case Ends::master:
        return bit(End::original_source) | bit(End::original_destination);
    case Ends::saved:
        return bit(End::original_source);
    }
    return 0;
}

constexpr auto ends_table = [] {
    std::array<std::array<std::uint8_t, 4>, 9> table{};
    for (std::size_t ends = 0; ends < table.size(); ++ends)
        for (std::size_t nat = 0; nat < table[ends].size(); ++nat)
            table[ends][nat] = static_cast<std::uint8_t>(
                ends_bits(static_cast<Ends>(ends), static_cast<Nat>(nat)));
    return table;
}();

/// The ends that the flow's source spoke of.
unsigned said_ends(const Flow& flow) {
    return (flow.has(Part::original) ? 0b0011U : 0U) | (flow.has(Part::reply) ? 0b1100U : 0U);
}

/// Of which the ends are; null where there is none.
const Flow* flow_with(Ends ends, const Row& row) {
    if (ends != Ends::master && ends != Ends::saved)
        return &row.flow;
    if (row.expected == nullptr)
        return nullptr;
    return ends == Ends::master ? &row.expected->master : &row.expected->saved;
}

bool in_range(const AddressRange& range, const Flow& flow,
              const std::array<std::uint8_t, 16>& address) {
    if (range.low.family != flow.family)
        return false;
    return std::memcmp(address.data(), range.low.bytes.data(), address.size()) >= 0 &&
           std::memcmp(address.data(), range.high.bytes.data(), address.size()) <= 0;
}

bool in_range(const PortRange& range, const Flow& flow, End end) {
    const auto port = flow.end(end).port;
    return port && range.contains(*port);
}

bool fits(const EndPattern& pattern, const Flow& flow, End end) {
    if (pattern.addresses &&
        !in_range(*pattern.addresses, flow, flow.address[static_cast<std::size_t>(end)]))
        return false;
    return !pattern.ports || in_range(*pattern.ports, flow, end);
}

/// The number in a cell; nothing for one without.
struct NumberOf {
    std::optional<std::uint64_t> operator()(const Count& cell) const { return cell.value; }
    std::optional<std::uint64_t> operator()(const Bytes& cell) const { return cell.value; }
    std::optional<std::uint64_t> operator()(const Rate& cell) const { return cell.value; }
    std::optional<std::uint64_t> operator()(const Hex& cell) const { return cell.value; }
    std::optional<std::uint64_t> operator()(const Duration& cell) const {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(cell.value);
        return static_cast<std::uint64_t>(std::max<std::int64_t>(seconds.count(), 0));
    }
    std::optional<std::uint64_t> operator()(const Instant& cell) const {
        const auto nanoseconds = cell.value.time_since_epoch().count();
        return static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0));
    }
    template <typename Other>
    std::optional<std::uint64_t> operator()(const Other&) const {
        return std::nullopt;
    }
};

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool same_letter(char a, char in_lower_case) {
    return lower(a) == in_lower_case;
}

bool same_text(std::string_view text, std::string_view lower) {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), same_letter);
}

bool contains(std::string_view text, std::string_view lower) {
    return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same_letter) !=
           text.end();
}

bool shows(const Value& value, const TextStyle& style, std::string_view lower) {
    char usual[256];
    if (text_bound(value, style) > sizeof usual)
        return contains(to_text(value, style), lower);
    return contains({usual, write_text(usual, value, style)}, lower);
}

/// The number of a cell of this column, or what its source means by not saying it.
std::optional<std::uint64_t> number_in(const Value& cell, const Column& column) {
    const auto said = std::visit(NumberOf{}, cell);
    return said ? said : column.traits.unsaid;
}

std::strong_ordering compare_cells(const Value& a, const Value& b) {
    const auto* text = std::get_if<Text>(&a);
    const auto* other = std::get_if<Text>(&b);
    if (text == nullptr || other == nullptr)
        return compare(a, b);
    const auto letters = [](char x, char y) { return lower(x) == lower(y); };
    const bool same = std::equal(text->text.begin(), text->text.end(), other->text.begin(),
                                 other->text.end(), letters);
    return same ? std::strong_ordering::equal : std::strong_ordering::less;
}

/// How two cells of the row stand to each other; nothing where one is absent.
std::optional<std::strong_ordering> order_of(const PairTest& test, const Row& row) {
    const Value a = test.column->get(row);
    const Value b = test.other->get(row);
    const auto number = number_in(a, *test.column);
    const auto other = number_in(b, *test.other);
    if (number && other)
        return *number <=> *other;
    if (is_absent(a) || is_absent(b))
        return std::nullopt;
    return compare_cells(a, b);
}

bool holds(Relation relation, std::strong_ordering order) {
    switch (relation) {
    case Relation::equal:
        return order == 0;
    case Relation::not_equal:
        return order != 0;
    case Relation::less:
        return order < 0;
    case Relation::at_most:
        return order <= 0;
    case Relation::greater:
        return order > 0;
    case Relation::at_least:
        return order >= 0;
    }
    return false;
}

struct Meets {
    const Row& row;

    /// A flag that its source could not tell is neither there nor not there.
    [[nodiscard]] bool is_untold(const Filter::Node& node) const {
        const auto* flag = std::get_if<StatusTest>(&node.test);
        return flag != nullptr && (flag->mask & status::assured) != 0 &&
               (row.flow.status & status::assured_untold) != 0;
    }

    bool operator()(const AllOf& all) const {
        return std::all_of(all.parts.begin(), all.parts.end(),
                           [this](const Filter::Node& part) { return meets(part, row); });
    }
    bool operator()(const AnyOf& any) const {
        return std::any_of(any.parts.begin(), any.parts.end(),
                           [this](const Filter::Node& part) { return meets(part, row); });
    }
    bool operator()(const Not& opposite) const {
        return !meets(*opposite.part, row) && !is_untold(*opposite.part);
    }
    bool operator()(const ProtocolTest& test) const { return test.numbers[row.flow.protocol]; }
    bool operator()(const FamilyTest& test) const { return row.flow.family == test.family; }
    bool operator()(const StatusTest& test) const {
        return row.flow.has(Part::status) && (row.flow.status & test.mask) == test.value;
    }
    bool operator()(const KindTest& test) const {
        const auto kind = row.kind();
        return kind && (kind_bit(*kind) & test.kinds) != 0;
    }
    bool operator()(const EndTest& test) const {
        const Flow* const flow = flow_with(test.ends, row);
        if (flow == nullptr)
            return false;
        const auto ends =
            ends_table[static_cast<std::size_t>(test.ends)][static_cast<std::size_t>(row.nat)];
        const unsigned there = ends & said_ends(*flow);
        for (unsigned end = 0; end < 4; ++end)
            if ((there >> end & 1) != 0)
                for (const EndPattern& pattern : test.patterns)
                    if (fits(pattern, *flow, static_cast<End>(end)))
                        return true;
        return false;
    }
    bool operator()(const NumberTest& test) const {
        const auto number = number_in(test.column->get(row), *test.column);
        return number &&
               std::any_of(test.ranges.begin(), test.ranges.end(), [&](const MaskedRange& r) {
                   return r.range.contains(*number & r.mask);
               });
    }
    bool operator()(const TextTest& test) const {
        const Value cell = test.column->get(row);
        const auto* text = std::get_if<Text>(&cell);
        if (test.or_offloaded && !row.flow.has(Part::state) &&
            phase_of(row.flow) == Phase::established)
            return true;
        return text != nullptr &&
               std::any_of(test.texts.begin(), test.texts.end(),
                           [&](const std::string& lower) { return same_text(text->text, lower); });
    }
    bool operator()(const LabelTest& test) const {
        const Value cell = test.column->get(row);
        const auto* labels = std::get_if<Labels>(&cell);
        if (labels == nullptr)
            return false;
        if (test.whole)
            return labels->bits == test.bits;
        for (std::size_t i = 0; i < test.bits.size(); ++i)
            if ((labels->bits[i] & test.bits[i]) != test.bits[i])
                return false;
        return true;
    }
    bool operator()(const CellTest& test) const {
        const TextStyle style{test.naming};
        return std::any_of(test.columns.begin(), test.columns.end(), [&](const Column* column) {
            return shows(column->get(row), style, test.text);
        });
    }
    bool operator()(const PairTest& test) const {
        const auto order = order_of(test, row);
        return order && holds(test.relation, *order);
    }
};

} // namespace

bool meets(const Filter::Node& node, const Row& row) {
    return std::visit(Meets{row}, node.test);
}

} // namespace natstat
