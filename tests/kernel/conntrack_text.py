# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The conntrack table as others say it: the lines of `conntrack -L -o extended,id,timestamp`, and
out of netlink the two things that those lines leave out, all status bits and the labels. It is the
measure for natstat's listings, so it shares nothing with natstat. What a flow means for NAT is not
known here."""

import re
import socket
import struct
import subprocess
from dataclasses import dataclass, field
from typing import Optional

# nf_conntrack_common.h, enum ip_conntrack_status
EXPECTED, SEEN_REPLY, ASSURED, SRC_NAT, DST_NAT, SEQ_ADJUST = 0, 1, 2, 4, 5, 6
DYING, FIXED_TIMEOUT, TEMPLATE, HELPER, OFFLOAD, HW_OFFLOAD = 9, 10, 11, 13, 14, 15

ICMP = ("icmp", "icmpv6")
# A bracket with a date in it is one word.
WORD = re.compile(r"\[[^\]]*\]|\S+")


class NotConntrack(ValueError):
    """A line that is none of conntrack's."""


@dataclass
class Tuple:
    """One direction. The ports of ICMP are its id (in `icmp_id`), those of GRE the keys."""
    src: str = ""
    dst: str = ""
    sport: Optional[int] = None
    dport: Optional[int] = None
    icmp_type: Optional[int] = None
    icmp_code: Optional[int] = None
    icmp_id: Optional[int] = None
    packets: Optional[int] = None
    bytes: Optional[int] = None
    zone: Optional[int] = None
    text: str = ""  # the words of the addresses and ports, as conntrack has them


@dataclass
class Flow:
    family: str = ""
    proto: str = ""  # as conntrack calls it; a number where it says "unknown"
    number: int = 0
    timeout: Optional[int] = None
    state: str = ""
    original: Tuple = field(default_factory=Tuple)
    reply: Tuple = field(default_factory=Tuple)
    flags: set = field(default_factory=set)  # UNREPLIED, ASSURED, OFFLOAD
    mark: Optional[int] = None
    zone: Optional[int] = None  # of both directions; otherwise see the tuples
    age: Optional[int] = None  # whole seconds since the start
    helper: Optional[str] = None
    secctx: Optional[str] = None
    id: Optional[int] = None
    status: Optional[int] = None  # all bits; from netlink
    labels: Optional[int] = None


def parse(line):
    """The flow of a line; NotConntrack if it is none."""
    words = WORD.findall(line)
    if len(words) < 7 or words[0] not in ("ipv4", "ipv6") or not words[3].isdigit():
        raise NotConntrack(line)
    flow = Flow(family=words[0], number=int(words[3]))
    flow.proto = words[3] if words[2] == "unknown" else words[2]
    place = 4
    if words[place].isdigit():  # an offloaded flow has no timeout
        flow.timeout = int(words[place])
        place += 1
    if "=" not in words[place] and not words[place].startswith("["):
        flow.state = words[place]
        place += 1
    directions = []
    for word in words[place:]:
        _take_word(flow, directions, word)
    if len(directions) != 2:
        raise NotConntrack(line)
    flow.original, flow.reply = directions
    return flow


_TUPLE_NUMBERS = {"sport": "sport", "dport": "dport", "srckey": "sport", "dstkey": "dport",
                  "type": "icmp_type", "code": "icmp_code", "packets": "packets", "bytes": "bytes",
                  "zone-orig": "zone", "zone-reply": "zone"}
_COUNTS = ("packets", "bytes", "zone-orig", "zone-reply")
_FLOW_WORDS = {"mark": int, "zone": int, "helper": str, "secctx": str}


def _take_word(flow, directions, word):
    if word.startswith("["):
        if "=" not in word:
            flow.flags.add(word.strip("[]"))
        return
    name, _, value = word.partition("=")
    if name == "src":
        directions.append(Tuple(src=value, text=word))
        return
    if not directions:
        raise NotConntrack(word)
    here = directions[-1]
    if name == "dst":
        here.dst = value
    elif name in _TUPLE_NUMBERS:
        setattr(here, _TUPLE_NUMBERS[name], int(value, 0))
    elif name == "id" and flow.proto in ICMP and here.icmp_id is None:
        here.icmp_id = int(value)
    elif name == "id":
        flow.id = int(value)
        return
    elif name == "delta-time":
        flow.age = int(value)
        return
    elif name in _FLOW_WORDS:
        setattr(flow, name, _FLOW_WORDS[name](value))
        return
    elif name != "use":
        raise NotConntrack(word)
    else:
        return
    if name not in _COUNTS:
        here.text += " " + word


def read_text():
    """All flows of this network namespace, both families, as conntrack prints them."""
    flows = []
    for family in ("ipv4", "ipv6"):
        done = subprocess.run(["conntrack", "-L", "-f", family, "-o", "extended,id,timestamp"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=600, check=False)
        if done.returncode != 0:
            raise RuntimeError("conntrack -L: " + done.stderr.strip())
        flows += [parse(line) for line in done.stdout.splitlines()]
    return flows


# -- netlink --------------------------------------------------------------------------------------

_NETLINK_NETFILTER = 12
_CT_GET, _CT_NEW, _DONE, _ERROR = 0x101, 0x100, 3, 2
_REQUEST_DUMP = 0x301
_CTA_STATUS, _CTA_ID, _CTA_LABELS = 3, 12, 22


def _attributes(data):
    while len(data) >= 4:
        size, kind = struct.unpack("=HH", data[:4])
        yield kind & 0x3FFF, data[4:size]
        data = data[(size + 3) & ~3:]


def read_bits():
    """{id: (status bits, labels as a number or None)}, straight from the kernel."""
    bits = {}
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER) as sock:
        request = (20, _CT_GET, _REQUEST_DUMP, 1, 0, socket.AF_UNSPEC, 0, 0)
        sock.send(struct.pack("=IHHIIBBH", *request))
        while True:
            data = sock.recv(1 << 17)
            while data:
                size, kind = struct.unpack("=IH", data[:6])
                if kind == _DONE:
                    return bits
                if kind == _ERROR:
                    raise OSError(-struct.unpack("=i", data[16:20])[0], "conntrack over netlink")
                parts = dict(_attributes(data[20:size]))
                labels = parts.get(_CTA_LABELS)
                status = struct.unpack("!I", parts[_CTA_STATUS])[0]
                number = struct.unpack("!I", parts[_CTA_ID])[0]
                # The kernel's bitmap is words of its own byte order; little-endian here.
                bits[number] = status, None if labels is None else int.from_bytes(labels, "little")
                data = data[(size + 3) & ~3:]


def read_table():
    """The flows of both readings together."""
    flows = read_text()
    bits = read_bits()
    for flow in flows:
        flow.status, flow.labels = bits.get(flow.id, (None, None))
    return flows
