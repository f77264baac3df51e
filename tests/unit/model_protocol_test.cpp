// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// The name tables both ways, and what is built of their numbers: timeouts and list conditions.
#include "natstat/model/protocol.hpp"

#include "natstat/model/source.hpp"
#include "natstat/model/timeouts.hpp"

#include "make_flow.hpp"

#include "tests/catch.hpp"

#include <netinet/in.h>
#include <set>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_sctp.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

using namespace natstat;
using namespace natstat::test;
using std::chrono::seconds;

TEST_CASE("protocol names are read back, in any case", "[protocol]") {
    for (const std::string_view name : protocol_names()) {
        const auto number = parse_protocol(name);
        REQUIRE(number);
        REQUIRE(protocol_name(*number) == name);
        std::string upper(name);
        for (char& c : upper)
            c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
        REQUIRE(parse_protocol(upper) == number);
    }
}

TEST_CASE("protocol numbers are those of the system's headers", "[protocol]") {
    REQUIRE(protocol_name(IPPROTO_TCP) == "tcp");
    REQUIRE(protocol_name(IPPROTO_UDP) == "udp");
    REQUIRE(protocol_name(IPPROTO_ICMP) == "icmp");
    REQUIRE(protocol_name(IPPROTO_ICMPV6) == "icmpv6");
    REQUIRE(protocol_name(IPPROTO_SCTP) == "sctp");
    REQUIRE(protocol_name(IPPROTO_DCCP) == "dccp");
    REQUIRE(protocol_name(IPPROTO_GRE) == "gre");
    REQUIRE(protocol_name(IPPROTO_UDPLITE) == "udplite");
    REQUIRE(protocol_name(IPPROTO_ESP) == "esp");
    REQUIRE(protocol_name(IPPROTO_AH) == "ah");
    REQUIRE(protocol_name(IPPROTO_IPIP) == "ipip");
    REQUIRE(protocol_name(IPPROTO_IGMP) == "igmp");
    REQUIRE(protocol_name(IPPROTO_IPV6) == "ipv6");
}

TEST_CASE("every protocol number is read, named or not", "[protocol]") {
    for (unsigned number = 0; number < 256; ++number)
        REQUIRE(parse_protocol(std::to_string(number)) == static_cast<std::uint8_t>(number));
    REQUIRE(protocol_name(253).empty());
}

TEST_CASE("what is not a protocol is not read as one", "[protocol]") {
    const auto text = GENERATE(as<std::string>{}, "", "256", "-1", "+6", "6 ", "0x6", "tc", "tcpx",
                               "99999999999");
    REQUIRE_FALSE(parse_protocol(text));
}

TEST_CASE("TCP and SCTP states have the kernel's numbers", "[protocol]") {
    REQUIRE(parse_state(protocol::tcp, "SYN_SENT") == std::uint8_t{TCP_CONNTRACK_SYN_SENT});
    REQUIRE(parse_state(protocol::tcp, "SYN_RECV") == std::uint8_t{TCP_CONNTRACK_SYN_RECV});
    REQUIRE(parse_state(protocol::tcp, "ESTABLISHED") == std::uint8_t{TCP_CONNTRACK_ESTABLISHED});
    REQUIRE(parse_state(protocol::tcp, "FIN_WAIT") == std::uint8_t{TCP_CONNTRACK_FIN_WAIT});
    REQUIRE(parse_state(protocol::tcp, "CLOSE_WAIT") == std::uint8_t{TCP_CONNTRACK_CLOSE_WAIT});
    REQUIRE(parse_state(protocol::tcp, "LAST_ACK") == std::uint8_t{TCP_CONNTRACK_LAST_ACK});
    REQUIRE(parse_state(protocol::tcp, "TIME_WAIT") == std::uint8_t{TCP_CONNTRACK_TIME_WAIT});
    REQUIRE(parse_state(protocol::tcp, "CLOSE") == std::uint8_t{TCP_CONNTRACK_CLOSE});
    REQUIRE(parse_state(protocol::tcp, "SYN_SENT2") == std::uint8_t{TCP_CONNTRACK_SYN_SENT2});
    REQUIRE(parse_state(protocol::sctp, "CLOSED") == std::uint8_t{SCTP_CONNTRACK_CLOSED});
    REQUIRE(parse_state(protocol::sctp, "ESTABLISHED") == std::uint8_t{SCTP_CONNTRACK_ESTABLISHED});
    REQUIRE(parse_state(protocol::sctp, "SHUTDOWN_ACK_SENT") ==
            std::uint8_t{SCTP_CONNTRACK_SHUTDOWN_ACK_SENT});
    REQUIRE(parse_state(protocol::sctp, "HEARTBEAT_SENT") ==
            std::uint8_t{SCTP_CONNTRACK_HEARTBEAT_SENT});
}

TEST_CASE("states are read back, and belong to their protocol", "[protocol]") {
    for (const std::uint8_t proto : {protocol::tcp, protocol::sctp, protocol::dccp}) {
        const auto states = protocol_kind(proto).states;
        REQUIRE(has_states(proto));
        REQUIRE(states.size() <= state_limit);
        for (std::size_t i = 0; i < states.size(); ++i) {
            REQUIRE(parse_state(proto, states[i].name) == static_cast<std::uint8_t>(i));
            REQUIRE(state_name(proto, static_cast<std::uint8_t>(i)) == states[i].name);
        }
        REQUIRE(state_name(proto, static_cast<std::uint8_t>(states.size())).empty());
        REQUIRE(state_name(proto, 255).empty());
    }
    REQUIRE_FALSE(has_states(protocol::udp));
    REQUIRE_FALSE(parse_state(protocol::udp, "ESTABLISHED"));
    REQUIRE_FALSE(parse_state(protocol::tcp, "COOKIE_WAIT"));
    REQUIRE(parse_state(protocol::tcp, "syn_recv") == std::uint8_t{TCP_CONNTRACK_SYN_RECV});
}

TEST_CASE("the nests of states have the header's numbers", "[protocol]") {
    REQUIRE(protocol_kind(protocol::tcp).state_nest == CTA_PROTOINFO_TCP);
    REQUIRE(protocol_kind(protocol::dccp).state_nest == CTA_PROTOINFO_DCCP);
    REQUIRE(protocol_kind(protocol::sctp).state_nest == CTA_PROTOINFO_SCTP);
    // The decoder takes the first attribute of each.
    REQUIRE(std::set{int{CTA_PROTOINFO_TCP_STATE}, int{CTA_PROTOINFO_DCCP_STATE},
                     int{CTA_PROTOINFO_SCTP_STATE}} == std::set{1});
}

TEST_CASE("a protocol's row is whole", "[protocol]") {
    std::set<std::uint8_t> numbers;
    for (const ProtocolKind& kind : protocols()) {
        INFO(kind.name);
        REQUIRE(numbers.insert(kind.number).second);
        REQUIRE(&protocol_kind(kind.number) == &kind);
        REQUIRE(kind.states.size() <= 16); // Timeouts has room for so many
        REQUIRE((kind.has_states() || kind.states.size() == 3));
        const Flow flow = MakeFlow(kind.name, "192.0.2.1", "192.0.2.2");
        REQUIRE(flow.is_icmp() == (kind.carries == Carries::echo_id));
    }
    REQUIRE(numbers.size() < 32); // and for so many protocols
    REQUIRE(protocol_kind(254).name.empty());
    REQUIRE(&protocol_kind(254) == &protocol_kind(protocol::reserved));
}

TEST_CASE("status bits are the kernel's", "[protocol]") {
    REQUIRE(status::expected == IPS_EXPECTED);
    REQUIRE(status::seen_reply == IPS_SEEN_REPLY);
    REQUIRE(status::assured == IPS_ASSURED);
    REQUIRE(status::confirmed == IPS_CONFIRMED);
    REQUIRE(status::src_nat == IPS_SRC_NAT);
    REQUIRE(status::dst_nat == IPS_DST_NAT);
    REQUIRE(status::dying == IPS_DYING);
    REQUIRE(status::fixed_timeout == IPS_FIXED_TIMEOUT);
    REQUIRE(status::helper == IPS_HELPER);
    REQUIRE(status::offload == IPS_OFFLOAD);
}

TEST_CASE("each flag holds by its own bit, and unreplied by the want of one", "[protocol]") {
    std::set<std::string_view> names;
    for (const StatusFlag& flag : status_flags()) {
        REQUIRE(names.insert(flag.name).second);
        REQUIRE(holds(flag, 1U << flag.bit) != flag.inverted);
        REQUIRE(holds(flag, ~(1U << flag.bit)) == flag.inverted);
        REQUIRE(flag.inverted == (flag.name == "unreplied"));
    }
}

TEST_CASE("a flow lives by the timeout of its protocol and state", "[timeouts]") {
    Timeouts known;
    known.set(protocol::tcp, TCP_CONNTRACK_ESTABLISHED, seconds{432000});
    for (const std::uint8_t proto : {protocol::udp, protocol::udplite}) {
        known.set(proto, stateless::unreplied, seconds{30});
        known.set(proto, stateless::assured, seconds{120});
    }
    known.set(protocol::gre, stateless::assured, seconds{180});
    for (const StateNumber state : {stateless::unreplied, stateless::replied, stateless::assured}) {
        known.set(protocol::icmp, state, seconds{31});
        known.set(*parse_protocol("esp"), state, seconds{600});
        known.set(254, state, seconds{601});
    }
    const MakeFlow tcp("tcp", "192.0.2.1:1", "192.0.2.2:2");
    const MakeFlow udp("udp", "192.0.2.1:1", "192.0.2.2:2");
    REQUIRE(known.of(MakeFlow(tcp).state("ESTABLISHED")) == seconds{432000});
    REQUIRE_FALSE(known.of(MakeFlow(tcp).state("SYN_SENT")));
    REQUIRE_FALSE(known.of(tcp));
    REQUIRE(known.of(MakeFlow(udp).status(status::seen_reply)) == seconds{30});
    REQUIRE(known.of(MakeFlow(udp).status(status::seen_reply | status::assured)) == seconds{120});
    REQUIRE(known.of(MakeFlow("udplite", "192.0.2.1:1", "192.0.2.2:2").status(status::assured)) ==
            seconds{120});
    REQUIRE(known.of(MakeFlow("gre", "192.0.2.1:1", "192.0.2.2:2").status(status::assured)) ==
            seconds{180});
    REQUIRE(known.of(MakeFlow("icmp", "192.0.2.1", "192.0.2.2").echo(1).status(0)) == seconds{31});
    REQUIRE_FALSE(known.of(MakeFlow("icmpv6", "2001:db8::1", "2001:db8::2").status(0)));
    REQUIRE(known.of(MakeFlow("icmp", "192.0.2.1", "192.0.2.2").echo(1)) == seconds{31});
    REQUIRE(known.of(MakeFlow("esp", "192.0.2.1", "192.0.2.2").status(0)) == seconds{600});
    REQUIRE(known.of(MakeFlow("253", "192.0.2.1", "192.0.2.2").status(0)) == seconds{601});
}

TEST_CASE("a timeout that packets do not renew is not known", "[timeouts]") {
    Timeouts known;
    known.set(protocol::udp, stateless::unreplied, seconds{30});
    known.set(protocol::udp, stateless::assured, seconds{30});
    const MakeFlow udp("udp", "192.0.2.1:1", "192.0.2.2:2");
    for (const std::uint32_t bit : {status::fixed_timeout, status::offload, status::hw_offload})
        REQUIRE_FALSE(known.of(MakeFlow(udp).status(bit)));
}

TEST_CASE("a state beyond the table has no timeout", "[timeouts]") {
    Timeouts known;
    for (StateNumber state = 0; state < 16; ++state)
        known.set(protocol::tcp, state, seconds{1});
    Flow flow = MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2").state("CLOSE");
    flow.state = 63;
    REQUIRE_FALSE(known.of(flow));
}

TEST_CASE("UDP of unknown status may be either, so its timeout is not known", "[timeouts]") {
    Timeouts known;
    known.set(protocol::udp, stateless::unreplied, seconds{30});
    known.set(protocol::udp, stateless::assured, seconds{120});
    REQUIRE_FALSE(known.of(MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2")));
}
