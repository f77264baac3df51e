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
        const auto names = state_names(proto);
        REQUIRE_FALSE(names.empty());
        REQUIRE(names.size() <= state_limit);
        for (std::size_t i = 0; i < names.size(); ++i) {
            REQUIRE(parse_state(proto, names[i]) == static_cast<std::uint8_t>(i));
            REQUIRE(state_name(proto, static_cast<std::uint8_t>(i)) == names[i]);
        }
        REQUIRE(state_name(proto, static_cast<std::uint8_t>(names.size())).empty());
        REQUIRE(state_name(proto, 255).empty());
    }
    REQUIRE(state_names(protocol::udp).empty());
    REQUIRE_FALSE(parse_state(protocol::udp, "ESTABLISHED"));
    REQUIRE_FALSE(parse_state(protocol::tcp, "COOKIE_WAIT"));
    REQUIRE(parse_state(protocol::tcp, "syn_recv") == std::uint8_t{TCP_CONNTRACK_SYN_RECV});
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
    known.tcp[TCP_CONNTRACK_ESTABLISHED] = seconds{432000};
    known.udp = seconds{30};
    known.udp_stream = seconds{120};
    known.gre_stream = seconds{180};
    known.icmp = seconds{31};
    known.generic = seconds{600};
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
    REQUIRE(known.of(MakeFlow("esp", "192.0.2.1", "192.0.2.2").status(0)) == seconds{600});
}

TEST_CASE("a timeout that packets do not renew is not known", "[timeouts]") {
    Timeouts known;
    known.udp = known.udp_stream = seconds{30};
    const MakeFlow udp("udp", "192.0.2.1:1", "192.0.2.2:2");
    for (const std::uint32_t bit : {status::fixed_timeout, status::offload, status::hw_offload})
        REQUIRE_FALSE(known.of(MakeFlow(udp).status(bit)));
}

TEST_CASE("a state beyond the table has no timeout", "[timeouts]") {
    Timeouts known;
    known.tcp.fill(seconds{1});
    Flow flow = MakeFlow("tcp", "192.0.2.1:1", "192.0.2.2:2").state("CLOSE");
    flow.state = 63;
    REQUIRE_FALSE(known.of(flow));
}

TEST_CASE("UDP of unknown status may be either, so its timeout is not known", "[timeouts]") {
    Timeouts known;
    known.udp = seconds{30};
    known.udp_stream = seconds{120};
    REQUIRE_FALSE(known.of(MakeFlow("udp", "192.0.2.1:1", "192.0.2.2:2")));
}
