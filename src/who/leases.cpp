// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The forms are those of dnsmasq's lease_update_file (src/lease.c), of dhcpd.leases(5), of Kea's
// administrator's manual and of libvirt's leaseshelper. A line that has another one is passed over.
#include "leases.hpp"

#include "json_texts.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace natstat {

namespace {

constexpr std::string_view blanks = " \t\r\v\f";

std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

std::string_view take_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const std::size_t end = std::min(line.find_first_of(blanks), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(end);
    return word;
}

void put(LeasedNames& names, std::optional<Address> address, std::string_view name) {
    if (address && !name.empty())
        names[*address] = name;
}

/// Without quotation marks and what ends a statement.
std::string_view bare(std::string_view text) {
    while (!text.empty() && (text.back() == ';' || text.back() == '"'))
        text.remove_suffix(1);
    return text.substr(text.starts_with('"') ? 1 : 0);
}

/// The cells of a line of CSV; Kea writes a comma within a name as &#x2c.
std::vector<std::string_view> cells_of(std::string_view line) {
    std::vector<std::string_view> cells;
    while (true) {
        const std::size_t end = line.find(',');
        cells.push_back(line.substr(0, end));
        if (end == std::string_view::npos)
            return cells;
        line.remove_prefix(end + 1);
    }
}

} // namespace

void take_dnsmasq_leases(std::string_view text, LeasedNames& names) {
    while (!text.empty()) {
        std::string_view line = take_line(text);
        take_word(line); // when it ends
        take_word(line); // its MAC, or the association of IPv6
        const auto address = parse_address(take_word(line));
        const std::string_view name = take_word(line);
        put(names, address, name == "*" ? std::string_view{} : name);
    }
}

void take_isc_leases(std::string_view text, LeasedNames& names) {
    std::optional<Address> address;
    std::string name;
    bool is_active = true;
    while (!text.empty()) {
        std::string_view line = take_line(text);
        const std::string_view word = take_word(line);
        if (word == "lease" || word == "iaaddr") {
            address = parse_address(take_word(line));
            is_active = true;
            if (word == "lease") // the name of an iaaddr stands before it
                name.clear();
        } else if (word == "ia-na") {
            name.clear();
        } else if (word == "client-hostname") {
            name = bare(take_word(line));
        } else if (word == "binding") {
            take_word(line); // "state"
            is_active = take_word(line) == "active;";
        } else if (word == "}" && address) {
            if (is_active)
                put(names, address, name);
            else
                names.erase(*address);
            address.reset();
        }
    }
}

void take_kea_leases(std::string_view text, LeasedNames& names) {
    const std::vector<std::string_view> titles = cells_of(take_line(text));
    const auto place = [&](std::string_view title) {
        return static_cast<std::size_t>(std::find(titles.begin(), titles.end(), title) -
                                        titles.begin());
    };
    const std::size_t address = place("address"), name = place("hostname"), state = place("state");
    while (!text.empty() && address < titles.size() && name < titles.size()) {
        const auto cells = cells_of(take_line(text));
        if (cells.size() <= std::max(address, name))
            continue;
        const auto parsed = parse_address(cells[address]);
        const bool is_active = state >= cells.size() || cells[state].starts_with('0');
        if (is_active)
            put(names, parsed, cells[name].substr(0, cells[name].find_last_not_of('.') + 1));
        else if (parsed)
            names.erase(*parsed);
    }
}

void take_libvirt_leases(std::string_view text, LeasedNames& names) {
    std::optional<Address> address;
    std::string name;
    std::size_t object = 0;
    for_each_text(
        text, [&](std::span<const std::string> path, std::size_t element, std::string_view value) {
            if (element != object) {
                address.reset();
                name.clear();
                object = element;
            }
            if (path.size() == 1 && path[0] == "ip-address")
                address = parse_address(value);
            if (path.size() == 1 && path[0] == "hostname")
                name = value;
            put(names, address, name);
        });
}

std::optional<Mac> parse_mac(std::string_view text) {
    Mac mac{};
    for (std::size_t i = 0; i < mac.size(); ++i) {
        const char* const last = text.data() + std::min<std::size_t>(text.find(':'), text.size());
        const auto [end, error] = std::from_chars(text.data(), last, mac[i], 16);
        if (error != std::errc{} || end != last)
            return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        if (i + 1 < mac.size()) {
            if (text.empty())
                return std::nullopt;
            text.remove_prefix(1);
        }
    }
    return text.empty() ? std::optional(mac) : std::nullopt;
}

std::string to_text(const Mac& mac) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const std::uint8_t byte : mac)
        text += {digits[byte >> 4U], digits[byte & 0xFU], ':'};
    text.pop_back();
    return text;
}

std::map<Mac, std::string> parse_ethers(std::string_view text) {
    std::map<Mac, std::string> names;
    while (!text.empty()) {
        std::string_view line = take_line(text);
        line = line.substr(0, line.find('#'));
        const auto mac = parse_mac(take_word(line));
        const std::string_view name = take_word(line);
        if (mac && !name.empty())
            names[*mac] = name;
    }
    return names;
}

} // namespace natstat
