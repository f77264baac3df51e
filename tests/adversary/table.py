# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The table as this test reads it, and what natstat has to say of each flow, written down from the rules for
its users (natstat(8)). It shares no code with natstat and asks no other program."""

import ipaddress
from typing import NamedTuple, Optional

import netlink as nl

NAMES = {1: "icmp", 2: "igmp", 4: "ipip", 6: "tcp", 17: "udp", 33: "dccp", 41: "ipv6", 47: "gre", 50: "esp",
         51: "ah", 58: "icmpv6", 89: "ospf", 112: "vrrp", 132: "sctp", 136: "udplite"}
ECHOES = (1, 58)
STATES = {
    6: "NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2".split(),
    132: ("NONE CLOSED COOKIE_WAIT COOKIE_ECHOED ESTABLISHED SHUTDOWN_SENT SHUTDOWN_RECD SHUTDOWN_ACK_SENT "
          "HEARTBEAT_SENT HEARTBEAT_ACKED").split(),
    33: "NONE REQUEST RESPOND PARTOPEN OPEN CLOSEREQ CLOSING TIMEWAIT IGNORE INVALID".split(),
}
OPENING = {6: ("SYN_SENT", "SYN_RECV", "SYN_SENT2"), 132: ("COOKIE_WAIT", "COOKIE_ECHOED", "HEARTBEAT_SENT")}
ESTABLISHED = {6: ("ESTABLISHED",), 132: ("ESTABLISHED", "HEARTBEAT_ACKED")}
FLAGS = {"expected": 0, "assured": 2, "src_nat": 4, "dst_nat": 5, "seq_adjust": 6, "dying": 9,
         "fixed_timeout": 10, "template": 11, "clash": 12, "helper": 13, "offload": 14, "hw_offload": 15}
SEEN_REPLY, ASSURED = 2, 4


class End(NamedTuple):
    """An address and its port, echo id or key, where it has one."""
    address: str
    port: Optional[int]

    def text(self):
        if self.port is None:
            return self.address
        return ("[%s]:%d" if ":" in self.address else "%s:%d") % self


class Tuple(NamedTuple):
    source: End
    destination: End
    icmp: Optional[tuple]  # type and code
    zone: Optional[int]


class Counter(NamedTuple):
    packets: int
    bytes: int


def address_text(packed):
    """RFC 5952, with the IPv4 address in the way of section 5 where one is mapped."""
    address = ipaddress.ip_address(packed)
    mapped = address.ipv4_mapped if address.version == 6 else None
    return str(address) if mapped is None else "::ffff:%s" % mapped


def read_tuple(data, is_reply):
    parts = nl.walk(data)
    ip, proto = nl.walk(parts[nl.TUPLE_IP]), nl.walk(parts[nl.TUPLE_PROTO])
    version = 4 if nl.V4_SRC in ip else 6
    source = address_text(ip[nl.V4_SRC if version == 4 else nl.V6_SRC])
    destination = address_text(ip[nl.V4_DST if version == 4 else nl.V6_DST])
    protocol = proto[nl.PROTO_NUM][0]
    ports, icmp = (nl.number(proto.get(nl.SRC_PORT)), nl.number(proto.get(nl.DST_PORT))), None
    if protocol in ECHOES and (nl.ICMP_ID in proto or nl.ICMPV6_ID in proto):
        first = nl.ICMP_ID if nl.ICMP_ID in proto else nl.ICMPV6_ID
        echo_id = nl.number(proto[first])
        # The id is of the end that asked.
        ports = (None, echo_id) if is_reply else (echo_id, None)
        icmp = proto[first + 1][0], proto[first + 2][0]
    return protocol, version, Tuple(End(source, ports[0]), End(destination, ports[1]), icmp,
                                    nl.number(parts.get(nl.TUPLE_ZONE)))


def read_counter(data):
    if data is None:
        return None
    parts = nl.walk(data)
    return Counter(nl.number(parts[nl.COUNTER_PACKETS]), nl.number(parts[nl.COUNTER_BYTES]))


def read_text(data):
    return None if data is None else data.rstrip(b"\0").decode()


def inner(parts, kind, name):
    """An attribute inside of another one; None where either is not there."""
    return nl.walk(parts[kind]).get(name) if kind in parts else None


class Flow:
    """An entry. Attributes that begin like natstat's columns have their values; see fields()."""

    def __init__(self, data, local):
        parts = nl.walk(data)
        self.protocol, self.version, self.original = read_tuple(parts[nl.TUPLE_ORIG], False)
        _, _, self.reply = read_tuple(parts[nl.TUPLE_REPLY], True)
        self.status = nl.number(parts[nl.STATUS])
        self.timeout = nl.number(parts.get(nl.TIMEOUT))
        self.mark = nl.number(parts.get(nl.MARK))
        self.zone_both = nl.number(parts.get(nl.ZONE))
        self.id = nl.number(parts[nl.ID])
        self.up, self.down = (read_counter(parts.get(kind)) for kind in (nl.COUNTERS_ORIG, nl.COUNTERS_REPLY))
        self.helper = read_text(inner(parts, nl.HELP, nl.HELP_NAME))
        self.secctx = read_text(inner(parts, nl.SECCTX, nl.SECCTX_NAME))
        self.start = nl.number(inner(parts, nl.TIMESTAMP, nl.TIMESTAMP_START))  # nanoseconds
        labels = parts.get(nl.LABELS)
        self.labels = None if labels is None else int.from_bytes(labels, "little")
        self.number = self._state_number(parts)
        self.proto = NAMES.get(self.protocol, str(self.protocol))
        self.family = "ipv%d" % self.version
        self._judge(local)

    def _state_number(self, parts):
        if self.protocol not in STATES or nl.PROTOINFO not in parts:
            return None
        info = nl.walk(parts[nl.PROTOINFO])
        kind = {6: nl.INFO_TCP, 132: nl.INFO_SCTP, 33: nl.INFO_DCCP}[self.protocol]
        return nl.walk(info[kind])[nl.TCP_STATE][0]

    def _judge(self, local):
        """What the two tuples are to each other, and the ends that follow from it."""
        self.snat = self.reply.destination != self.original.source
        self.dnat = self.reply.source != self.original.destination
        if self.snat or self.dnat:
            self.kind = "both" if self.snat and self.dnat else "snat" if self.snat else "dnat"
        else:
            ends = (self.original.source, self.original.destination)
            self.kind = "local" if any(is_here(end.address, local) for end in ends) else "routed"
        flags = bool(self.status >> FLAGS["src_nat"] & 1), bool(self.status >> FLAGS["dst_nat"] & 1)
        self.made_up = flags != (self.snat, self.dnat)
        self.source = self.original.source
        self.destination = self.reply.source if self.dnat else self.original.destination
        self.gateway = self.reply.destination if self.snat else self.original.destination if self.dnat else None
        self.sides = [] if self.gateway is None else [self.gateway]
        if self.kind == "both":
            self.sides.append(self.original.destination)

    # -- columns ------------------------------------------------------------------------------------

    @property
    def state(self):
        """What is shown; None where a protocol's state was not told."""
        if self.protocol in STATES:
            return None if self.number is None else STATES[self.protocol][self.number]
        if not self.status & SEEN_REPLY:
            return "UNREPLIED"
        return "ASSURED" if self.status & ASSURED else ""

    @property
    def flags(self):
        found = {name for name, bit in FLAGS.items() if self.status >> bit & 1}
        return found if self.status & SEEN_REPLY else found | {"unreplied"}

    @property
    def zone(self):
        """Of either tuple: an entry has one zone at most."""
        return self.zone_reply if self.zone_orig is None else self.zone_orig

    @property
    def zone_orig(self):
        return self.original.zone if self.zone_both is None else self.zone_both

    @property
    def zone_reply(self):
        return self.reply.zone if self.zone_both is None else self.zone_both

    @property
    def phase(self):
        if self.protocol not in STATES or self.state in (None, "NONE"):
            return None
        if self.state in OPENING[self.protocol]:
            return "opening"
        return "established" if self.state in ESTABLISHED[self.protocol] else "closing"

    def total(self, name):
        if self.up is None or self.down is None:
            return None
        return getattr(self.up, name) + getattr(self.down, name)

    def ends(self):
        return [self.source, self.destination, *self.sides]

    def text(self):
        """For a message."""
        return "%s %s > %s, %s > %s, %s" % (
            self.proto, *(end.text() for way in (self.original, self.reply) for end in way[:2]),
            {name: value for name, value in self.fields().items()
             if name != "id" and not name.endswith(("src", "dst", "sport", "dport")) and value is not None})

    def fields(self):
        """By their names in JSON: everything that has one right value at any moment."""
        fields = {"proto": self.proto, "family": self.family, "kind": self.kind, "state": self.state,
                  "status": sorted(self.flags), "mark": self.mark, "zone": self.zone, "id": self.id,
                  "zone_orig": self.zone_orig, "zone_reply": self.zone_reply,
                  "helper": self.helper, "secctx": self.secctx,
                  "labels": None if self.labels is None else hex(self.labels)}
        fields["icmp_type"], fields["icmp_code"] = self.original.icmp or (None, None)
        for way, counter in (("up", self.up), ("down", self.down)):
            fields["packets_" + way] = counter and counter.packets
            fields["bytes_" + way] = counter and counter.bytes
        fields["packets"], fields["bytes"] = self.total("packets"), self.total("bytes")
        ends = {("src", "sport"): self.source, ("gate", "gport"): self.gateway,
                ("dst", "dport"): self.destination}
        for name, direction in (("original", self.original), ("reply", self.reply)):
            ends[name + "_src", name + "_sport"] = direction.source
            ends[name + "_dst", name + "_dport"] = direction.destination
        for names, end in ends.items():
            fields.update(zip(names, end or (None, None)))
        return fields


def is_here(text, local):
    """An address of this host's, or one that no router passes on: loopback, broadcast, link-local multicast."""
    address = ipaddress.ip_address(text)
    if address in local:
        return True
    if address.version == 6:
        return address.packed[0] == 0xFF and address.packed[1] & 0xF == 2
    return (address.is_loopback or address in ipaddress.ip_network("224.0.0.0/24")
            or text == "255.255.255.255")


def read_table(conntrack, local):
    """Every flow; `local`: the addresses of this host."""
    for _ in range(20):
        try:
            return [Flow(data, local) for _, data in conntrack.dump()]
        except RuntimeError as error:
            last = error
    raise last
