#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The live view while 50,000 new flows a second come for ten seconds: a key is answered all the
time, and what the view shows afterwards is the kernel's table. Runs in the network namespace whose
table that is.

usage: view_storm.py NATSTAT NATSTAT-FILL

Prints failures, how soon keys were answered, and `counted PASSED FAILED`."""

import csv
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "terminal")]
import checks  # noqa: E402
from checks import check  # noqa: E402
from pseudo import PseudoTerminal  # noqa: E402

NATSTAT, FILL = sys.argv[1:3]
PIECE, PIECES, A_SECOND = 25_000, 20, 50_000
KEPT = 4  # pieces, before the table is emptied: it has a limit


def storm(log):
    """Pieces of flows, each when it is due. In the end the last KEPT of them are there."""
    began = time.monotonic()
    for piece in range(PIECES):
        time.sleep(max(0.0, began + piece * PIECE / A_SECOND - time.monotonic()))
        if piece % KEPT == 0:
            subprocess.run(["conntrack", "-F"], stderr=subprocess.DEVNULL, check=False, timeout=600)
        done = subprocess.run([FILL, "--first", str(piece * PIECE), str(PIECE)],
                              capture_output=True, text=True, check=False, timeout=600)
        log.append(done.stdout + done.stderr if done.returncode else "")
    log.append(PIECES * PIECE / (time.monotonic() - began))


def table():
    flows = Counter()
    for family in ("ipv4", "ipv6"):
        text = subprocess.run(["conntrack", "-L", "-f", family], capture_output=True, text=True,
                              check=True, timeout=600).stdout
        for line in text.splitlines():
            ports = re.search(r"sport=(\d+)", line)
            flows[line.split()[0], re.search(r"src=(\S+)", line)[1],
                  ports[1] if ports else None] += 1
    return flows


def shown(view, folder):
    """What the view writes of itself."""
    path = os.path.join(folder, "flows.csv")
    if os.path.exists(path):
        os.unlink(path)
    view.press(b"w" + path.encode() + b"\r")
    view.until(lambda: os.path.exists(path))
    # A process of its own writes it.
    view.until(lambda: subprocess.run(["pgrep", "-P", str(view.pid)], check=False,
                                      stdout=subprocess.DEVNULL).returncode != 0)
    with open(path, encoding="ascii") as file:
        return Counter((row["proto"], row["src"], row["sport"] if has_ports(row) else None)
                       for row in csv.DictReader(file))


def has_ports(row):
    return row["proto"] not in ("icmp", "icmpv6", "gre") and row["sport"] != ""


def main():
    log, waits = [], []
    view = PseudoTerminal(NATSTAT, "-t", "-a", size=(40, 140))
    check(view.shows(b"BYTES"), "the view is there", repr(view.output[-300:]))
    thread = threading.Thread(target=storm, args=(log,))
    thread.start()
    while thread.is_alive():
        view.press(b"?")
        began = time.monotonic()
        answered = view.until(lambda: b"this help" in view.output, 5)
        if answered:
            waits.append(time.monotonic() - began)
        else:  # closed and opened within one drawing it makes no difference on the screen
            view.press(b"\x0c")
            answered = view.shows(b"this help")
        check(answered, "a key is answered in the storm")
        view.press(b"\x1b")
        view.until(lambda: False, 0.1)
    check(not any(log[:-1]), "the flows could be made", *filter(None, log[:-1]))
    with tempfile.TemporaryDirectory() as folder:
        end = time.monotonic() + 60
        while True:
            kernel, seen = table(), shown(view, folder)
            if kernel == seen or time.monotonic() > end:
                break
    check(kernel.total() >= KEPT * PIECE, "the table is full of flows", kernel.total())
    check(kernel == seen, "afterwards the view shows the kernel's table",
          f"kernel {kernel.total()}, view {seen.total()}",
          *list((kernel - seen).items())[:3], *list((seen - kernel).items())[:3])
    view.press(b"q")
    check(view.ends() and view.status == 0, "and it ends as ever", view.status)
    view.close()
    waits.sort()
    print(f"     {log[-1]:,.0f} flows a second; {len(waits)} keys answered after "
          f"{1000 * waits[len(waits) // 2]:.0f} ms (median), {1000 * waits[-1]:.0f} ms (longest)")
    print(f"counted {checks.passed} {checks.failed}")


main()
