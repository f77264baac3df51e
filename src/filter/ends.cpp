// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What an end of a flow can be called: address, network, host's name, port, range of ports,
// service's name, and an address with a port. Names are asked of FilterNames and of nobody else.
#include "lexer.hpp"
#include "values.hpp"

#include <algorithm>
#include <charconv>

namespace natstat {

namespace {

std::optional<std::uint16_t> read_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(port)
                                                                    : std::nullopt;
}

/// "8000-8100"; not for a service's name with a dash, such as ftp-data.
std::optional<PortRange> read_port_range(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos)
        return std::nullopt;
    const auto low = read_port(text.substr(0, dash));
    const auto high = read_port(text.substr(dash + 1));
    return low && high ? std::optional(PortRange{*low, *high}) : std::nullopt;
}

/// Whether a resolver may be asked for it. Names in other scripts are bytes above ASCII here.
bool is_name(std::string_view text) {
    const auto in_name = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_' || (static_cast<unsigned char>(c) & 0x80) != 0;
    };
    // Numbers and dots alone are a wrong address.
    return text.find_first_not_of("0123456789.-") != std::string_view::npos &&
           std::all_of(text.begin(), text.end(), in_name);
}

AddressRange range_of(const Network& network) {
    AddressRange range{network.base, network.base};
    const auto bits = static_cast<unsigned>(8 * address_size(network.base.family));
    for (unsigned bit = network.prefix; bit < bits; ++bit)
        range.high.bytes[bit / 8] |= static_cast<std::uint8_t>(0x80U >> bit % 8);
    return range;
}

/// The two halves of an end: "10.0.0.1:80", "[2001:db8::1]:80", "name:http".
struct Halves {
    std::string_view host;
    std::optional<std::string_view> port;
    bool bracketed = false;
};

/// Empty for what has brackets or colons in the wrong places.
std::optional<Halves> halve(std::string_view text) {
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos)
            return std::nullopt;
        const std::string_view rest = text.substr(close + 1);
        const Halves halves{text.substr(1, close - 1), std::nullopt, true};
        if (rest.empty())
            return halves;
        return rest.front() == ':' ? std::optional(Halves{halves.host, rest.substr(1), true})
                                   : std::nullopt;
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || parse_network(text))
        return Halves{text, std::nullopt};
    if (text.find(':', colon + 1) != std::string_view::npos)
        return std::nullopt;
    return Halves{text.substr(0, colon), text.substr(colon + 1)};
}

Reading<std::vector<AddressRange>> read_host(const Halves& halves, const FilterNames& names) {
    const std::string_view text = halves.host;
    if (const auto network = parse_network(text);
        network && (!halves.bracketed || network->base.family == Family::ipv6))
        return std::vector<AddressRange>{range_of(*network)};
    if (halves.bracketed || !is_name(text))
        return quoted(text) + " is not an address or a network";
    if (!names.resolve)
        return quoted(text) + " is not an address, and names are not looked up here";
    std::vector<AddressRange> ranges;
    for (const Address& address : names.resolve(text))
        ranges.push_back({address, address});
    if (ranges.empty())
        return "unknown host " + quoted(text);
    return ranges;
}

} // namespace

Reading<std::vector<PortRange>> read_ports(std::string_view text, std::uint8_t protocol,
                                           const FilterNames& names) {
    if (const auto port = read_port(text))
        return std::vector<PortRange>{{*port, *port}};
    if (const auto range = read_port_range(text)) {
        if (range->low > range->high)
            return quoted(text) + ": the range goes backwards";
        return std::vector<PortRange>{*range};
    }
    if (text.find_first_not_of("0123456789-") == std::string_view::npos)
        return quoted(text) + " is not a port (0 to 65535)";
    if (!names.service)
        return quoted(text) + " is not a port, and names are not looked up here";
    std::vector<PortRange> ranges;
    for (const std::uint16_t port : names.service(text, protocol))
        ranges.push_back({port, port});
    if (ranges.empty())
        return "unknown service " + quoted(text);
    return ranges;
}

Reading<std::vector<EndPattern>> read_ends(std::string_view text, std::uint8_t protocol,
                                           const FilterNames& names) {
    const auto halves = halve(text);
    if (!halves)
        return quoted(text) + " is not an address (IPv6 with a port: [2001:db8::1]:80)";
    // The port first: a wrong one is told without asking for the name.
    Reading<std::vector<PortRange>> ports;
    if (halves->port)
        ports = read_ports(*halves->port, protocol, names);
    if (const auto* reason = std::get_if<std::string>(&ports))
        return *reason;
    const auto hosts = read_host(*halves, names);
    if (const auto* reason = std::get_if<std::string>(&hosts))
        return *reason;
    std::vector<EndPattern> patterns;
    for (const AddressRange& host : std::get<std::vector<AddressRange>>(hosts)) {
        if (!halves->port)
            patterns.push_back({host, std::nullopt});
        for (const PortRange& port : std::get<std::vector<PortRange>>(ports))
            patterns.push_back({host, port});
    }
    return patterns;
}

Reading<AddressRange> read_network(std::string_view text) {
    if (const auto network = parse_network(text))
        return range_of(*network);
    const std::size_t slash = std::min(text.find('/'), text.size());
    std::string full(text.substr(0, slash));
    const auto dots = static_cast<unsigned>(std::count(full.begin(), full.end(), '.'));
    for (unsigned missing = dots; missing < 3; ++missing)
        full += ".0";
    full += slash < text.size() ? std::string(text.substr(slash))
                                : '/' + std::to_string(8 * (dots + 1));
    const auto network = dots < 3 ? parse_network(full) : std::nullopt;
    if (!network)
        return quoted(text) + " is not a network (10.0.0.0/8, 2001:db8::/32)";
    return range_of(*network);
}

bool looks_like_end(std::string_view text) {
    const auto halves = halve(text);
    return halves && (parse_network(halves->host) || halves->port ||
                      text.find('.') != std::string_view::npos);
}

} // namespace natstat
