#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists, groups and events on a pseudo-terminal: a row is a line where that is possible, states have colours,
and in a pipe, or with --wide, everything is whole.

usage: list_test.py NATSTAT"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import checks  # noqa: E402
from checks import check  # noqa: E402
from pseudo import SECONDS, PseudoTerminal  # noqa: E402

DEMO = str(HERE.parent.parent / "packaging" / "demo.pcap")
NATSTAT = str(pathlib.Path(sys.argv[1]).resolve())
LONG = ("[NEW] tcp      6 120 SYN_SENT src=2001:db8:1:2222:3333:4444:6789:5625 dst=2001:db8:2:2222:3333:4444:5555:eeee "
        "sport=51258 dport=443 [UNREPLIED] src=2001:db8:2:2222:3333:4444:5555:eeee "
        "dst=2001:db8:3:2222:3333:4444:7777:aaaa sport=443 dport=51258\n")
COLORS = re.compile(r"\x1b\[[0-9;]*m")


def shown(*words, columns=80, **env):
    """The lines on a terminal of so many columns."""
    terminal = PseudoTerminal(NATSTAT, *words, size=(24, columns), env=env)
    check(terminal.ends() and terminal.status == 0, f"{words} ends", repr(terminal.output[-200:]))
    terminal.close()
    lines = terminal.output.decode().replace("\r\n", "\n").splitlines()
    return [line for line in lines if not line.startswith("natstat: ")]  # what it says, beside the table


def piped(*words):
    done = subprocess.run([NATSTAT, *words], capture_output=True, timeout=SECONDS, check=False, text=True,
                          env={"LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm-256color"})
    return done.stdout.splitlines()


def plain(lines):
    return [COLORS.sub("", line) for line in lines]


def longest(lines):
    return max(len(line) for line in plain(lines))


def test_recording():
    for words, least in ((("-nNa",), 80), (("-na", "--sort", "none"), 80), (("-b", "source,state", "-n"), 80),
                         (("-E", "-N"), 120), (("-nP",), 80)):
        whole = piped("-f", DEMO, *words)
        for columns in (60, 80, 100, 120):
            lines = shown("-f", DEMO, *words, columns=columns)
            table = lines[:lines.index("")] if "" in lines else lines  # behind that there are sentences
            if columns >= least:
                check(longest(table) <= columns, f"{words} at {columns}: a row is a line", max(plain(table), key=len))
            check(longest(table) <= columns or plain(lines) == whole, f"{words} at {columns}: or all is whole", lines[:3])
            check(len(lines) == len(whole), f"{words} at {columns}: every row is there", len(lines))
        check(plain(shown("-f", DEMO, *words, "--wide")) == whole, f"{words} --wide: as in a pipe")
        check(plain(shown("-f", DEMO, *words, columns=500)) == whole, f"{words}: with room as in a pipe")
        check(plain(shown("-f", DEMO, *words, columns=0)) == whole, f"{words}: of unknown width as in a pipe")


def test_longest(path):
    """Three IPv6 endpoints in a row."""
    words = ("-f", path, "-E", "-N", "-C", "source,gateway,destination,transition")
    whole = piped(*words)
    check(longest(whole) > 120, "the flow is long", whole)
    lines = shown(*words)
    check(longest(lines) <= 80 and "2001:…:5625:51258" in lines[1], "shortened in the middle", lines)
    check("2001:~:5625:51258" in shown(*words, LC_ALL="C")[1], "in ASCII where the locale has no more")
    check(plain(shown(*words, columns=40)) == whole, "whole where two lines are needed anyway")


def test_colors():
    words = ("-f", DEMO, "-na", "--sort", "none")
    colored = shown(*words)
    check(any("\x1b[2mTIME_WAIT" in line for line in colored), "closing flows stand back", colored[:5])
    check(plain(colored) == shown(*words, NO_COLOR="1") == shown(*words, "--color", "never"), "NO_COLOR, --color never")
    check(plain(piped(*words, "--color", "always")) == piped(*words) != piped(*words, "--color", "always"),
          "--color always, in a pipe too")


def main():
    test_recording()
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as log:
        log.write(LONG)
        log.flush()
        test_longest(log.name)
    test_colors()
    print(checks.closing_line())
    sys.exit(checks.failed != 0)


main()
