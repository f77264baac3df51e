#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections whose number is known, on the loopback of the namespace that this runs in.

usage: known_traffic.py TCP UDP [BYTES]   so many connections to 203.0.113.1, one after the other, each TCP one with
                                          BYTES each way, each UDP one a datagram and no answer"""

import socket
import sys

SERVER = "203.0.113.1"


def main():
    tcp, udp, size = int(sys.argv[1]), int(sys.argv[2]), int((sys.argv + ["100"])[3])
    listener = socket.create_server((SERVER, 8080), backlog=100)
    for _ in range(tcp):
        with socket.create_connection((SERVER, 8080)) as client, listener.accept()[0] as server:
            for one, other in ((client, server), (server, client)):
                one.sendall(b"x" * size)
                other.recv(size, socket.MSG_WAITALL)
    for number in range(udp):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x" * 10, (SERVER, 20000 + number))


if __name__ == "__main__":
    main()
