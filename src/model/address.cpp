// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// Text of addresses both ways. IPv4 and IPv6 are written by hand because a listing writes millions
// of them; they are read by inet_pton, which is strict and reads only a few.
#include "natstat/model/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

namespace natstat {

namespace {

/// The text of every octet, padded to four bytes, and its length in the last of them.
constexpr auto octet_texts = [] {
    std::array<std::array<char, 4>, 256> texts{};
    for (unsigned value = 0; value < texts.size(); ++value) {
        std::size_t size = 0;
        if (value >= 100)
            texts[value][size++] = static_cast<char>('0' + value / 100);
        if (value >= 10)
            texts[value][size++] = static_cast<char>('0' + value / 10 % 10);
        texts[value][size++] = static_cast<char>('0' + value % 10);
        texts[value][3] = static_cast<char>(size);
    }
    return texts;
}();

/// Writes four bytes, of which those up to the end that it returns count.
char* write_octet(char* out, std::uint8_t value) {
    const auto& text = octet_texts[value];
    std::memcpy(out, text.data(), text.size());
    return out + text[3];
}

char* write_ipv4(char* out, const std::uint8_t* bytes) {
    for (int i = 0; i < 4; ++i) {
        if (i != 0)
            *out++ = '.';
        out = write_octet(out, bytes[i]);
    }
    return out;
}

char* write_group(char* out, unsigned value) {
    static constexpr char digits[] = "0123456789abcdef";
    if (value >= 0x1000)
        *out++ = digits[value >> 12];
    if (value >= 0x100)
        *out++ = digits[value >> 8 & 0xF];
    if (value >= 0x10)
        *out++ = digits[value >> 4 & 0xF];
    *out++ = digits[value & 0xF];
    return out;
}

struct Run {
    int start = -1;
    int length = 0;
};

/// The first longest run of two or more zero groups (RFC 5952 section 4.2).
Run longest_zero_run(const std::array<unsigned, 8>& groups) {
    Run best;
    Run run;
    for (int i = 0; i < 8; ++i) {
        if (groups[static_cast<std::size_t>(i)] != 0) {
            run.length = 0;
            continue;
        }
        if (run.length++ == 0)
            run.start = i;
        if (run.length > best.length)
            best = run;
    }
    return best.length >= 2 ? best : Run{};
}

char* write_ipv6(char* out, const std::array<std::uint8_t, 16>& bytes) {
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i)
        groups[i] = static_cast<unsigned>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    const Run run = longest_zero_run(groups);
    // RFC 5952 section 5: IPv4-mapped addresses end in dotted form.
    const bool mapped = run.start == 0 && run.length == 5 && groups[5] == 0xFFFF;
    for (int i = 0; i < 8;) {
        if (i == run.start) {
            *out++ = ':';
            *out++ = ':';
            i += run.length;
            continue;
        }
        if (i != 0 && out[-1] != ':')
            *out++ = ':';
        if (mapped && i == 6)
            return write_ipv4(out, &bytes[12]);
        out = write_group(out, groups[static_cast<std::size_t>(i)]);
        ++i;
    }
    return out;
}

std::optional<unsigned> parse_decimal(std::string_view text, unsigned limit) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > limit)
        return std::nullopt;
    return value;
}

std::optional<Endpoint> with_port(std::string_view address, std::string_view port) {
    const auto parsed = parse_address(address);
    const auto number = parse_decimal(port, 65535);
    if (!parsed || !number)
        return std::nullopt;
    return Endpoint{*parsed, static_cast<std::uint16_t>(*number)};
}

} // namespace

std::size_t AddressHash::operator()(const Address& address) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, address.bytes.data(), sizeof halves);
    SipHash hash(key);
    hash.word(halves[0]);
    if (address.family == Family::ipv6)
        hash.word(halves[1]);
    return hash.end(0, address_size(address.family));
}

Address make_address(Family family, const std::uint8_t* bytes) {
    Address address{family, {}};
    std::memcpy(address.bytes.data(), bytes, address_size(family));
    return address;
}

std::optional<Address> parse_address(std::string_view text) {
    char terminated[address_text_max + 1];
    if (text.size() > address_text_max || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    text.copy(terminated, text.size());
    terminated[text.size()] = '\0';
    Address address;
    if (inet_pton(AF_INET, terminated, address.bytes.data()) == 1)
        address.family = Family::ipv4;
    else if (inet_pton(AF_INET6, terminated, address.bytes.data()) == 1)
        address.family = Family::ipv6;
    else
        return std::nullopt;
    return address;
}

char* write_address(char* out, const Address& address) {
    switch (address.family) {
    case Family::none:
        return out;
    case Family::ipv4:
        return write_ipv4(out, address.bytes.data());
    case Family::ipv6:
        return write_ipv6(out, address.bytes);
    }
    return out;
}

std::string to_text(const Address& address) {
    char text[address_text_max];
    return {text, write_address(text, address)};
}

bool Network::contains(const Address& address) const {
    if (address.family != base.family)
        return false;
    const std::size_t whole = prefix / 8;
    if (std::memcmp(address.bytes.data(), base.bytes.data(), whole) != 0)
        return false;
    const unsigned rest = prefix % 8;
    return rest == 0 || ((address.bytes[whole] ^ base.bytes[whole]) >> (8 - rest)) == 0;
}

Network network_of(const Address& address, unsigned prefix) {
    const auto bits = static_cast<unsigned>(8 * address_size(address.family));
    Network network{address, std::min(prefix, bits)};
    for (std::size_t byte = network.prefix / 8; byte < bits / 8; ++byte) {
        const unsigned kept = byte == network.prefix / 8 ? network.prefix % 8 : 0;
        network.base.bytes[byte] &= static_cast<std::uint8_t>(0xFF00U >> kept);
    }
    return network;
}

std::optional<Network> parse_network(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address)
        return std::nullopt;
    const auto bits = static_cast<unsigned>(8 * address_size(address->family));
    if (slash == std::string_view::npos)
        return Network{*address, bits};
    const auto prefix = parse_decimal(text.substr(slash + 1), bits);
    return prefix ? std::optional(network_of(*address, *prefix)) : std::nullopt;
}

char* write_endpoint(char* out, const Endpoint& endpoint) {
    if (!endpoint.port)
        return write_address(out, endpoint.address);
    const bool bracketed = endpoint.address.family == Family::ipv6;
    if (bracketed)
        *out++ = '[';
    out = write_address(out, endpoint.address);
    if (bracketed)
        *out++ = ']';
    *out++ = ':';
    return std::to_chars(out, out + 5, *endpoint.port).ptr;
}

std::string to_text(const Endpoint& endpoint) {
    char text[endpoint_text_max];
    return {text, write_endpoint(text, endpoint)};
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos)
            return std::nullopt;
        const auto inside = text.substr(1, close - 1);
        const auto rest = text.substr(close + 1);
        const auto address = parse_address(inside);
        if (!address || address->family != Family::ipv6)
            return std::nullopt;
        if (rest.empty())
            return Endpoint{*address, std::nullopt};
        return rest.starts_with(':') ? with_port(inside, rest.substr(1)) : std::nullopt;
    }
    if (const auto address = parse_address(text))
        return Endpoint{*address, std::nullopt};
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
        return std::nullopt;
    return with_port(text.substr(0, colon), text.substr(colon + 1));
}

} // namespace natstat
