#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a unit's filter lets through what natstat called.

usage: unit_calls.py CALLS SETS UNIT    CALLS: of strace -f -o, SETS: of systemd-analyze syscall-filter"""

import re
import sys


def read_sets(text):
    found, name = {}, None
    for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines():
        if line.startswith("@"):
            name = line.strip()
            found[name] = set()
        elif name and line.startswith("    ") and not line.strip().startswith("#"):
            found[name].add(line.strip())
    return found


def all_of(word, sets):
    return set().union(*(all_of(each, sets) for each in sets[word])) if word.startswith("@") else {word}


def main():
    calls, sets, unit = (open(name, encoding="utf-8", errors="replace").read() for name in sys.argv[1:])
    called = set(re.findall(r"^\d+ +(\w+)\(", calls, re.M))
    sets = read_sets(sets)
    allowed = set()
    for words in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        names = set().union(*(all_of(word, sets) for word in words.lstrip("~").split()))
        allowed = allowed - names if words.startswith("~") else allowed | names
    allowed |= all_of("@default", sets)
    assert len(called) > 10 and len(allowed) > 100, (len(called), len(allowed))
    wrong = called - allowed
    if wrong:
        print("not let through:", sorted(wrong))
    return bool(wrong)


sys.exit(main())
