#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Flows of UDP from 192.0.2.1 to 203.0.113.1:8443, each from a port of its own, in the namespace that this runs in.

usage: hold_ports.py NUMBER   sends a datagram of each; a NAT that has no port left refuses it. Prints "held N" when
                              it has sent them, with how many were taken, and keeps the sockets until it is ended"""

import signal
import socket
import sys


def main():
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(int(sys.argv[1]))]
    held = 0
    for number, one in enumerate(sockets):
        one.bind(("192.0.2.1", 50000 + number))
        try:
            one.sendto(b"x", ("203.0.113.1", 8443))
            held += 1
        except PermissionError:  # it was dropped on its way out
            pass
    print("held", held, flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
