#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which room may include what. The linker keeps most doors shut; this test keeps the others, such as a
header that is included without anything of it being linked, and the libraries that only one room may
name. Prints every include that breaks a rule and a closing line of counts."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Room: the rooms it may include.
ROOMS = {
    "model": {"model"},
    "intake": {"intake", "model"},
    "table": {"table", "model"},
    "names": {"names", "model"},
    "print": {"print", "table", "model"},
    "live": {"live", "table", "model"},
    "program": {"program", "model", "intake", "table", "names", "print", "live"},
}

# A library's headers: the only rooms that name them.
LIBRARIES = {
    r"libmnl/": {"intake"},
    r"libnetfilter_conntrack/": {"intake"},
    r"linux/": {"intake"},
    r"pcap": {"intake"},
    r"ares": {"names"},
    r"rapidjson/": {"intake", "print"},
    r"(ncurses|curses)": {"live"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def room_of(path):
    """The room of a file: its folder under src or include/natstat; src itself is the program."""
    parts = path.relative_to(ROOT).parts
    below = parts[2:] if parts[0] == "include" else parts[1:]
    return below[0] if len(below) > 1 else "program"


def wrongs(path):
    room = room_of(path)
    if room not in ROOMS:
        yield f"{path.relative_to(ROOT)}: room '{room}' is not in tests/doors.py"
        return
    for bracket, name in INCLUDE.findall(path.read_text()):
        if name.startswith("natstat/"):
            other = name.split("/")[1]
            if other not in ROOMS[room]:
                yield f"{path.relative_to(ROOT)}: room '{room}' may not include {name}"
        if bracket == "<":
            for pattern, owners in LIBRARIES.items():
                if re.match(pattern, name) and room not in owners:
                    yield f"{path.relative_to(ROOT)}: only {sorted(owners)} may include <{name}>"


def main():
    files = sorted([*ROOT.glob("src/**/*.[ch]pp"), *ROOT.glob("include/**/*.hpp")])
    bad_files = 0
    for path in files:
        found = list(wrongs(path))
        bad_files += bool(found)
        for text in found:
            print(text)
    print(f"{len(files) - bad_files} passed, {bad_files} failed, 0 skipped")
    return 1 if bad_files or not files else 0


if __name__ == "__main__":
    sys.exit(main())
