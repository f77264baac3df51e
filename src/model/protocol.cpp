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

constexpr std::uint64_t minute = 60, hour = 60 * minute, day = 24 * hour;

constexpr auto none = Phase::none, opening = Phase::opening, established = Phase::established,
               closing = Phase::closing;

// Timeouts are those of net/netfilter/nf_conntrack_proto_*.c of Linux 6.18, and those of older
// kernels where they were others; a state without one has no setting.
constexpr ProtocolState tcp_states[] = {
    {"NONE", none, {}},
    {"SYN_SENT", opening, {"tcp_timeout_syn_sent", 2 * minute}},
    {"SYN_RECV", opening, {"tcp_timeout_syn_recv", minute}},
    {"ESTABLISHED", established, {"tcp_timeout_established", 5 * day}},
    {"FIN_WAIT", closing, {"tcp_timeout_fin_wait", 2 * minute}},
    {"CLOSE_WAIT", closing, {"tcp_timeout_close_wait", minute}},
    {"LAST_ACK", closing, {"tcp_timeout_last_ack", 30}},
    {"TIME_WAIT", closing, {"tcp_timeout_time_wait", 2 * minute}},
    {"CLOSE", closing, {"tcp_timeout_close", 10}},
    {"SYN_SENT2", opening, {}},
};
// Unanswered data or a closed window (nf_conntrack_tcp_packet).
constexpr TimeoutSetting tcp_shortened[] = {
    {"tcp_timeout_max_retrans", 5 * minute},
    {"tcp_timeout_unacknowledged", 5 * minute},
};
// The 0.3 seconds of older kernels read as 0.
constexpr ProtocolState sctp_states[] = {
    {"NONE", none, {}},
    {"CLOSED", closing, {"sctp_timeout_closed", 10}},
    {"COOKIE_WAIT", opening, {"sctp_timeout_cookie_wait", 3}},
    {"COOKIE_ECHOED", opening, {"sctp_timeout_cookie_echoed", 3}},
    {"ESTABLISHED", established, {"sctp_timeout_established", 210, 5 * day}},
    {"SHUTDOWN_SENT", closing, {"sctp_timeout_shutdown_sent", 3, 0}},
    {"SHUTDOWN_RECD", closing, {"sctp_timeout_shutdown_recd", 3, 0}},
    {"SHUTDOWN_ACK_SENT", closing, {"sctp_timeout_shutdown_ack_sent", 3}},
    {"HEARTBEAT_SENT", opening, {"sctp_timeout_heartbeat_sent", 30}},
    {"HEARTBEAT_ACKED", established, {"sctp_timeout_heartbeat_acked", 210}},
};
// Until Linux 6.15: twice and four times 2 minutes.
constexpr ProtocolState dccp_states[] = {
    {"NONE", none, {}},
    {"REQUEST", opening, {"dccp_timeout_request", 4 * minute}},
    {"RESPOND", opening, {"dccp_timeout_respond", 8 * minute}},
    {"PARTOPEN", opening, {"dccp_timeout_partopen", 8 * minute}},
    {"OPEN", established, {"dccp_timeout_open", 12 * hour}},
    {"CLOSEREQ", closing, {"dccp_timeout_closereq", 64}},
    {"CLOSING", closing, {"dccp_timeout_closing", 64}},
    {"TIMEWAIT", closing, {"dccp_timeout_timewait", 4 * minute}},
    {"IGNORE", none, {}},
    {"INVALID", none, {}},
};

/// The states of a protocol without any of its own.
constexpr std::array<ProtocolState, 3> by_flags(const TimeoutSetting& before,
                                                const TimeoutSetting& assured) {
    return {{{"UNREPLIED", none, before}, {"REPLIED", none, before}, {"ASSURED", none, assured}}};
}
constexpr std::array<ProtocolState, 3> by_flags(const TimeoutSetting& only) {
    return by_flags(only, only);
}
constexpr auto udp_states =
    by_flags({"udp_timeout", 30}, {"udp_timeout_stream", 2 * minute, 3 * minute});
constexpr auto gre_states = by_flags({"gre_timeout", 30}, {"gre_timeout_stream", 3 * minute});
constexpr auto icmp_states = by_flags({"icmp_timeout", 30});
constexpr auto icmpv6_states = by_flags({"icmpv6_timeout", 30});
constexpr auto other_states = by_flags({"generic_timeout", 10 * minute});

constexpr auto ports = Carries::ports, keys = Carries::keys, echo_id = Carries::echo_id,
               nothing = Carries::nothing;

// Those that conntrack knows nothing of are named because they turn up in NAT tables; IANA's
// registry has the rest.
constexpr ProtocolKind table[] = {
    {"icmp", protocol::icmp, echo_id, false, icmp_states},
    {"igmp", 2, nothing, false, other_states},
    {"ipip", 4, nothing, false, other_states},
    {"tcp", protocol::tcp, ports, true, tcp_states, 1, tcp_shortened},
    {"udp", protocol::udp, ports, true, udp_states},
    {"dccp", protocol::dccp, ports, false, dccp_states, 2},
    {"ipv6", 41, nothing, false, other_states},
    {"gre", protocol::gre, keys, false, gre_states},
    {"esp", 50, nothing, false, other_states},
    {"ah", 51, nothing, false, other_states},
    {"icmpv6", protocol::icmpv6, echo_id, false, icmpv6_states},
    {"ospf", 89, nothing, false, other_states},
    {"vrrp", 112, nothing, false, other_states},
    {"sctp", protocol::sctp, ports, false, sctp_states, 3},
    {"udplite", protocol::udplite, ports, false, udp_states},
    {"", protocol::reserved, nothing, false, other_states}, // all others
};
constexpr std::size_t named = std::size(table) - 1;

constexpr auto index_by_number = [] {
    std::array<std::uint8_t, 256> index{};
    index.fill(named);
    for (std::size_t i = 0; i < named; ++i)
        index[table[i].number] = static_cast<std::uint8_t>(i);
    return index;
}();

constexpr auto names_only = [] {
    std::array<std::string_view, named> names{};
    for (std::size_t i = 0; i < names.size(); ++i)
        names[i] = table[i].name;
    return names;
}();

constexpr StatusFlag flags[] = {
    {"unreplied", 1, true},    {"assured", 2, false},        {"expected", 0, false},
    {"src_nat", 4, false},     {"dst_nat", 5, false},        {"seq_adjust", 6, false},
    {"dying", 9, false},       {"fixed_timeout", 10, false}, {"template", 11, false},
    {"clash", 12, false},      {"helper", 13, false},        {"offload", 14, false},
    {"hw_offload", 15, false},
};

bool same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace

std::span<const ProtocolKind> protocols() {
    return {table, named};
}

const ProtocolKind& protocol_kind(std::uint8_t number) {
    return table[index_by_number[number]];
}

std::string_view protocol_name(std::uint8_t number) {
    return protocol_kind(number).name;
}

std::optional<std::uint8_t> parse_protocol(std::string_view text) {
    std::uint8_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{} && end == text.data() + text.size())
        return number;
    for (const ProtocolKind& kind : protocols())
        if (same_word(kind.name, text))
            return kind.number;
    return std::nullopt;
}

std::span<const std::string_view> protocol_names() {
    return names_only;
}

bool has_states(std::uint8_t protocol) {
    return protocol_kind(protocol).has_states();
}

std::string_view state_name(std::uint8_t protocol, std::uint8_t state) {
    const ProtocolKind& kind = protocol_kind(protocol);
    return kind.has_states() && state < kind.states.size() ? kind.states[state].name
                                                           : std::string_view{};
}

std::optional<std::uint8_t> parse_state(std::uint8_t protocol, std::string_view name) {
    const ProtocolKind& kind = protocol_kind(protocol);
    for (std::size_t i = 0; kind.has_states() && i < kind.states.size(); ++i)
        if (same_word(kind.states[i].name, name))
            return static_cast<std::uint8_t>(i);
    return std::nullopt;
}

std::span<const StatusFlag> status_flags() {
    return flags;
}

} // namespace natstat
