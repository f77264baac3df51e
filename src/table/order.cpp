// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The order prefix is the columns' order bytes one after the other, inverted where a key descends.
#include "natstat/table/order.hpp"

#include <algorithm>
#include <cstring>

namespace natstat {

namespace {

/// Kinds whose order bytes may be cut: nothing may follow them in a prefix.
bool is_cut(Kind kind) {
    return kind == Kind::text;
}

template <typename Number>
Number big_endian(const std::uint8_t* bytes) {
    Number value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i)
        value = value << 8 | bytes[i];
    return value;
}

/// Turns the order of a present value round. It stays before an absent one: no value begins with 0
/// but a protocol, which is never absent.
void invert(std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes)
        byte = static_cast<std::uint8_t>(~byte);
}

std::strong_ordering compare_keyed(const SortKey& key, const Row& a, const Row& b) {
    const Value x = key.column->get(a);
    const Value y = key.column->get(b);
    if (!key.descending || is_absent(x) || is_absent(y))
        return compare(x, y);
    return compare(y, x);
}

std::strong_ordering compare_identity(const Flow& a, const Flow& b) {
    if (const auto order = a.tuple(Direction::original) <=> b.tuple(Direction::original);
        order != 0)
        return order;
    if (const auto order = a.tuple(Direction::reply) <=> b.tuple(Direction::reply); order != 0)
        return order;
    if (const auto order = a.port <=> b.port; order != 0) // ICMP's types are no part of a Tuple
        return order;
    if (const auto order = a.protocol <=> b.protocol; order != 0)
        return order;
    for (const Direction direction : {Direction::original, Direction::reply})
        if (const auto order = a.zone_of(direction) <=> b.zone_of(direction); order != 0)
            return order;
    return a.id <=> b.id;
}

} // namespace

Order::Order(std::vector<SortKey> keys) : keys_(std::move(keys)) {}

std::variant<Order, std::string> Order::parse(std::string_view text) {
    std::vector<SortKey> keys;
    while (true) {
        const auto comma = text.find(',');
        std::string_view word = text.substr(0, comma);
        const bool descending = word.starts_with('-');
        if (descending)
            word.remove_prefix(1);
        const Column* found = find_column(word);
        if (found == nullptr)
            return unknown_column(word);
        keys.push_back({found, descending});
        if (comma == std::string_view::npos)
            return Order(std::move(keys));
        text.remove_prefix(comma + 1);
    }
}

OrderPrefix Order::prefix(const Row& row) const {
    std::array<std::uint8_t, OrderPrefix::size> prefix{};
    std::size_t filled = 0;
    const auto append = [&](const Value& value, bool descending) {
        std::array<std::uint8_t, order_bytes_max> bytes;
        const auto* end = order_bytes(bytes.data(), value);
        const auto size = static_cast<std::size_t>(end - bytes.data());
        if (descending && !is_absent(value))
            invert(std::span(bytes.data(), size));
        const std::size_t room = prefix.size() - filled;
        std::memcpy(&prefix[filled], bytes.data(), std::min(size, room));
        filled += std::min(size, room);
    };
    bool cut = false;
    for (auto key = keys_.begin(); key != keys_.end() && !cut && filled < prefix.size(); ++key) {
        append(key->column->get(row), key->descending);
        cut = is_cut(key->column->kind);
    }
    if (!cut && filled < prefix.size()) // what decides next, so that there are few ties
        append(RawTuple{&row.flow, Direction::original}, false);
    return {big_endian<std::uint64_t>(prefix.data()), big_endian<std::uint32_t>(&prefix[8])};
}

bool Order::before(const Row& a, const Row& b) const {
    for (const SortKey& key : keys_)
        if (const auto order = compare_keyed(key, a, b); order != 0)
            return order < 0;
    return compare_identity(a.flow, b.flow) < 0;
}

} // namespace natstat
