// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Comparisons with columns. Every relation becomes ranges: `>` is one that begins behind the value,
// a list is several, `!=` is the opposite of `=`. Addresses and ports become tests of the flow
// itself, without making a cell. Values that are names are in filter_named.cpp.
#include "compare.hpp"

#include "named.hpp"
#include "values.hpp"

#include <algorithm>
#include <cassert>

namespace natstat {

namespace {

/// Of a column whose kind is a place, or a part of one.
Ends ends_of(const Column& column) {
    assert(column.traits.ends);
    return *column.traits.ends;
}

std::uint64_t before(std::uint64_t value) {
    return value - 1;
}
std::uint64_t after(std::uint64_t value) {
    return value + 1;
}

Address step(Address address, int by) {
    for (std::size_t i = address_size(address.family); i-- > 0;) {
        address.bytes[i] = static_cast<std::uint8_t>(address.bytes[i] + by);
        if (address.bytes[i] != (by > 0 ? 0x00 : 0xFF)) // no carry
            break;
    }
    return address;
}
Address before(const Address& address) {
    return step(address, -1);
}
Address after(const Address& address) {
    return step(address, 1);
}

/// The values in [all.low, all.high] that stand in this relation to `value`; nothing when there are
/// none.
template <typename T>
std::optional<Range<T>> bounded(Relation relation, const T& value, const Range<T>& all) {
    switch (relation) {
    case Relation::equal:
    case Relation::not_equal:
        return Range<T>{value, value};
    case Relation::less:
        return value == all.low ? std::nullopt : std::optional(Range<T>{all.low, before(value)});
    case Relation::at_most:
        return Range<T>{all.low, value};
    case Relation::greater:
        return value == all.high ? std::nullopt : std::optional(Range<T>{after(value), all.high});
    case Relation::at_least:
        return Range<T>{value, all.high};
    }
    return std::nullopt;
}

constexpr std::string_view one_value = "< <= > >= take one value, not a list, a range or a mask";

/// Reads every value with `read` and joins what they give.
template <typename T, typename Read>
std::variant<std::vector<T>, FilterError> read_all(std::span<const Word> values, Read&& read) {
    std::vector<T> all;
    for (const Word& value : values) {
        auto some = read(value.text);
        if (auto* reason = std::get_if<std::string>(&some))
            return wrong(value, std::move(*reason));
        auto& found = std::get<0>(some);
        if constexpr (std::is_same_v<std::decay_t<decltype(found)>, T>)
            all.push_back(std::move(found));
        else
            all.insert(all.end(), found.begin(), found.end());
    }
    return all;
}

NodeOrError end_test(Ends ends, std::variant<std::vector<EndPattern>, FilterError>&& patterns) {
    if (auto* error = std::get_if<FilterError>(&patterns))
        return std::move(*error);
    return Filter::Node{EndTest{ends, std::get<0>(std::move(patterns))}};
}

NodeOrError order_addresses(Ends ends, Relation relation, const Word& value) {
    const auto address = parse_address(value.text);
    if (!address)
        return wrong(value, quoted(value.text) + " is not an address; < <= > >= take one");
    Range<Address> all{{address->family, {}}, {address->family, {}}};
    std::fill_n(all.high.bytes.begin(), address_size(address->family), std::uint8_t{0xFF});
    EndTest test{ends, {}};
    if (const auto range = bounded(relation, *address, all))
        test.patterns.push_back({*range, std::nullopt});
    return Filter::Node{std::move(test)};
}

NodeOrError order_ports(Ends ends, Relation relation, const Word& value, const FilterNames& names) {
    const auto ports = read_ports(value.text, 0, names);
    if (const auto* reason = std::get_if<std::string>(&ports))
        return wrong(value, *reason);
    const auto& found = std::get<0>(ports);
    if (found.size() != 1 || !found.front().single())
        return wrong(value, std::string(one_value));
    EndTest test{ends, {}};
    if (const auto range = bounded<std::uint64_t>(relation, found.front().low, {0, 65535}))
        test.patterns.push_back({std::nullopt, PortRange{static_cast<std::uint16_t>(range->low),
                                                         static_cast<std::uint16_t>(range->high)}});
    return Filter::Node{std::move(test)};
}

NodeOrError compare_numbers(const Column& column, Relation relation, std::span<const Word> values,
                            const FilterNames& names) {
    auto read = read_all<MaskedRange>(
        values, [&](std::string_view text) { return read_number(text, column.kind, names.bits); });
    if (auto* error = std::get_if<FilterError>(&read))
        return std::move(*error);
    NumberTest test{&column, std::get<0>(std::move(read))};
    if (is_order(relation)) {
        const MaskedRange all;
        const MaskedRange only = test.ranges.front();
        // A moment may be a whole minute or day; what is after it begins where that ends.
        const bool span = column.kind == Kind::time;
        if ((!only.range.single() && !span) || only.mask != all.mask)
            return wrong(values.front(), std::string(one_value));
        const bool behind = relation == Relation::greater || relation == Relation::at_most;
        const std::uint64_t value = behind ? only.range.high : only.range.low;
        test.ranges.clear();
        if (const auto range = bounded<std::uint64_t>(relation, value, {0, all.mask}))
            test.ranges.push_back({*range});
    }
    return Filter::Node{std::move(test)};
}

NodeOrError compare_text_column(const Column& column, std::span<const Word> values) {
    switch (column.traits.words) {
    case Vocabulary::kinds:
        return compare_kinds(values);
    case Vocabulary::families:
        return compare_families(values);
    case Vocabulary::states:
        return compare_states(column, values);
    case Vocabulary::events:
    case Vocabulary::endings:
        return compare_closed(column, words_of(column), values);
    case Vocabulary::any:
        break;
    }
    return compare_texts(column, values);
}

NodeOrError equal_to(const Column& column, std::span<const Word> values, const FilterNames& names) {
    switch (column.kind) {
    case Kind::absent:
    case Kind::change: // its two names are columns of their own
    case Kind::network:
    case Kind::percent:
    case Kind::holders:
        break;
    case Kind::text:
        return compare_text_column(column, values);
    case Kind::count:
    case Kind::bytes:
    case Kind::rate:
    case Kind::duration:
    case Kind::time:
    case Kind::hex:
        return compare_numbers(column, Relation::equal, values, names);
    case Kind::protocol:
        return compare_protocols(values);
    case Kind::port:
        return compare_ports(ends_of(column), values, 0, names);
    case Kind::address:
    case Kind::endpoint:
    case Kind::tuple:
        if (!column.traits.ends)
            break;
        return compare_ends(ends_of(column), values, 0, names);
    case Kind::flags:
        return compare_flags(values);
    case Kind::labels:
        return compare_labels(column, values, names.labels);
    }
    return wrong(values.front(),
                 "'" + std::string(column.name) + "' can not be compared" +
                     (column.kind == Kind::change ? "; was, state and ending can" : ""));
}

NodeOrError in_order(const Column& column, Relation relation, std::span<const Word> values,
                     const FilterNames& names) {
    if (values.size() > 1)
        return wrong(values[1], std::string(one_value));
    switch (column.kind) {
    case Kind::count:
    case Kind::bytes:
    case Kind::rate:
    case Kind::duration:
    case Kind::time:
    case Kind::hex:
        return compare_numbers(column, relation, values, names);
    case Kind::port:
        return order_ports(ends_of(column), relation, values.front(), names);
    case Kind::address:
    case Kind::endpoint:
        return order_addresses(ends_of(column), relation, values.front());
    case Kind::absent:
    case Kind::text:
    case Kind::change:
    case Kind::protocol:
    case Kind::tuple:
    case Kind::flags:
    case Kind::labels:
    case Kind::network:
    case Kind::percent:
    case Kind::holders:
        break;
    }
    return without_order(column, values.front());
}

} // namespace

NodeOrError compare_column(const Column& column, Relation relation, std::span<const Word> values,
                           const FilterNames& names) {
    if (is_order(relation))
        return in_order(column, relation, values, names);
    auto node = equal_to(column, values, names);
    if (relation == Relation::not_equal && std::holds_alternative<Filter::Node>(node))
        return negated(std::get<Filter::Node>(std::move(node)));
    return node;
}

NodeOrError compare_ends(Ends ends, std::span<const Word> values, std::uint8_t protocol,
                         const FilterNames& names) {
    return end_test(ends, read_all<EndPattern>(values, [&](std::string_view text) {
                        return read_ends(text, protocol, names);
                    }));
}

NodeOrError compare_ports(Ends ends, std::span<const Word> values, std::uint8_t protocol,
                          const FilterNames& names) {
    auto ports = read_all<PortRange>(
        values, [&](std::string_view text) { return read_ports(text, protocol, names); });
    if (auto* error = std::get_if<FilterError>(&ports))
        return std::move(*error);
    std::vector<EndPattern> patterns;
    for (const PortRange& range : std::get<0>(ports))
        patterns.push_back({std::nullopt, range});
    return Filter::Node{EndTest{ends, std::move(patterns)}};
}

NodeOrError compare_networks(Ends ends, std::span<const Word> values) {
    auto networks = read_all<AddressRange>(values, read_network);
    if (auto* error = std::get_if<FilterError>(&networks))
        return std::move(*error);
    std::vector<EndPattern> patterns;
    for (const AddressRange& range : std::get<0>(networks))
        patterns.push_back({range, std::nullopt});
    return Filter::Node{EndTest{ends, std::move(patterns)}};
}

} // namespace natstat
