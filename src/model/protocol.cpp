// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The tables of names. Numbers are the kernel's (uapi headers) and IANA's.
#include "natstat/model/protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <strings.h>

namespace natstat {

namespace {

struct NamedProtocol {
    std::string_view name;
    std::uint8_t number;
    std::span<const std::string_view> states;
};

constexpr std::string_view tcp_states[] = {
    "NONE",       "SYN_SENT", "SYN_RECV",  "ESTABLISHED", "FIN_WAIT",
    "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT", "CLOSE",       "SYN_SENT2",
};
constexpr std::string_view sctp_states[] = {
    "NONE",          "CLOSED",        "COOKIE_WAIT",       "COOKIE_ECHOED",  "ESTABLISHED",
    "SHUTDOWN_SENT", "SHUTDOWN_RECD", "SHUTDOWN_ACK_SENT", "HEARTBEAT_SENT", "HEARTBEAT_ACKED",
};
constexpr std::string_view dccp_states[] = {
    "NONE",     "REQUEST", "RESPOND",  "PARTOPEN", "OPEN",
    "CLOSEREQ", "CLOSING", "TIMEWAIT", "IGNORE",   "INVALID",
};

// Numbers without a state table are named because they turn up in NAT tables; IANA's registry has
// the rest.
constexpr NamedProtocol protocols[] = {
    {"icmp", protocol::icmp, {}},
    {"igmp", 2, {}},
    {"ipip", 4, {}},
    {"tcp", protocol::tcp, tcp_states},
    {"udp", protocol::udp, {}},
    {"dccp", protocol::dccp, dccp_states},
    {"ipv6", 41, {}},
    {"gre", protocol::gre, {}},
    {"esp", 50, {}},
    {"ah", 51, {}},
    {"icmpv6", protocol::icmpv6, {}},
    {"ospf", 89, {}},
    {"vrrp", 112, {}},
    {"sctp", protocol::sctp, sctp_states},
    {"udplite", protocol::udplite, {}},
};

constexpr auto index_by_number = [] {
    std::array<std::uint8_t, 256> index{}; // position in protocols + 1
    for (std::size_t i = 0; i < std::size(protocols); ++i)
        index[protocols[i].number] = static_cast<std::uint8_t>(i + 1);
    return index;
}();

constexpr auto names_only = [] {
    std::array<std::string_view, std::size(protocols)> names{};
    for (std::size_t i = 0; i < names.size(); ++i)
        names[i] = protocols[i].name;
    return names;
}();

constexpr StatusFlag flags[] = {
    {"unreplied", 1, true},    {"assured", 2, false},        {"expected", 0, false},
    {"src_nat", 4, false},     {"dst_nat", 5, false},        {"seq_adjust", 6, false},
    {"dying", 9, false},       {"fixed_timeout", 10, false}, {"template", 11, false},
    {"clash", 12, false},      {"helper", 13, false},        {"offload", 14, false},
    {"hw_offload", 15, false},
};

const NamedProtocol* find(std::uint8_t number) {
    const std::uint8_t index = index_by_number[number];
    return index == 0 ? nullptr : &protocols[index - 1];
}

bool same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace

std::string_view protocol_name(std::uint8_t number) {
    const NamedProtocol* found = find(number);
    return found == nullptr ? std::string_view{} : found->name;
}

std::optional<std::uint8_t> parse_protocol(std::string_view text) {
    std::uint8_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size())
        return number;
    const auto found = std::find_if(std::begin(protocols), std::end(protocols),
                                    [&](const auto& row) { return same_word(row.name, text); });
    return found == std::end(protocols) ? std::nullopt : std::optional(found->number);
}

std::span<const std::string_view> protocol_names() {
    return names_only;
}

std::span<const std::string_view> state_names(std::uint8_t protocol) {
    const NamedProtocol* found = find(protocol);
    return found == nullptr ? std::span<const std::string_view>{} : found->states;
}

std::string_view state_name(std::uint8_t protocol, std::uint8_t state) {
    const auto names = state_names(protocol);
    return state < names.size() ? names[state] : std::string_view{};
}

std::optional<std::uint8_t> parse_state(std::uint8_t protocol, std::string_view name) {
    const auto names = state_names(protocol);
    for (std::size_t i = 0; i < names.size(); ++i)
        if (same_word(names[i], name))
            return static_cast<std::uint8_t>(i);
    return std::nullopt;
}

std::span<const StatusFlag> status_flags() {
    return flags;
}

} // namespace natstat
