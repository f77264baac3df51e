#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""While IPv6 flows of the longest form come and go, the titles of the live view stay where they are,
character for character, at each size, in each view of rows. Runs in the network namespace whose table
that is.

usage: steady_titles.py NATSTAT [SECONDS]     at least so long at each size; by itself a few changes"""

import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "terminal")]
import checks  # noqa: E402
from checks import check  # noqa: E402
from screen import Screen  # noqa: E402

NATSTAT, SECONDS = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
CHANGES = 4
WIDTHS = (60, 80, 100, 120, 160, 200)
GROUP = "2001:db8:1111:2222:3333:4444:{}:1"
SOURCE, SERVER, GATE = (GROUP.format(end) for end in ("aaaa", "bbbb", "cccc"))
FIRST = "2001:db8:"  # what is left of the source, however narrow


def conntrack(*words):
    done = subprocess.run(["conntrack", *words], capture_output=True, text=True, check=False)
    check(done.returncode == 0, f"conntrack {words[0]}", done.stderr)


def come(number):
    """A translated flow of IPv6, and one of IPv4 whose cells are short."""
    conntrack("-I", "-p", "tcp", "-s", SOURCE, "-d", SERVER, "--sport", str(50000 + number),
              "--dport", "44300", "-r", SERVER, "-q", GATE, "--reply-port-src", "44300",
              "--reply-port-dst", str(60000 + number), "--state", "ESTABLISHED", "-t", "431999", "-u",
              "SEEN_REPLY,ASSURED")
    conntrack("-I", "-p", "udp", "-s", "192.0.2.9", "-d", "203.0.113.9", "--sport", str(1000 + number),
              "--dport", "53", "-t", "3000", "-u", "SEEN_REPLY")


def go():
    for family, source in (("ipv6", SOURCE), ("ipv4", "192.0.2.9")):
        conntrack("-D", "-f", family, "-s", source)


def titles(text, word):
    return next((line for line in text.split("\n") if word in line), "")


def watch(screen, view, word, width):
    """What the titles were over all the changes."""
    screen.press(view)
    text = screen.until(lambda text: titles(text, word), 60) or ""
    check(text, f"{width} wide, {word}: there are titles", screen.text())
    seen, end, change = {titles(text, word)}, time.monotonic() + SECONDS, 0
    while change < CHANGES or time.monotonic() < end:
        come(change) if change % 2 == 0 else go()
        there = change % 2 == 0
        drawn = screen.until(lambda text: seen.add(titles(text, word)) or
                             (FIRST in text) == there, 60)
        check(drawn is not None, f"{width} wide, {word}: the flow {'came' if there else 'went'}",
              screen.text())
        change += 1
    check(len(seen) == 1, f"{width} wide, {word}: the titles stay", *sorted(seen))
    if change % 2 == 1:
        go()


def main():
    for width in WIDTHS:
        screen = Screen([NATSTAT, "-t", "-a", "--no-config"], (24, width))
        try:
            for view, word in (("1", "DESTINATION"), ("2", "FLOWS")):
                watch(screen, view, word, width)
        finally:
            screen.close()
    print(checks.closing_line())
    return checks.failed != 0


sys.exit(main())
