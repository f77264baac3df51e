// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What stands before the first colon is a way, or part of the host.
#include "natstat/ipfix/destination.hpp"

#include <charconv>
#include <optional>

namespace natstat::ipfix {

namespace {

using Way = Destination::Way;

constexpr struct {
    std::string_view prefix;
    Way way;
} ways[] = {{"udp:", Way::udp}, {"tcp:", Way::tcp}, {"file:", Way::file}};

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, port);
    return error == std::errc{} && end == last && port != 0 ? std::optional(port) : std::nullopt;
}

} // namespace

std::string Destination::text() const {
    std::string text;
    for (const auto& each : ways)
        if (each.way == way)
            text = each.prefix;
    if (way == Way::file)
        return text + name;
    if (address.family == Family::none)
        return text + name + ":" + std::to_string(port);
    return text + to_text(Endpoint{address, port});
}

std::variant<Destination, std::string> parse_destination(std::string_view text) {
    Destination destination;
    std::string_view rest = text;
    for (const auto& each : ways)
        if (text.starts_with(each.prefix)) {
            destination.way = each.way;
            rest.remove_prefix(each.prefix.size());
        }
    if (rest.empty())
        return "'" + std::string(text) + "' names no host and no file";
    destination.name = rest;
    if (destination.way == Way::file)
        return destination;
    if (const auto endpoint = parse_endpoint(rest)) {
        destination.address = endpoint->address;
        destination.port = endpoint->port.value_or(destination.port);
        return destination;
    }
    if (rest.find('/') != std::string_view::npos)
        return "'" + std::string(text) + "' is no host; a file is file:" + std::string(text);
    if (const std::size_t colon = rest.rfind(':'); colon != std::string_view::npos) {
        const auto port = parse_port(rest.substr(colon + 1));
        if (!port || colon == 0 || rest.find(':') != colon)
            return "'" + std::string(text) + "' is not udp:HOST:PORT, tcp:HOST:PORT or file:NAME";
        destination.name = rest.substr(0, colon);
        destination.port = *port;
    }
    return destination;
}

} // namespace natstat::ipfix
