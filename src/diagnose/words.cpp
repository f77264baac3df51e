// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// What findings have in common when they say something.
#include "findings.hpp"

#include "natstat/model/utf8.hpp"

#include <algorithm>
#include <cstdio>

namespace natstat {

namespace {

/// As many hosts are named.
constexpr std::size_t most_hosts = 3;

std::string with_decimals(const char* format, double value) {
    std::array<char, 32> room{};
    const int size = std::snprintf(room.data(), room.size(), format, value);
    return {room.data(), static_cast<std::size_t>(size)};
}

} // namespace

std::string counted(std::uint64_t number, std::string_view one, std::string_view several) {
    return std::to_string(number) + " " + std::string(number == 1 ? one : several);
}

std::string connections(std::uint64_t number) {
    return counted(number, "connection", "connections");
}

std::string end_name(const EndKey& key) {
    const std::string_view protocol = protocol_name(key.protocol);
    return to_text(key) + " (" +
           (protocol.empty() ? "protocol " + std::to_string(key.protocol) : std::string(protocol)) +
           ")";
}

std::string seconds_text(std::chrono::duration<double> length) {
    return with_decimals("%.3g s", length.count());
}

std::string span_text(std::chrono::seconds span) {
    const auto count = span.count();
    constexpr long minute = 60, hour = 3600;
    if (count < minute)
        return std::to_string(count) + " s";
    if (count < hour)
        return std::to_string(count / minute) + " min " + std::to_string(count % minute) + " s";
    return std::to_string(count / hour) + " h " + std::to_string(count % hour / minute) + " min";
}

std::string range_text(const NatPorts& range) {
    return std::to_string(range.first) + "-" + std::to_string(range.last);
}

std::string percent_text(double percent) {
    return with_decimals("%.1f %%", percent);
}

std::string filter_of(const EndKey& key, std::string_view end) {
    const std::string side = end.empty() ? std::string() : std::string(end) + ' ';
    const std::string_view protocol = protocol_name(key.protocol);
    std::string text = "proto " +
                       (protocol.empty() ? std::to_string(key.protocol) : std::string(protocol)) +
                       " and " + side + "host " + to_text(address_of(key));
    if (key.port != 0)
        text += " and " + side + "port " + std::to_string(key.port);
    return text;
}

void set_hosts(Ailment& ailment, std::vector<Ailment::Host> hosts) {
    const auto before = [](const Ailment::Host& a, const Ailment::Host& b) {
        return a.count != b.count ? a.count > b.count : a.address < b.address;
    };
    const std::size_t shown = std::min(hosts.size(), most_hosts);
    std::partial_sort(hosts.begin(), hosts.begin() + static_cast<std::ptrdiff_t>(shown),
                      hosts.end(), before);
    ailment.other_hosts = hosts.size() - shown;
    hosts.resize(shown);
    ailment.hosts = std::move(hosts);
}

namespace {

/// "192.0.2.16 (31 ports)", and of the next one "192.0.2.17 (11, shop-api)"
std::string host_text(const Ailment::Host& host, const Ailment& ailment) {
    const Noun& noun = ailment.kind->counted_in;
    const bool first = &host == ailment.hosts.data() && !noun.one.empty();
    std::string text = to_text(host.address) + " (";
    text += first ? counted(host.count, noun.one, noun.several) : std::to_string(host.count);
    if (!host.workload.empty())
        text += ", " + without_controls(host.workload);
    return text + ")";
}

std::string hosts_text(const Ailment& ailment) {
    std::string text;
    for (const Ailment::Host& each : ailment.hosts)
        text += (text.empty() ? "" : ", ") + host_text(each, ailment);
    if (ailment.other_hosts != 0)
        text += " and " + counted(ailment.other_hosts, "more host", "more hosts");
    return text;
}

} // namespace

std::vector<FindingPart> said_of(const Ailment& ailment) {
    std::vector<FindingPart> all{{"seen", ailment.seen},
                                 {"who", hosts_text(ailment)},
                                 {"means", ailment.means},
                                 {"remedy", ailment.remedy},
                                 {"look", ailment.look, true}};
    std::erase_if(all, [](const FindingPart& each) { return each.text.empty(); });
    return all;
}

} // namespace natstat
