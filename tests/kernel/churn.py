#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes flows with ever new tuples, from port 7777 to 127.0.0.0/8, and deletes the oldest of them,
as fast as it can, until it is killed.

    churn.py NUMBER        so many are there at a time

New flows come to the front of a hash chain. So a list of the table often has to go on from a flow
that is gone, with newer ones before it that were told already. It needs a rule for connection
tracking and one that drops what arrives."""

import collections
import itertools
import socket
import struct
import sys

BATCH = 200
NETLINK_NETFILTER = 12
DELETE, REQUEST = 0x102, 1  # answered only if it fails


def delete_request(address, port):
    """IPCTNL_MSG_CT_DELETE of one UDP flow by its original tuple."""
    head = struct.pack("=IHHIIBBH", 72, DELETE, REQUEST, 1, 0, socket.AF_INET, 0, 0)
    ends = struct.pack("=HH4sHH4s", 8, 1, socket.inet_aton("127.0.0.1"), 8, 2, address)
    ports = struct.pack("=HHBxxx", 5, 1, socket.IPPROTO_UDP)
    for kind, number in ((2, 7777), (3, port)):
        ports += struct.pack("=HH", 6, kind) + struct.pack("!Hxx", number)
    return head + struct.pack("=HHHH", 52, 0x8001, 20, 0x8001) + ends + struct.pack(
        "=HH", 28, 0x8002) + ports


def main():
    wanted = int(sys.argv[1])
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind(("127.0.0.1", 7777))
    kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    flows = collections.deque()
    for number in itertools.count():
        address = struct.pack("!I", 0x7F000001 | number >> 14 << 8 & 0xFFFFFF)
        port = 1024 + (number & 16383)
        sender.sendto(b"", (socket.inet_ntoa(address), port))
        flows.append((address, port))
        if len(flows) >= wanted + BATCH:
            kernel.send(b"".join(delete_request(*flows.popleft()) for _ in range(BATCH)))


if __name__ == "__main__":
    main()
