// SPDX-FileCopyrightText: The natstat authors
// SPDX-License-Identifier: GPL-2.0-or-later

// How the flows of a mix are told apart. A number is split into a slot and a block. The slot gives
// the port, the block moves the hosts on by one, so (host, port) never comes twice, at neither end.
// Everything else about a flow is drawn from a hash of its number.

#include "flows.hpp"

// The C library's header first: the kernel's ones define the same names otherwise.
#include <netinet/in.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_sctp.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

namespace natstat::bench {
namespace {

constexpr std::uint32_t first_port = 1024;
constexpr std::uint32_t ports = 64512;
constexpr std::uint32_t hosts = 250;
constexpr std::uint8_t edge_hosts = 8; ///< NAT addresses
constexpr std::uint8_t own_host = 9;   ///< the address that local flows use
constexpr std::uint8_t dnat_host = 10;
constexpr std::uint8_t hairpin_host = 11;
constexpr std::uint16_t rare_port = 20000;

/// The sides of the NAT box: 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 and their IPv6 likes.
enum class Side : std::uint8_t { inside, outside, edge };

struct Service {
    std::uint8_t protocol;
    std::uint16_t port;
    std::uint16_t inside_port;
    std::uint8_t server;
};

constexpr std::array<Service, 4> services = {{
    {IPPROTO_TCP, 80, 8080, 251},
    {IPPROTO_TCP, 443, 8443, 252},
    {IPPROTO_TCP, 25, 25, 253},
    {IPPROTO_UDP, 53, 5353, 254},
}};

/// Spreads a number over 64 bits, one to one.
constexpr std::uint64_t scatter(std::uint64_t value) {
    value += 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

/// Small numbers taken from one hash, a piece at a time.
class Draw {
  public:
    explicit Draw(std::uint64_t bits) : bits_(bits) {}

    /// A number below `limit`.
    std::uint32_t below(std::uint32_t limit) {
        bits_ = scatter(bits_);
        return static_cast<std::uint32_t>((bits_ >> 32) * limit >> 32);
    }

  private:
    std::uint64_t bits_;
};

/// What makes a flow different from every other one.
struct Place {
    std::uint16_t port;
    std::uint16_t nat_port; ///< as unique as the port; the same one for three flows in four
    std::uint8_t inside;
    std::uint8_t outside;
    std::uint8_t block;
};

std::uint16_t port_of_slot(std::uint32_t slot) {
    // 10007 and the number of ports have no common factor: every port comes once in a block.
    return static_cast<std::uint16_t>(first_port + slot * 10007U % ports);
}

Place place_of(std::uint64_t index) {
    const auto slot = static_cast<std::uint32_t>(index % ports);
    const auto block = static_cast<std::uint32_t>(index / ports);
    const std::uint64_t hash = scatter(slot);
    // Two neighbours exchange their ports: both are rewritten, and the ports stay unique.
    const std::uint32_t nat_slot = scatter(slot / 2) % 4 == 0 ? slot ^ 1U : slot;
    return {
        .port = port_of_slot(slot),
        .nat_port = port_of_slot(nat_slot),
        .inside = static_cast<std::uint8_t>(1 + (hash + block) % hosts),
        .outside = static_cast<std::uint8_t>(1 + ((hash >> 32) + block) % hosts),
        .block = static_cast<std::uint8_t>(block),
    };
}

End end_of(std::uint8_t family, Side side, std::uint8_t host, std::uint16_t port) {
    static constexpr std::array<std::array<std::uint8_t, 3>, 3> nets = {
        {{192, 0, 2}, {198, 51, 100}, {203, 0, 113}}};
    const auto number = static_cast<std::uint8_t>(side);
    End end{.address = {}, .port = port};
    if (family == AF_INET) {
        for (std::size_t i = 0; i < 3; ++i)
            end.address[i] = nets[number][i];
        end.address[3] = host;
        return end;
    }
    end.address = {0x20, 0x01, 0x0d, 0xb8, 0, static_cast<std::uint8_t>(number + 1)};
    end.address[15] = host;
    if (side == Side::edge)
        return end;
    // Hosts choose long interface identifiers; a router's own addresses are short.
    const std::uint64_t identifier = scatter(host);
    for (std::size_t i = 0; i < 8; ++i)
        end.address[8 + i] = static_cast<std::uint8_t>(identifier >> (8 * i));
    return end;
}

Kind kind_of(std::uint64_t index, const Mix& mix, Draw& draw) {
    if (mix.snat_only)
        return Kind::snat;
    if (index % 1000 == 500)
        return Kind::dnat;
    if (index % 10000 == 7700)
        return Kind::both;
    const std::uint32_t of_hundred = draw.below(100);
    if (of_hundred < 4)
        return Kind::local;
    return of_hundred < 8 ? Kind::routed : Kind::snat;
}

std::uint8_t draw_protocol(std::uint8_t family, Draw& draw) {
    const std::uint32_t of_thousand = draw.below(1000);
    if (of_thousand < 750)
        return IPPROTO_TCP;
    if (of_thousand < 950)
        return IPPROTO_UDP;
    if (of_thousand >= 995)
        return IPPROTO_SCTP;
    if (family == AF_INET)
        return IPPROTO_ICMP;
    return IPPROTO_ICMPV6;
}

std::uint16_t draw_destination_port(std::uint8_t protocol, Draw& draw) {
    static constexpr std::array<std::uint16_t, 8> tcp = {443, 443, 443, 443, 80, 22, 993, 8443};
    static constexpr std::array<std::uint16_t, 4> udp = {53, 443, 123, 3478};
    // A few destinations are rare, so that a question can have a short answer.
    if (protocol == IPPROTO_TCP && draw.below(1000) == 0)
        return static_cast<std::uint16_t>(rare_port + draw.below(5000));
    if (protocol == IPPROTO_TCP)
        return tcp[draw.below(tcp.size())];
    if (protocol == IPPROTO_UDP)
        return udp[draw.below(udp.size())];
    return 2905;
}

void set_tcp_state(BenchFlow& flow, Draw& draw) {
    const std::uint32_t of_hundred = draw.below(100);
    flow.status = IPS_SEEN_REPLY | IPS_ASSURED;
    if (of_hundred < 60)
        flow.state = TCP_CONNTRACK_ESTABLISHED;
    else if (of_hundred < 80)
        flow.state = TCP_CONNTRACK_TIME_WAIT;
    else if (of_hundred < 85)
        flow.state = TCP_CONNTRACK_FIN_WAIT;
    else if (of_hundred < 88)
        flow.state = TCP_CONNTRACK_CLOSE_WAIT;
    else if (of_hundred < 90)
        flow.state = TCP_CONNTRACK_LAST_ACK;
    else if (of_hundred < 93)
        flow.state = TCP_CONNTRACK_CLOSE;
    else if (of_hundred < 95)
        flow.state = TCP_CONNTRACK_SYN_RECV;
    else
        flow.state = TCP_CONNTRACK_SYN_SENT;
    if (flow.state == TCP_CONNTRACK_SYN_RECV)
        flow.status = IPS_SEEN_REPLY;
    if (flow.state == TCP_CONNTRACK_SYN_SENT)
        flow.status = 0;
}

void set_state(BenchFlow& flow, Draw& draw) {
    const std::uint32_t of_hundred = draw.below(100);
    switch (flow.protocol) {
    case IPPROTO_TCP:
        set_tcp_state(flow, draw);
        break;
    case IPPROTO_SCTP:
        flow.state = SCTP_CONNTRACK_ESTABLISHED;
        flow.status = IPS_SEEN_REPLY | IPS_ASSURED;
        break;
    case IPPROTO_UDP:
        if (of_hundred < 80)
            flow.status = IPS_SEEN_REPLY;
        if (of_hundred < 40)
            flow.status |= IPS_ASSURED;
        break;
    default:
        if (of_hundred < 90)
            flow.status = IPS_SEEN_REPLY;
    }
    flow.status |= IPS_CONFIRMED;
    // Nothing may expire while it is measured: four hours at least.
    const bool open = flow.protocol == IPPROTO_TCP && flow.state == TCP_CONNTRACK_ESTABLISHED;
    flow.timeout_seconds = open ? 432'000 : 14'400 + draw.below(72'000);
}

bool has_ports(std::uint8_t protocol) {
    return protocol != IPPROTO_ICMP && protocol != IPPROTO_ICMPV6;
}

/// From the inside or from the box to the outside: SNAT, local, routed.
void set_outbound(BenchFlow& flow, const Place& place, Draw& draw) {
    const Side side = flow.kind == Kind::local ? Side::edge : Side::inside;
    const std::uint8_t host = flow.kind == Kind::local ? own_host : place.inside;
    flow.protocol = draw_protocol(flow.family, draw);
    flow.source = end_of(flow.family, side, host, place.port);
    const std::uint16_t port =
        has_ports(flow.protocol) ? draw_destination_port(flow.protocol, draw) : place.port;
    flow.destination = end_of(flow.family, Side::outside, place.outside, port);
    if (flow.kind != Kind::snat)
        return;
    const auto edge = static_cast<std::uint8_t>(1 + place.inside % edge_hosts);
    flow.snat = end_of(flow.family, Side::edge, edge, place.nat_port);
}

/// To a published service: from the outside (DNAT) or from the inside and back (both).
void set_published(BenchFlow& flow, const Place& place, Draw& draw) {
    const Service& service = services[draw.below(services.size())];
    const bool hairpin = flow.kind == Kind::both;
    flow.protocol = service.protocol;
    flow.source = end_of(flow.family, hairpin ? Side::inside : Side::outside,
                         hairpin ? place.inside : place.outside, place.port);
    flow.destination = end_of(flow.family, Side::edge, dnat_host, service.port);
    flow.dnat = end_of(flow.family, Side::inside, service.server, service.inside_port);
    if (!hairpin)
        return;
    // One server for all blocks: the NAT address must tell the blocks apart.
    const auto edge = static_cast<std::uint8_t>(hairpin_host + place.block % 240);
    flow.snat = end_of(flow.family, Side::edge, edge, place.nat_port);
}

} // namespace

BenchFlow flow_at(std::uint64_t index, const Mix& mix) {
    Draw draw(scatter(index) ^ scatter(mix.seed));
    const Place place = place_of(index);
    BenchFlow flow;
    flow.family = draw.below(100) < mix.ipv6_percent ? AF_INET6 : AF_INET;
    flow.kind = kind_of(index, mix, draw);
    if (flow.kind == Kind::dnat || flow.kind == Kind::both)
        set_published(flow, place, draw);
    else
        set_outbound(flow, place, draw);
    set_state(flow, draw);
    if (draw.below(100) < mix.mark_percent)
        flow.mark = 1 + draw.below(15);
    if (draw.below(100) < mix.zone_percent)
        flow.zone = static_cast<std::uint16_t>(1 + draw.below(7));
    return flow;
}

} // namespace natstat::bench
