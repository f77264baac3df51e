#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A steady flow of known speed through a NAT box: whatever the live view shows of its rate, in the row,
in the group of its host and above, is within 10 % of that. Run inside of the box.

usage: steady_rate.py NATSTAT CLIENT_NAMESPACE SOURCE DESTINATION PORT"""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "terminal")]
import checks  # noqa: E402
from checks import check  # noqa: E402
from screen import Screen  # noqa: E402

NATSTAT, CLIENT, SOURCE, DESTINATION, PORT = sys.argv[1:]
PAYLOAD, EACH = 1000, 0.005  # bytes, and seconds between two datagrams
HEADERS = 48 if ":" in SOURCE else 28
TRUTH = 8 * (PAYLOAD + HEADERS) / EACH  # bits a second
SAMPLES = 12

# By the clock, so that a late datagram makes none late after it; bounded.
SENDER = f"""
import socket, time
s = socket.socket(socket.AF_INET6 if ":" in {SOURCE!r} else socket.AF_INET, socket.SOCK_DGRAM)
s.bind(({SOURCE!r}, {PORT}))
began = time.monotonic()
for i in range(24000):
    time.sleep(max(0, began + i * {EACH} - time.monotonic()))
    try:
        s.sendto(bytes({PAYLOAD}), ({DESTINATION!r}, 9))
    except ConnectionRefusedError:
        pass
"""


def number(text):
    found = re.fullmatch(r"([0-9.]+)([kMG]?)", text)
    return float(found[1]) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[found[2]] if found else None


def row_rate(text, word):
    """The cell below the title of the upward rate, in the row that has the word."""
    lines = text.split("\n")
    titles = next((line for line in lines if "↑b/s" in line), "")
    end = titles.find("↑b/s") + len("↑b/s▼")
    row = next((line for line in lines if word in line and line is not titles), "")
    cell = row[:end].split()
    return number(cell[-1]) if cell else None


def head_rate(text):
    found = re.search(r"↑≥?([0-9.]+[kMG]?)b/s", text.split("\n")[0])
    return number(found[1]) if found else None


def near(value):
    return value is not None and abs(value - TRUTH) <= TRUTH / 10


def sample(screen, read, what):
    """What the screen shows, as often as it changes, after the first window."""
    good = screen.until(lambda text: near(read(text)), 60)
    check(good is not None, f"{what}: a rate is shown", screen.text())
    seen, before = [], None
    while len(seen) < SAMPLES:
        text = screen.until(lambda text: text != before, 60)
        if text is None:
            break
        before = text
        seen.append(read(text))
    check(len(seen) == SAMPLES and all(near(value) for value in seen),
          f"{what}: within 10 % of {TRUTH:.0f} b/s", seen, screen.text())


def main():
    sender = subprocess.Popen(["nsenter", f"--net=/run/netns/{CLIENT}", sys.executable, "-c", SENDER])
    screen = Screen([NATSTAT, "-t", "-an", f"udp and port {PORT}"], (24, 120))
    try:
        sample(screen, lambda text: row_rate(text, f":{PORT}"), "row")
        sample(screen, head_rate, "header")
        screen.press("2")
        sample(screen, lambda text: row_rate(text, SOURCE[:12]), "group")
    finally:
        screen.close()
        sender.kill()
        sender.wait()
    print(checks.closing_line())
    return checks.failed != 0


sys.exit(main())
