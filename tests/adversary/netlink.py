# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Netlink in bytes: attributes put together and walked, requests sent, a dump received. Numbers are those
of linux/netlink.h, linux/netfilter/nfnetlink.h and nfnetlink_conntrack.h. What the attributes mean is not
known here."""

import socket
import struct

NETLINK_NETFILTER = 12
SUBSYSTEM = 1 << 8  # NFNL_SUBSYS_CTNETLINK
NEW, GET = SUBSYSTEM, SUBSYSTEM | 1
REQUEST, ACK, ROOT_MATCH, EXCL, CREATE = 1, 4, 0x300, 0x200, 0x400
NLMSG_ERROR, NLMSG_DONE, NLM_F_DUMP_INTR = 2, 3, 0x10
NESTED, TYPE_MASK = 0x8000, 0x3FFF
HEADER, FAMILY_HEADER = struct.Struct("=IHHII"), struct.Struct("!BBH")

# enum ctattr_type and what is inside of it
(TUPLE_ORIG, TUPLE_REPLY, STATUS, PROTOINFO, HELP, NAT_SRC, TIMEOUT, MARK, COUNTERS_ORIG, COUNTERS_REPLY,
 USE, ID, NAT_DST, TUPLE_MASTER, SEQ_ADJ_ORIG, SEQ_ADJ_REPLY, SECMARK, ZONE, SECCTX, TIMESTAMP, MARK_MASK,
 LABELS, LABELS_MASK) = range(1, 24)
TUPLE_IP, TUPLE_PROTO, TUPLE_ZONE = 1, 2, 3
V4_SRC, V4_DST, V6_SRC, V6_DST = 1, 2, 3, 4
(PROTO_NUM, SRC_PORT, DST_PORT, ICMP_ID, ICMP_TYPE, ICMP_CODE, ICMPV6_ID, ICMPV6_TYPE,
 ICMPV6_CODE) = range(1, 10)
INFO_TCP, INFO_DCCP, INFO_SCTP = 1, 2, 3
TCP_STATE, SCTP_STATE, SCTP_TAG_ORIGINAL, SCTP_TAG_REPLY = 1, 1, 2, 3
HELP_NAME = 1
NAT_V4_MIN, NAT_V4_MAX, NAT_PROTO, NAT_V6_MIN, NAT_V6_MAX = 1, 2, 3, 4, 5
NAT_PORT_MIN, NAT_PORT_MAX = 1, 2
COUNTER_PACKETS, COUNTER_BYTES = 1, 2
TIMESTAMP_START = 1
SEQ_POSITION, SEQ_BEFORE, SEQ_AFTER = 1, 2, 3
SECCTX_NAME = 1


def attribute(kind, payload):
    size = 4 + len(payload)
    return struct.pack("=HH", size, kind) + payload + bytes(-size % 4)


def nest(kind, *attributes):
    return attribute(kind | NESTED, b"".join(attributes))


def u8(kind, value):
    return attribute(kind, struct.pack("!B", value))


def u16(kind, value):
    return attribute(kind, struct.pack("!H", value))


def u32(kind, value):
    return attribute(kind, struct.pack("!I", value))


def walk(data):
    """The attributes in these bytes, by type; ValueError if they are cut short."""
    found = {}
    at = 0
    while at + 4 <= len(data):
        size, kind = struct.unpack_from("=HH", data, at)
        if size < 4 or at + size > len(data):
            raise ValueError("an attribute of %d bytes in %d" % (size, len(data) - at))
        found[kind & TYPE_MASK] = data[at + 4:at + size]
        at += size + -size % 4
    return found


def number(data):
    """An attribute's payload as a number in network byte order; None where there is no attribute."""
    return None if data is None else int.from_bytes(data, "big")


class Conntrack:
    """The conntrack table of this network namespace, in messages."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.bind((0, 0))
        self.sequence = 0

    def send(self, kind, flags, family, payload=b""):
        self.sequence += 1
        body = FAMILY_HEADER.pack(family, 0, 0) + payload
        self.socket.send(HEADER.pack(HEADER.size + len(body), kind, flags | REQUEST, self.sequence, 0) + body)

    def answers(self):
        """(type, flags, what follows the header) of each message that answers the last request."""
        while True:
            data = self.socket.recv(1 << 17)
            while data:
                size, kind, flags, sequence, _ = HEADER.unpack_from(data)
                if sequence == self.sequence:
                    yield kind, flags, data[HEADER.size:size]
                data = data[size + -size % 4:]

    def create(self, family, attributes):
        """Asks for a new entry: 0, or the errno of the refusal."""
        self.send(NEW, CREATE | EXCL | ACK, family, attributes)
        for kind, _, body in self.answers():
            if kind == NLMSG_ERROR:
                return -struct.unpack_from("=i", body)[0]

    def dump(self):
        """The attributes of every entry as (family, bytes); RuntimeError if the list was not whole."""
        self.send(GET, ROOT_MATCH, 0)
        entries = []
        for kind, flags, body in self.answers():
            if flags & NLM_F_DUMP_INTR:
                raise RuntimeError("the table changed while it was listed")
            if kind == NLMSG_DONE:
                return entries
            if kind == NLMSG_ERROR:
                raise RuntimeError("the list was refused: errno %d" % -struct.unpack_from("=i", body)[0])
            entries.append((body[0], body[FAMILY_HEADER.size:]))
