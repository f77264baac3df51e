// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The order of values, twice: as a comparison, and as bytes that compare alike, for the heads of
// sorted rows. One overload for each kind: a kind without one does not compile.
#include "natstat/table/value.hpp"

#include "natstat/model/protocol.hpp"
#include "natstat/table/holders.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace natstat {

namespace {

/// Orders values of one kind; different kinds never share a column.
struct Comparer {
    template <typename T>
    std::strong_ordering operator()(const T&, const Absent&) const {
        return std::strong_ordering::less;
    }
    template <typename T>
    std::strong_ordering operator()(const Absent&, const T&) const {
        return std::strong_ordering::greater;
    }
    std::strong_ordering operator()(const Absent&, const Absent&) const {
        return std::strong_ordering::equal;
    }
    std::strong_ordering operator()(const Text& a, const Text& b) const {
        return a.text <=> b.text;
    }
    std::strong_ordering operator()(const Count& a, const Count& b) const {
        return a.value <=> b.value;
    }
    std::strong_ordering operator()(const Bytes& a, const Bytes& b) const {
        return a.value <=> b.value;
    }
    std::strong_ordering operator()(const Rate& a, const Rate& b) const {
        return a.value <=> b.value;
    }
    std::strong_ordering operator()(const Duration& a, const Duration& b) const {
        return a.value.count() <=> b.value.count();
    }
    std::strong_ordering operator()(const Instant& a, const Instant& b) const {
        return a.value.time_since_epoch().count() <=> b.value.time_since_epoch().count();
    }
    std::strong_ordering operator()(const Change& a, const Change& b) const {
        return a.from == b.from ? a.to <=> b.to : a.from <=> b.from;
    }
    std::strong_ordering operator()(const Hex& a, const Hex& b) const {
        return a.value <=> b.value;
    }
    std::strong_ordering operator()(const Protocol& a, const Protocol& b) const {
        const auto x = protocol_name(a.number);
        const auto y = protocol_name(b.number);
        if (x.empty() && y.empty())
            return a.number <=> b.number;
        return x <=> y; // numbers are before names
    }
    std::strong_ordering operator()(const Address& a, const Address& b) const { return a <=> b; }
    std::strong_ordering operator()(const Port& a, const Port& b) const {
        return a.number <=> b.number;
    }
    std::strong_ordering operator()(const Place& a, const Place& b) const {
        return a.endpoint <=> b.endpoint;
    }
    std::strong_ordering operator()(const RawTuple& a, const RawTuple& b) const {
        const auto order = a.flow->tuple(a.direction) <=> b.flow->tuple(b.direction);
        return order != 0 ? order : a.flow->icmp(a.direction) <=> b.flow->icmp(b.direction);
    }
    std::strong_ordering operator()(const Flags& a, const Flags& b) const {
        return a.bits <=> b.bits;
    }
    std::strong_ordering operator()(const Labels& a, const Labels& b) const {
        return std::lexicographical_compare_three_way(a.bits.rbegin(), a.bits.rend(),
                                                      b.bits.rbegin(), b.bits.rend());
    }
    std::strong_ordering operator()(const Network& a, const Network& b) const {
        return a.base != b.base ? a.base <=> b.base : a.prefix <=> b.prefix;
    }
    std::strong_ordering operator()(const Percent& a, const Percent& b) const {
        return a.hundredths <=> b.hundredths;
    }
    /// By what the biggest one has.
    std::strong_ordering operator()(const Holders& a, const Holders& b) const {
        const Holder& x = a.all->biggest().front();
        const Holder& y = b.all->biggest().front();
        if (x.ports != y.ports)
            return x.ports <=> y.ports;
        return x.workload != y.workload ? x.workload <=> y.workload : x.address <=> y.address;
    }
    template <typename A, typename B>
    std::strong_ordering operator()(const A&, const B&) const {
        return std::strong_ordering::equal;
    }
};

/// Big-endian with the number of significant bytes in front: short for small numbers, still in
/// order.
std::uint8_t* order_number(std::uint8_t* out, std::uint64_t value) {
    const auto bytes = static_cast<unsigned>(8 - std::countl_zero(value) / 8);
    *out++ = static_cast<std::uint8_t>(bytes + 1);
    for (unsigned i = bytes; i-- > 0;)
        *out++ = static_cast<std::uint8_t>(value >> 8 * i);
    return out;
}

/// Always as long, so that nothing that follows is compared with a text's own bytes.
std::uint8_t* order_text(std::uint8_t* out, std::string_view text) {
    constexpr std::size_t room = 16;
    const std::size_t size = std::min(text.size(), room);
    *out++ = 1;
    out = std::copy_n(text.begin(), size, out);
    return std::fill_n(out, room - size, std::uint8_t{0});
}

std::uint8_t* order_address(std::uint8_t* out, const Address& address) {
    *out++ = static_cast<std::uint8_t>(1 + static_cast<unsigned>(address.family));
    const std::size_t size = address_size(address.family);
    std::memcpy(out, address.bytes.data(), size);
    return out + size;
}

std::uint8_t* order_endpoint(std::uint8_t* out, const Endpoint& endpoint) {
    out = order_address(out, endpoint.address);
    // Three bytes: no port is before port 0.
    const std::uint32_t port = endpoint.port ? *endpoint.port + 1U : 0U;
    *out++ = static_cast<std::uint8_t>(port >> 16);
    *out++ = static_cast<std::uint8_t>(port >> 8);
    *out++ = static_cast<std::uint8_t>(port);
    return out;
}

/// The place of each protocol number among all protocols ordered by what is shown of them.
const std::array<std::uint8_t, 256>& protocol_ranks() {
    static const std::array<std::uint8_t, 256> ranks = [] {
        std::array<std::uint8_t, 256> order{};
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = static_cast<std::uint8_t>(i);
        std::sort(order.begin(), order.end(), [](std::uint8_t a, std::uint8_t b) {
            return Comparer{}(Protocol{a}, Protocol{b}) < 0;
        });
        std::array<std::uint8_t, 256> result{};
        for (std::size_t i = 0; i < order.size(); ++i)
            result[order[i]] = static_cast<std::uint8_t>(i);
        return result;
    }();
    return ranks;
}

struct OrderBytes {
    std::uint8_t* out;

    std::uint8_t* operator()(const Absent&) const {
        *out = 0xFF;
        return out + 1;
    }
    std::uint8_t* operator()(const Text& value) const { return order_text(out, value.text); }
    std::uint8_t* operator()(const Count& value) const { return order_number(out, value.value); }
    std::uint8_t* operator()(const Bytes& value) const { return order_number(out, value.value); }
    std::uint8_t* operator()(const Rate& value) const { return order_number(out, value.value); }
    std::uint8_t* operator()(const Duration& value) const {
        const auto size = value.value.count();
        return order_number(out, size < 0 ? 0 : static_cast<std::uint64_t>(size));
    }
    std::uint8_t* operator()(const Instant& value) const {
        const auto size = value.value.time_since_epoch().count();
        return order_number(out, size < 0 ? 0 : static_cast<std::uint64_t>(size));
    }
    std::uint8_t* operator()(const Change& value) const { return order_text(out, value.from); }
    std::uint8_t* operator()(const Hex& value) const { return order_number(out, value.value); }
    std::uint8_t* operator()(const Protocol& value) const {
        *out = protocol_ranks()[value.number];
        return out + 1;
    }
    std::uint8_t* operator()(const Address& value) const { return order_address(out, value); }
    std::uint8_t* operator()(const Port& value) const { return order_number(out, value.number); }
    std::uint8_t* operator()(const Place& value) const {
        return order_endpoint(out, value.endpoint);
    }
    std::uint8_t* operator()(const RawTuple& value) const {
        const Tuple tuple = value.flow->tuple(value.direction);
        return order_endpoint(order_endpoint(out, tuple.source), tuple.destination);
    }
    std::uint8_t* operator()(const Flags& value) const { return order_number(out, value.bits); }
    std::uint8_t* operator()(const Labels& value) const {
        *out = 1;
        return std::copy(value.bits.rbegin(), value.bits.rend(), out + 1);
    }
    std::uint8_t* operator()(const Network& value) const {
        std::uint8_t* const end = order_address(out, value.base);
        *end = static_cast<std::uint8_t>(value.prefix);
        return end + 1;
    }
    std::uint8_t* operator()(const Percent& value) const {
        return order_number(out, value.hundredths);
    }
    std::uint8_t* operator()(const Holders& value) const {
        return order_number(out, value.all->biggest().front().ports);
    }
};

} // namespace

std::strong_ordering compare(const Value& a, const Value& b) {
    return std::visit(Comparer{}, a, b);
}

std::uint8_t* order_bytes(std::uint8_t* out, const Value& value) {
    return std::visit(OrderBytes{out}, value);
}

} // namespace natstat
