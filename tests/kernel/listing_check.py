#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""natstat's listings beside an independent reading of the same table.

    listing_check.py NATSTAT FIRST LAST [WITHOUT...]

runs in the network namespace whose flows are listed. FIRST and LAST are when they were made, in
seconds since the epoch; WITHOUT are the protocols that this kernel could not show. Prints a line
for each check that failed, and last `counted PASSED FAILED`. It makes no traffic."""

import ipaddress
import sys
from collections import Counter

import conntrack_text as ct
from contract import NAT_KINDS, Row, default_order, table_lines
from harness import Lab, Tally, difference
from listing_fields import check_fields, check_sorts, check_times


# -- tables ---------------------------------------------------------------------------------------

class Tables:
    """Checks on the exact text of a listing: header, rows, widths, order."""

    def __init__(self, tally, lab, without):
        self.tally, self.lab, self.without = tally, lab, without

    def check(self, words, wanted, *, nat_host=True, wide=False, title="NATed Address"):
        """`wanted` says of each row of the table whether `natstat WORDS` has to show it."""
        def attempt(rows):
            rows = sorted(filter(wanted, rows), key=default_order)
            if not rows and not any(word in " ".join(words) for word in self.without):
                return ["the lab has no flow for this check"]
            expected = table_lines(rows, nat_host, wide, title)
            got = self.lab.lines(*words)
            if got[:1] != expected[:1]:
                return ["header, expected: %r" % expected[0], "header, came:     %r" % got[:1]]
            return difference(expected, got) or order_errors(expected, got)
        self.tally.check_live("natstat " + " ".join(words), self.lab, attempt)


def order_errors(expected, got):
    """Where protocol and source are not in the expected order. Rows with equal ones have none."""
    for a, b in zip(expected, got):
        if a.split()[:2] != b.split()[:2]:
            return ["in order, expected: %r" % a, "in order, came:     %r" % b]
    return []


def nat(row):
    return row.kind in NAT_KINDS


def everything(_):
    return True


def check_selections(tables):
    kinds = {"snat": ("snat", "both"), "dnat": ("dnat", "both"), "local": ("local",),
             "routed": ("routed",)}

    def of(*names):
        return lambda row: any(row.kind in kinds[name] for name in names)

    tables.check(["-n"], nat, nat_host=False)
    tables.check(["-nN"], nat)
    tables.check(["-nG"], nat)
    tables.check(["-nx"], nat, nat_host=False, wide=True)
    tables.check(["-nxN"], nat, wide=True)
    tables.check(["-nN", "-S"], of("snat"))
    tables.check(["-nN", "-D"], of("dnat"))
    tables.check(["-nNSD"], nat)
    tables.check(["-n", "--snat", "--dnat"], nat, nat_host=False)
    tables.check(["-nN", "-4"], lambda row: nat(row) and row.family == "ipv4")
    tables.check(["-nN", "-6"], lambda row: nat(row) and row.family == "ipv6")
    tables.check(["-nN46"], nat)
    plain = {"title": "Source Address"}
    tables.check(["-nL"], of("local"), nat_host=False, **plain)
    tables.check(["-nR"], of("routed"), nat_host=False, **plain)
    tables.check(["-nLR"], of("local", "routed"), nat_host=False, **plain)
    tables.check(["-nLN"], of("local"), nat_host=False, **plain)
    tables.check(["-nNSL"], of("snat", "local"), **plain)
    tables.check(["-nNDR"], of("dnat", "routed"), **plain)
    tables.check(["-nNa"], everything, **plain)
    tables.check(["-nNSDLR"], everything, **plain)

    def bare(rows):
        expected = table_lines(sorted(filter(nat, rows), key=default_order), True)
        return difference(expected, tables.lab.lines("-nNo"))
    tables.tally.check_live("natstat -nNo", tables.lab, bare)


def in_net(text):
    net = ipaddress.ip_network(text)
    return lambda end: ipaddress.ip_address(end.address) in net


def at(address, port=None):
    return lambda end: end.address == address and port in (None, end.port)


PROTOCOLS = ((["-p", "tcp"], ("tcp",)), (["-p", "udp,icmp"], ("udp", "icmp")),
             (["-p", "udp", "-p", "icmp"], ("udp", "icmp")), (["-p", "253"], ("253",)),
             (["-p", "17"], ("udp",)), (["-p", "GRE,sctp"], ("gre", "sctp")),
             (["-p", "icmpv6"], ("icmpv6",)), (["-p", "udplite"], ("udplite",)))
# Option, its argument, what it asks of an end.
ENDS = (
    ("-s", "192.0.2.10", at("192.0.2.10")),
    ("-s", "192.0.2.64/26", in_net("192.0.2.64/26")),
    ("-s", "192.0.2.10:41002", at("192.0.2.10", 41002)),
    ("-s", "2001:db8:1::10", at("2001:db8:1::10")),
    ("-s", "2001:db8:1::/64", in_net("2001:db8:1::/64")),
    ("-s", "[2001:db8:1::10]:41002", at("2001:db8:1::10", 41002)),
    ("-d", "203.0.113.10", at("203.0.113.10")),
    ("-d", "203.0.113.0/28", in_net("203.0.113.0/28")),
    ("-d", "192.0.2.10:80", at("192.0.2.10", 80)),
    ("-d", "[2001:db8:1::10]:80", at("2001:db8:1::10", 80)),
    ("-d", "2001:db8:f0::/64", in_net("2001:db8:f0::/64")),
    ("-g", "198.51.100.1", at("198.51.100.1")),
    ("-g", "198.51.100.3:8080", at("198.51.100.3", 8080)),
    ("-g", "192.0.2.1:8080", at("192.0.2.1", 8080)),
    ("-g", "2001:db8:ff::/48", in_net("2001:db8:ff::/48")),
    ("-g", "[2001:db8:ff::3]:8080", at("2001:db8:ff::3", 8080)),
)
SIDES = {"-s": lambda row: [row.source], "-d": lambda row: [row.destination],
         "-g": lambda row: row.nat_sides}


def check_options(tables):
    for words, protocols in PROTOCOLS:
        tables.check(["-nN", *words], lambda row, these=protocols: nat(row) and row.proto in these)
    for option, text, is_it in ENDS:
        tables.check(["-nN", option, text], lambda row, option=option, is_it=is_it:
                     nat(row) and any(map(is_it, SIDES[option](row))))
    tables.check(["-nN", "-s", "192.0.2.10", "-d", "203.0.113.20", "-p", "tcp"],
                 lambda row: nat(row) and row.source.address == "192.0.2.10"
                 and row.destination.address == "203.0.113.20" and row.proto == "tcp")
    tables.check(["-nN", "-s", "192.0.2.70,2001:db8:2::10", "-s", "198.51.100.0/24"],
                 lambda row: nat(row) and (row.source.address in ("192.0.2.70", "2001:db8:2::10")
                                           or in_net("198.51.100.0/24")(row.source)))


# -- filters --------------------------------------------------------------------------------------

def any_end(is_it):
    return lambda row: any(map(is_it, row.ends()))


def any_side(is_it):
    return lambda row: any(map(is_it, row.nat_sides))


def ported(low, high=None):
    return lambda end: end is not None and end.port is not None and low <= end.port <= (high or low)


FILTERS = {
    "tcp": lambda r: r.proto == "tcp",
    "not tcp": lambda r: r.proto != "tcp",
    "udp or icmp": lambda r: r.proto in ("udp", "icmp"),
    "ip6 and sctp": lambda r: r.family == "ipv6" and r.proto == "sctp",
    "proto gre": lambda r: r.proto == "gre",
    "proto 253": lambda r: r.proto == "253",
    "snat": lambda r: r.snat,
    "dnat": lambda r: r.dnat,
    "local": lambda r: r.kind == "local",
    "routed": lambda r: r.kind == "routed",
    "kind=both": lambda r: r.kind == "both",
    "kind=dnat,both": lambda r: r.kind in ("dnat", "both"),
    "assured": lambda r: r.has_bit(ct.ASSURED),
    "unreplied": lambda r: not r.has_bit(ct.SEEN_REPLY),
    "udp and not unreplied and not assured": lambda r: r.proto == "udp" and r.state == "",
    "status=helper": lambda r: r.has_bit(ct.HELPER),
    "src host 192.0.2.10": lambda r: at("192.0.2.10")(r.source),
    "src 192.0.2.10 or 192.0.2.70": lambda r: r.source.address in ("192.0.2.10", "192.0.2.70"),
    "dst host 203.0.113.10 and dst port 80": lambda r: at("203.0.113.10", 80)(r.destination),
    "src net 192.0.2.64/26": lambda r: in_net("192.0.2.64/26")(r.source),
    "dst net 2001:db8:f0::/64": lambda r: in_net("2001:db8:f0::/64")(r.destination),
    "src port 41002": lambda r: ported(41002)(r.source),
    "dst portrange 8001-8005": lambda r: ported(8001, 8005)(r.destination),
    "nat host 198.51.100.1": any_side(at("198.51.100.1")),
    "nat port 8080": any_side(ported(8080)),
    "nat net 2001:db8:ff::/64": any_side(in_net("2001:db8:ff::/64")),
    "nat 198.51.100.3:8080": any_side(at("198.51.100.3", 8080)),
    "host 192.0.2.70": any_end(at("192.0.2.70")),
    "net 192.0.2.0/26": any_end(in_net("192.0.2.0/26")),
    "port 53": any_end(ported(53)),
    "tcp port 80": lambda r: r.proto == "tcp" and any_end(ported(80))(r),
    "state=syn_sent,syn_recv": lambda r: r.state in ("SYN_SENT", "SYN_RECV"),
    "tcp and state!=established": lambda r: r.proto == "tcp" and r.state != "ESTABLISHED",
    "family=ipv6": lambda r: r.family == "ipv6",
    "mark=0x2a": lambda r: r.mark == 42,
    "mark=42": lambda r: r.mark == 42,
    "mark=0xa/0xf": lambda r: r.mark & 0xF == 0xA,
    "zone=7": lambda r: r.zone_shown() == 7,
    "zone=8": lambda r: r.zone_shown() == 8,
    "zone_orig=8": lambda r: r.zone_orig() == 8,
    "zone_reply=7": lambda r: r.zone_reply() == 7,
    "icmp_type=8": lambda r: r.flow.original.icmp_type == 8,
    "helper=ftp": lambda r: r.helper == "ftp",
    "labels=5 and labels=70": lambda r: (r.labels or 0) >> 5 & (r.labels or 0) >> 70 & 1,
    "sport>=41300 and sport<41310": lambda r: ported(41300, 41309)(r.source),
    "gport=8080": lambda r: ported(8080)(r.gateway),
    "bytes>1M": lambda r: r.bytes() > 1048576,
    "bytes_down=0": lambda r: r.flow.reply.bytes == 0,
    "packets>=9": lambda r: r.packets() >= 9,
    "timeout>1h": lambda r: r.timeout > 3600,
    "(tcp or udp) and not (snat or dnat)":
        lambda r: r.proto in ("tcp", "udp") and r.kind in ("local", "routed"),
    "tcp and (src host 192.0.2.70 or dst port 8001)":
        lambda r: r.proto == "tcp" and (at("192.0.2.70")(r.source) or ported(8001)(r.destination)),
}


def check_filters(tables):
    for text, wanted in FILTERS.items():
        tables.check(["-nNa", text], wanted, title="Source Address")


def check_nat_side(tables):
    """Each NATed flow is found by what the other side sees of it, and nothing else is."""
    places = {side.text() for row in tables.lab.last for side in row.nat_sides
              if side.port is not None}
    for place in sorted(places):
        tables.check(["-nN", "nat", place],
                     lambda row, place=place: place in [side.text() for side in row.nat_sides])
    tables.tally.check("NAT sides to ask for: 40 at least",
                       [] if len(places) >= 40 else ["came: %d" % len(places)])


# -- the lab --------------------------------------------------------------------------------------

CASES = {
    "REDIRECT at the same address": lambda r: r.kind == "dnat"
    and r.reply[0].address == r.original[1].address and r.reply[0].port != r.original[1].port,
    "MASQUERADE that rewrites a port": lambda r: r.kind == "snat" and r.proto == "tcp"
    and r.gateway.port != r.source.port,
    "a rewritten port alone": lambda r: r.kind == "snat" and r.gateway.address == r.source.address,
    "a rewritten echo id": lambda r: r.proto in ct.ICMP and r.kind == "snat"
    and r.gateway.port != r.source.port,
    "ICMP behind DNAT": lambda r: r.proto in ct.ICMP and r.kind == "dnat",
    "a hairpin to oneself": lambda r: r.source.address == r.destination.address,
    "an address that widens its column": lambda r: len(r.source.text()) > 30,
    "a loopback flow": lambda r: r.source.address.startswith("127."),
    "a timeout that somebody fixed": lambda r: r.has_bit(ct.FIXED_TIMEOUT),
}
IN_ONE_FAMILY = {"an address that widens its column": "ipv6", "a loopback flow": "ipv4",
                 "a timeout that somebody fixed": "ipv4"}


def check_lab(tally, rows):
    """That the table has what the checks are about: a check on nothing would always pass."""
    have = Counter(row.kind for row in rows)
    missing = [kind for kind in (*NAT_KINDS, "local", "routed") if not have[kind]]
    tally.check("the lab has every kind of flow", missing)
    for name, is_it in CASES.items():
        for family in ("ipv4", "ipv6"):
            if IN_ONE_FAMILY.get(name, family) == family:
                there = any(is_it(row) for row in rows if row.family == family)
                tally.check("the lab has %s, %s" % (name, family), [] if there else ["it has none"])
    states = {row.state for row in rows if row.proto == "tcp"}
    expected = set("NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT "
                   "CLOSE SYN_SENT2".split())
    tally.check("the lab has every state of TCP", sorted(expected ^ states))


def main():
    program, first, last, *without = sys.argv[1:]
    lab, tally = Lab(program), Tally()
    tables = Tables(tally, lab, without)
    check_lab(tally, lab.last)
    check_selections(tables)
    check_options(tables)
    check_filters(tables)
    check_nat_side(tables)
    check_fields(tally, lab)
    check_times(tally, lab, float(first), float(last))
    check_sorts(tally, lab)
    print("counted", tally.passed, tally.failed)


if __name__ == "__main__":
    main()
