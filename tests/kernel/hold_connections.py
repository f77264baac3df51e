#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""TCP to 203.0.113.1 in the namespace that this runs in: a connection each to the ports 8082 and 8083, which stay
open, and two attempts to port 81, where nobody answers. The kernel gives the one to port 8082 a second.

usage: hold_connections.py   prints "held" when all that is so, and keeps the two until it is ended"""

import pathlib
import signal
import socket

SERVER = "203.0.113.1"
TIMEOUT = pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established")


def main():
    kept = []
    for port, seconds in ((8082, "1"), (8083, "432000")):
        TIMEOUT.write_text(seconds)
        listener = socket.create_server((SERVER, port))
        client = socket.create_connection((SERVER, port))
        kept += [listener, client, listener.accept()[0]]
    for _ in range(2):
        with socket.socket() as attempt:
            attempt.setblocking(False)
            attempt.connect_ex((SERVER, 81))  # its first packet is sent, and no other one
    print("held", flush=True)
    signal.pause()


if __name__ == "__main__":
    main()
