# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random entries of every kind as requests that create them. They are made to be hard, not likely: ends that
meet, zones of one direction, translations of a port alone, flags in every mixture. Some the kernel refuses.
What became of the others is read back (table.py), so nothing is remembered of them here."""

import ipaddress
import socket

import netlink as nl
from pending import PENDING

ICMP, TCP, UDP, GRE, ICMPV6, SCTP, UDPLITE = 1, 6, 17, 47, 58, 132, 136
PORTED = (TCP, UDP, GRE, SCTP, UDPLITE)
PORTLESS = (2, 4, 41, 50, 51, 89, 112, 253, 255)
# A request's type and its answer's, of the messages that have an id.
ECHOES = {ICMP: ((8, 0), (13, 14), (15, 16), (17, 18)), ICMPV6: ((128, 129), (139, 140))}
HELPERS = {TCP: ("ftp", "irc", "sip", "pptp"), UDP: ("tftp", "sip", "amanda")}

EXPECTED, SEEN_REPLY, ASSURED, CONFIRMED = 1, 2, 4, 8
FIXED_TIMEOUT, HELPER = 1 << 10, 1 << 13

# Few, so that entries meet; at the edges of what an address can be.
ADDRESSES = {
    4: ("192.0.2.1", "192.0.2.10", "192.0.2.255", "198.51.100.1", "198.51.100.2", "203.0.113.0",
        "203.0.113.128", "127.0.0.1", "224.0.0.251", "239.255.0.1", "255.255.255.255", "0.0.0.0"),
    6: ("2001:db8::1", "2001:db8::", "2001:db8:0:1::1", "2001:db8:1::10", "2001:db8:ff::1",
        "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "::1", "::ffff:192.0.2.1", "ff02::fb", "fe80::1", "::"),
}
ROOM = {4: ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"), 6: ("2001:db8::/40", "2001:db8:1::/64")}
PORTS = (0, 1, 53, 80, 443, 1024, 8080, 40000, 65535)

# Longer than any run; thresholds of filters lie in between (filters.py).
TIMEOUT_STEP, TIMEOUT_OFFSET = 1000, 600


def own_addresses():
    """What the loopback interface of the namespace gets, beside its own."""
    return ("198.51.100.1/32", "192.0.2.10/32", "2001:db8:ff::1/128", "2001:db8:1::10/128")


def packed(address):
    return ipaddress.ip_address(address).packed


class Entries:
    def __init__(self, random):
        self.random = random
        self.made = []  # (family, original tuple, protocol) of some, to be met again

    def address(self, family):
        if self.random.random() < 0.6:
            return self.random.choice(ADDRESSES[family])
        network = ipaddress.ip_network(self.random.choice(ROOM[family]))
        return str(network[self.random.randrange(network.num_addresses)])

    def port(self):
        return self.random.choice(PORTS) if self.random.random() < 0.5 else self.random.randrange(65536)

    def protocol(self, family):
        echo = ICMP if family == 4 else ICMPV6
        if self.random.random() < 0.05:
            echo = ICMPV6 if family == 4 else ICMP  # of the other family: not echoes there
        kinds = (TCP, TCP, TCP, TCP, UDP, UDP, UDP, echo, echo, GRE, SCTP, SCTP, UDPLITE,
                 self.random.choice(PORTLESS))
        return self.random.choice(kinds)

    def ends(self, family, protocol):
        """A tuple: (source, destination, what the protocol adds to tell flows apart)."""
        source, destination = self.address(family), self.address(family)
        if self.random.random() < 0.1:
            destination = source
        if protocol in ECHOES:
            kind = self.random.choice(ECHOES[protocol])
            return source, destination, (self.port(), *kind, self.random.choice((0, 0, 0, 1, 255)))
        return source, destination, (self.port(), self.port())

    # -- one entry as a request -----------------------------------------------------------------

    def request(self):
        """(family of the socket, attributes)"""
        random = self.random
        if self.made and random.random() < 0.15:
            family, protocol, ends = self.met(random.choice(self.made))
        else:
            family = random.choice((4, 6))
            protocol = self.protocol(family)
            ends = self.ends(family, protocol)
            self.made.append((family, protocol, ends))
        zones = self.zones()
        parts = [self.tuple(family, protocol, ends, False, zones.get("orig")),
                 self.reply(family, protocol, ends, zones.get("reply"))]
        if "both" in zones:
            parts.append(nl.u16(nl.ZONE, zones["both"]))
        parts += self.translation(family, protocol)
        parts += self.state(protocol)
        parts += self.marks(protocol)
        seconds = TIMEOUT_STEP * random.randrange(1, 500) + TIMEOUT_OFFSET
        parts.append(nl.u32(nl.TIMEOUT, seconds))
        return (socket.AF_INET if family == 4 else socket.AF_INET6), b"".join(parts)

    def met(self, made):
        """Once more: with another type of echo, in another zone, or refused."""
        family, protocol, (source, destination, more) = made
        if protocol in ECHOES and "echoes" not in PENDING:
            more = (more[0], *self.random.choice(ECHOES[protocol]), self.random.choice((0, 1, 2)))
        return family, protocol, (source, destination, more)

    def zones(self):
        number = self.random.choice((1, 2, 7, 65535))
        kinds = ["none"] * 6 + ["both"]
        if "zones" not in PENDING:
            kinds += ["orig", "reply", "two"]
        kind = self.random.choice(kinds)
        if kind == "two":
            return {"orig": number, "reply": number}  # an entry has one number
        return {} if kind == "none" else {kind: number}

    def tuple(self, family, protocol, ends, is_reply, zone):
        source, destination, more = ends
        v4 = family == 4
        if is_reply:
            source, destination = destination, source
        ip = nl.nest(nl.TUPLE_IP, nl.attribute(nl.V4_SRC if v4 else nl.V6_SRC, packed(source)),
                     nl.attribute(nl.V4_DST if v4 else nl.V6_DST, packed(destination)))
        parts = [nl.u8(nl.PROTO_NUM, protocol)]
        if protocol in ECHOES:
            first = nl.ICMP_ID if protocol == ICMP else nl.ICMPV6_ID
            echo_id, asked, answered, code = more
            parts += [nl.u16(first, echo_id), nl.u8(first + 1, answered if is_reply else asked),
                      nl.u8(first + 2, code)]
        elif protocol in PORTED:
            ports = more[::-1] if is_reply else more
            parts += [nl.u16(nl.SRC_PORT, ports[0]), nl.u16(nl.DST_PORT, ports[1])]
        whole = [ip, nl.nest(nl.TUPLE_PROTO, *parts)]
        if zone is not None:
            whole.append(nl.u16(nl.TUPLE_ZONE, zone))
        return nl.nest(nl.TUPLE_REPLY if is_reply else nl.TUPLE_ORIG, *whole)

    def reply(self, family, protocol, ends, zone):
        """The mirror of the original tuple, or now and then one that a program made up."""
        if self.random.random() < 0.1:
            source, destination, more = ends
            if self.random.random() < 0.5:
                source = self.address(family)
            if self.random.random() < 0.5:
                destination = self.address(family)
            if protocol in PORTED:
                more = tuple(self.random.choice((port, self.port())) for port in more)
            ends = source, destination, more
        return self.tuple(family, protocol, ends, True, zone)

    def translation(self, family, protocol):
        """CTA_NAT_SRC and CTA_NAT_DST: of addresses, of a port alone, of both ends."""
        parts = []
        for kind in (nl.NAT_SRC, nl.NAT_DST):
            if self.random.random() < 0.35:
                parts.append(self.nat(kind, family, protocol))
        return parts

    def nat(self, kind, family, protocol):
        parts = []
        with_port = protocol in PORTED and self.random.random() < 0.5
        # A range without an address is that of a port alone, as REDIRECT and MASQUERADE can be.
        if not with_port or self.random.random() < 0.6:
            low, high = (nl.NAT_V4_MIN, nl.NAT_V4_MAX) if family == 4 else (nl.NAT_V6_MIN, nl.NAT_V6_MAX)
            address = packed(self.address(family))
            parts += [nl.attribute(low, address), nl.attribute(high, address)]
        if with_port:
            first = self.random.randrange(1, 65000)
            parts.append(nl.nest(nl.NAT_PROTO, nl.u16(nl.NAT_PORT_MIN, first),
                                 nl.u16(nl.NAT_PORT_MAX, first + self.random.choice((0, 0, 500)))))
        return nl.nest(kind, *parts)

    def state(self, protocol):
        random = self.random
        status = CONFIRMED
        if random.random() < 0.7:
            status |= SEEN_REPLY
        for flag in (ASSURED, FIXED_TIMEOUT, HELPER):
            if random.random() < 0.3:
                status |= flag
        parts = [nl.u32(nl.STATUS, status)]
        if protocol == TCP:
            parts.append(nl.nest(nl.PROTOINFO, nl.nest(nl.INFO_TCP, nl.u8(nl.TCP_STATE, random.randrange(10)))))
        if protocol == SCTP:
            parts.append(nl.nest(nl.PROTOINFO, nl.nest(
                nl.INFO_SCTP, nl.u8(nl.SCTP_STATE, random.randrange(10)),
                nl.u32(nl.SCTP_TAG_ORIGINAL, random.getrandbits(32)),
                nl.u32(nl.SCTP_TAG_REPLY, random.getrandbits(32)))))
        return parts

    def marks(self, protocol):
        random = self.random
        parts = []
        if random.random() < 0.4:
            parts.append(nl.u32(nl.MARK, random.choice((1, 0x10, 0x2A, 0xFFFFFFFF, random.getrandbits(32)))))
        if random.random() < 0.3:
            bits = random.choice((1 << random.randrange(128), random.getrandbits(128)))
            parts.append(nl.attribute(nl.LABELS, bits.to_bytes(16, "little")))
        if protocol in HELPERS and random.random() < 0.15:
            name = random.choice(HELPERS[protocol]).encode() + b"\0"
            parts.append(nl.nest(nl.HELP, nl.attribute(nl.HELP_NAME, name)))
        if protocol == TCP and random.random() < 0.05:
            parts += [nl.nest(kind, nl.u32(nl.SEQ_POSITION, 1), nl.u32(nl.SEQ_BEFORE, 0), nl.u32(nl.SEQ_AFTER, 5))
                      for kind in (nl.SEQ_ADJ_ORIG, nl.SEQ_ADJ_REPLY)]
        return parts
