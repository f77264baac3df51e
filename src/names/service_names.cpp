// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The system's table of services, read through the C library so that its configuration holds.
#include "natstat/names/service_names.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>

namespace natstat {
namespace {

constexpr std::size_t entry_bytes = 16 * 1024;
constexpr std::size_t entry_bytes_max = 1024 * 1024;

std::uint32_t key(std::uint16_t port, std::uint8_t protocol) {
    return (std::uint32_t{protocol} << 16) | port;
}

// Protocols that have no services of their own borrow another's.
std::uint8_t lender(std::uint8_t protocol) {
    return protocol == IPPROTO_UDPLITE ? std::uint8_t{IPPROTO_UDP} : protocol;
}

/// The protocols that have ports, as the table of services names them; 0 for all others.
std::uint8_t protocol_number(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, std::uint8_t>, 5> known{{
        {"tcp", IPPROTO_TCP},
        {"udp", IPPROTO_UDP},
        {"dccp", IPPROTO_DCCP},
        {"sctp", IPPROTO_SCTP},
        {"udplite", IPPROTO_UDPLITE},
    }};
    for (const auto& [known_name, number] : known)
        if (known_name == name)
            return number;
    return 0;
}

/// A table of other people's making is not let near a terminal unread.
bool is_printable(std::string_view name) {
    return !name.empty() &&
           std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

void append(std::vector<Service>& services, const servent& entry) {
    const std::uint8_t protocol = protocol_number(entry.s_proto);
    const std::uint16_t port = ntohs(static_cast<std::uint16_t>(entry.s_port));
    if (protocol == 0)
        return;
    if (is_printable(entry.s_name))
        services.push_back({entry.s_name, port, protocol, false});
    for (char** alias = entry.s_aliases; *alias != nullptr; ++alias)
        if (is_printable(*alias))
            services.push_back({*alias, port, protocol, true});
}

std::vector<Service> system_services() {
    std::vector<Service> services;
    std::vector<char> buffer(entry_bytes);
    servent entry{};
    servent* found = nullptr;
    setservent(1);
    while (true) {
        const int error = getservent_r(&entry, buffer.data(), buffer.size(), &found);
        if (error == ERANGE && buffer.size() < entry_bytes_max)
            buffer.resize(buffer.size() * 2);
        else if (error != 0 || found == nullptr)
            break;
        else
            append(services, *found);
    }
    endservent();
    return services;
}

} // namespace

ServiceNames::ServiceNames(std::vector<Service> services) : table_(index(std::move(services))) {}

std::string_view ServiceNames::name(std::uint16_t port, std::uint8_t protocol) const {
    const auto& names = table().names;
    auto found = names.find(key(port, protocol));
    if (found == names.end())
        found = names.find(key(port, lender(protocol)));
    return found == names.end() ? std::string_view{} : found->second;
}

std::vector<std::uint16_t> ServiceNames::ports(std::string_view name, std::uint8_t protocol) const {
    std::vector<std::uint16_t> ports;
    for (const Service& service : table().services)
        if (service.name == name &&
            (protocol == 0 || service.protocol == protocol || service.protocol == lender(protocol)))
            ports.push_back(service.port);
    std::sort(ports.begin(), ports.end());
    ports.erase(std::unique(ports.begin(), ports.end()), ports.end());
    return ports;
}

ServiceNames::Table ServiceNames::index(std::vector<Service> services) {
    Table table;
    for (const Service& service : services)
        if (!service.alias)
            table.names.try_emplace(key(service.port, service.protocol), service.name);
    table.services = std::move(services);
    return table;
}

const ServiceNames::Table& ServiceNames::table() const {
    if (!table_)
        table_ = index(system_services());
    return *table_;
}

} // namespace natstat
