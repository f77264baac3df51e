# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What natstat has to show of a flow, written a second time from the rules for its users: the kind
of NAT by both tuples, the three ends, the state, the table's text. It reads flows of conntrack_text
and knows nothing of natstat's code."""

import ipaddress
import json
import subprocess
from typing import NamedTuple, Optional

from conntrack_text import ICMP

NAT_KINDS = ("snat", "dnat", "both")
STATEFUL = ("tcp", "sctp", "dccp")


class End(NamedTuple):
    """An address and its port, the echo id of ICMP, the key of GRE; or no port."""
    address: str
    port: Optional[int]

    def text(self):
        if self.port is None:
            return self.address
        return ("[%s]:%d" if ":" in self.address else "%s:%d") % self

    def order(self):
        """Its place among ends in numeric order, an end without a port before those with one."""
        return address_order(self.address) + (-1 if self.port is None else self.port,)


def address_order(text):
    address = ipaddress.ip_address(text)
    return address.version, int(address)


def _ends_of(proto, direction, is_reply):
    """Source and destination of a tuple. An echo id belongs to the one who asks."""
    if proto in ICMP:
        source, destination = (None, direction.icmp_id) if is_reply else (direction.icmp_id, None)
    else:
        source, destination = direction.sport, direction.dport
    return End(direction.src, source), End(direction.dst, destination)


class Row:
    """A flow as natstat's columns have it."""

    def __init__(self, flow, local_nets):
        self.flow = flow
        self.original = _ends_of(flow.proto, flow.original, False)
        self.reply = _ends_of(flow.proto, flow.reply, True)
        self.snat = self.reply[1] != self.original[0]
        self.dnat = self.reply[0] != self.original[1]
        self.kind = self._kind(local_nets)
        self.source = self.original[0]
        self.destination = self.reply[0] if self.dnat else self.original[1]
        self.gateway = self._gateway()
        self.nat_sides = [self.gateway] if self.gateway else []
        if self.kind == "both":
            self.nat_sides.append(self.original[1])
        self.state = self._state()

    def __getattr__(self, name):  # proto, family, mark, ... as conntrack says them
        return getattr(self.flow, name)

    def _kind(self, local_nets):
        if self.snat or self.dnat:
            return "both" if self.snat and self.dnat else "snat" if self.snat else "dnat"
        here = [ipaddress.ip_address(end.address) for end in self.original]
        return "local" if any(a in net for a in here for net in local_nets) else "routed"

    def _gateway(self):
        if self.kind in ("snat", "both"):
            return self.reply[1]
        return self.original[1] if self.kind == "dnat" else None

    def _state(self):
        if self.flow.proto in STATEFUL:
            return self.flow.state
        return next((flag for flag in ("UNREPLIED", "ASSURED") if flag in self.flow.flags), "")

    def zone_shown(self):
        return self.zone_orig() if self.zone_orig() is not None else self.zone_reply()

    def zone_orig(self):
        return self.flow.zone if self.flow.zone is not None else self.flow.original.zone

    def zone_reply(self):
        return self.flow.zone if self.flow.zone is not None else self.flow.reply.zone

    def packets(self):
        return self.flow.original.packets + self.flow.reply.packets

    def bytes(self):
        return self.flow.original.bytes + self.flow.reply.bytes

    def has_bit(self, bit):
        """A status bit, as the kernel has it."""
        return bool(self.flow.status >> bit & 1)

    def ends(self):
        return [self.source, self.destination] + self.nat_sides


def local_networks():
    """What the kernel takes for its own addresses in this network namespace."""
    nets = []
    for family in ("-4", "-6"):
        text = subprocess.run(["ip", family, "-json", "route", "show", "table", "local"],
                              stdout=subprocess.PIPE, text=True, check=True).stdout
        nets += [ipaddress.ip_network(route["dst"]) for route in json.loads(text or "[]")
                 if route.get("type") == "local"]
    return nets


# -- the table for people -------------------------------------------------------------------------

def cells(row, nat_host):
    middle = [row.gateway.text() if row.gateway else "-"] if nat_host else []
    return [row.proto, row.source.text(), *middle, row.destination.text(), row.state]


def line_of(row, nat_host=False, wide=False):
    """The line of a row in a table where no cell is longer than its column."""
    return table_lines([row], nat_host, wide)[0]


def table_lines(rows, nat_host=False, wide=False, title=None):
    """The lines of a table, in the order of the rows; with `title` for the sources, its header."""
    lines = [cells(row, nat_host) for row in rows]
    if title:
        middle = ["NAT-host Address"] if nat_host else []
        lines.insert(0, ["Proto", title, *middle, "Destination Address", "State"])
    if not lines:
        return []
    least = [5] + [40 if wide else 30] * (len(lines[0]) - 2) + [0]
    widths = [max([least[i]] + [len(line[i]) for line in lines]) for i in range(len(least))]
    return [" ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
            for line in lines]


def default_order(row):
    """Protocol, then source."""
    return row.proto, row.source.order()
