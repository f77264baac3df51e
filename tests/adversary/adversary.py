#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""natstat against random entries of every kind, which are put into the kernel's table, in a network namespace of
its own, and read back by this test itself. Every way of answering, every file that can be read back and random
filters have to agree with that reading.

    adversary.py NATSTAT [--seed N] [--entries N] [--filters N]

Needs root. The same seed makes the same entries and, of the same table, the same questions. What the entries
are is in entries.py, how they are read and what natstat has to say of them in table.py, filters.py makes the
questions, answers.py compares."""

import argparse
import ipaddress
import os
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import answers
import checks
import netlink as nl
from entries import TIMEOUT_OFFSET, TIMEOUT_STEP, Entries, own_addresses
from table import Flow, read_table

SETTINGS = pathlib.Path("/proc/sys/net/netfilter")

# Rules that make the kernel track what the loopback interface carries, and keep labels.
RULES = """
table inet adversary {
    chain in { type filter hook input priority 0; ct state new counter; }
    chain out { type filter hook output priority 0; ct state new counter; }
    chain kept { ct label set 1; }
}
"""


def set_up():
    """Makes the namespace that this process is in a small host; gives its addresses."""
    for address in own_addresses():
        subprocess.run(["ip", "address", "add", address, "dev", "lo"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["nft", "-f", "-"], input=RULES, text=True, check=True)
    for name in ("udp_timeout", "udp_timeout_stream", "tcp_timeout_time_wait"):
        (SETTINGS / ("nf_conntrack_" + name)).write_text(str(5 * TIMEOUT_STEP + TIMEOUT_OFFSET))
    own = (ipaddress.ip_interface(address).ip for address in own_addresses())
    return {*own, *map(ipaddress.ip_address, ("127.0.0.1", "::1"))}


def switch(name, on):
    (SETTINGS / ("nf_conntrack_" + name)).write_text("01"[on])


def fill(conntrack, chance, count):
    """Puts so many random entries into the table, but for those that the kernel refuses."""
    entries = Entries(chance)
    refused = {}
    for number in range(count):
        if number % 50 == 0:  # a flow has a counter or a time stamp if that was on when it began
            switch("acct", chance.random() < 0.7)
            switch("timestamp", chance.random() < 0.7)
        error = conntrack.create(*entries.request())
        if error:
            refused[error] = refused.get(error, 0) + 1
    return refused


def send_some(chance, count):
    """Real packets between the host's own addresses: flows with counters. Gives the sockets, which stay open."""
    kept = []
    for _ in range(count):
        family = chance.choice((socket.AF_INET, socket.AF_INET6))
        own = [address.split("/")[0] for address in own_addresses()
               if (":" in address) == (family == socket.AF_INET6)]
        ends = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(2)]
        for end in ends:
            end.bind((chance.choice(own), 0))
            end.settimeout(10)
        for turn in range(chance.choice((1, 2, 3))):
            sender, receiver = ends[turn % 2], ends[1 - turn % 2]
            for _ in range(chance.randrange(1, 5)):
                sender.sendto(bytes(chance.randrange(1000)), receiver.getsockname())
                receiver.recv(2000)
        kept += ends
    return kept


def run(arguments):
    chance = random.Random(arguments.seed)
    local = set_up()
    conntrack = nl.Conntrack()
    began = time.time()
    refused = fill(conntrack, chance, arguments.entries)
    kept = send_some(chance, arguments.entries // 20)
    # The kernel has them in another order each time.
    flows = sorted(read_table(conntrack, local), key=Flow.text)
    print("seed %d: %d entries, of %d more the kernel refused %s" %
          (arguments.seed, len(flows), arguments.entries, refused or "none"))
    checks.check(len(flows) > arguments.entries / 2, "the kernel takes most entries")
    with tempfile.TemporaryDirectory() as folder:
        asked = answers.Answers(arguments.natstat, conntrack, local, flows, began, chance, pathlib.Path(folder))
        asked.check_all(arguments.filters)
    for each in kept:
        each.close()
    print(checks.closing_line())
    return 1 if checks.failed else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("natstat", type=os.path.realpath)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--entries", type=int, default=600)
    parser.add_argument("--filters", type=int, default=2000)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("adversary: skipped, it needs root\n0 passed, 0 failed, 1 skipped")
        return 77
    if not arguments.inside:
        os.execvp("unshare", ["unshare", "--net", sys.executable, "-B", __file__, "--inside", *sys.argv[1:]])
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
