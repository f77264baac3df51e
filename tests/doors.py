#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Which room may include what. The linker keeps most doors shut; this test keeps the others, such as a
header that is included without anything of it being linked, and the libraries that only one room may
name; that nothing is kept by a hash without a key; and that no two types have one name. Prints every include that
breaks a rule, every door that nothing uses, and a closing line of counts.

    tests/doors.py           checks
    tests/doors.py --graph   prints the rooms and the includes between them for dot(1)"""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# Room: the rooms it may include, itself apart. They are in order: what a room may include stands above it,
# so that there is no way back up.
ROOMS = {
    "model": [],
    "load": ["model"],
    "intake": ["model", "load"],
    "table": ["model"],
    "filter": ["model", "table"],
    "who": ["model", "load", "intake", "table"],
    "diagnose": ["model", "table"],
    "names": ["model"],
    "print": ["model", "table", "diagnose"],
    "ipfix": ["model", "table"],
    "log": ["model", "load"],
    "live": ["model", "table", "filter", "diagnose"],
    "guard": ["model"],
    "ask": ["model", "intake", "table", "filter", "print", "ipfix"],
    "gather": ["model", "intake", "table", "filter", "log", "diagnose", "guard", "ask"],
    "answer": ["model", "intake", "table", "who", "names", "diagnose", "print", "ipfix", "log", "live", "guard", "ask", "gather"],
    "main": ["model", "ask", "gather", "answer"],
}

# A library's headers: the only rooms that name them.
LIBRARIES = {
    r"dlfcn": {"load"},
    r"libmnl/": {"intake"},
    r"libnetfilter_conntrack/": {"intake"},
    r"linux/": {"intake", "guard"},
    r"pcap": {"intake"},
    r"expat": {"intake"},
    r"archive": {"intake"},
    r"ares": {"names"},
    r"seccomp": {"guard"},
    r"maxminddb": {"who"},
    r"sqlite3": {"log"},
    r"rapidjson/": {"intake", "who", "print"},
    r"(ncurses|curses)": {"live"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def room_of(path):
    """The room of a file: its folder under src or include/natstat; src itself is main's."""
    parts = path.relative_to(ROOT).parts
    below = parts[2:] if parts[0] == "include" else parts[1:]
    return below[0] if len(below) > 1 else "main"


def includes(path):
    """(bracket, name) of each include."""
    return INCLUDE.findall(path.read_text())


def other_room(name):
    """The room that an included header is of, or None for a header of the same room or a library."""
    return name.split("/")[1] if name.startswith("natstat/") else None


def wrongs(path):
    room = room_of(path)
    if room not in ROOMS:
        yield f"{path.relative_to(ROOT)}: room '{room}' is not in tests/doors.py"
        return
    for bracket, name in includes(path):
        other = other_room(name)
        if other is not None and other != room and other not in ROOMS[room]:
            yield f"{path.relative_to(ROOT)}: room '{room}' may not include {name}"
        if bracket == '"' and other is None and "/" in name:
            yield f"{path.relative_to(ROOT)}: {name} is inside another room"
        if bracket == "<":
            for pattern, owners in LIBRARIES.items():
                if re.match(pattern, name) and room not in owners:
                    yield f"{path.relative_to(ROOT)}: only {sorted(owners)} may include <{name}>"


# A standard table whose hash is none of our own; theirs have no key.
UNKEYED = re.compile(r"std::hash\b|std::unordered_(?:multi)?(?:set|map)<(?![^;]*Hash>)")


def unkeyed(path):
    """Tables by a hash that somebody who sends packets could calculate (natstat/model/siphash.hpp)."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if UNKEYED.search(line):
            yield f"{path.relative_to(ROOT)}:{number}: kept by a hash without a key"


def upward():
    """Doors that lead to a room that stands below, which would make a circle possible."""
    order = list(ROOMS)
    for room, others in ROOMS.items():
        for other in others:
            if order.index(other) >= order.index(room):
                yield f"tests/doors.py: '{room}' stands above '{other}' and may not include it"


def unused(files):
    """Doors through which nothing goes."""
    used = {(room_of(path), other_room(name)) for path in files for _, name in includes(path)}
    for room, others in ROOMS.items():
        for other in others:
            if (room, other) not in used:
                yield f"tests/doors.py: '{room}' includes nothing of '{other}': the door can be shut"


SCOPE = re.compile(r"^namespace( natstat[\w:]*)? \{$|^\} // namespace( natstat[\w:]*)?$|^(?:struct|class) (\w+(?:::\w+)*)\b[^;]*\{")


def types(path):
    """What a file defines for the linker to see, with its namespace: not in an unnamed one, and not within a type."""
    scopes = []
    for line in path.read_text().splitlines():
        if found := SCOPE.match(line):
            if found.group(3) is None:
                scopes.pop() if line.startswith("}") else scopes.append(found.group(1))
            elif None not in scopes:
                yield scopes[-1].strip() + "::" + found.group(3)


def defined_twice(files):
    """Types of one name: each file is right by itself, and the linker takes the functions of one of them for both."""
    places = collections.defaultdict(list)
    for path in files:
        for name in types(path):
            places[name].append(str(path.relative_to(ROOT)))
    for name, all_places in places.items():
        if len(all_places) > 1:
            yield f"{name} is defined twice: {', '.join(all_places)}"


def graph(files):
    """The rooms and the includes between them, for dot(1); a number is how many files include."""
    arrows = collections.Counter()
    for path in files:
        for other in {other_room(name) for _, name in includes(path)}:
            if other is not None and other != room_of(path):
                arrows[room_of(path), other] += 1
    sizes = collections.Counter(room_of(path) for path in files)
    yield "digraph natstat {"
    yield "    rankdir = TB; node [shape = box];"
    for room, size in sizes.items():
        yield f'    {room} [label = "{room}\\n{size} files"];'
    for (room, other), count in sorted(arrows.items()):
        yield f"    {room} -> {other} [label = {count}];"
    yield "}"


def main():
    sources = [*ROOT.glob("src/**/*.[ch]pp"), *ROOT.glob("include/**/*.hpp")]
    files = sorted(path for path in sources if path.parent.name != "pch")  # those are nobody's
    if sys.argv[1:] == ["--graph"]:
        print("\n".join(graph(files)))
        return 0
    bad_files = 0
    for path in files:
        found = [*wrongs(path), *unkeyed(path)]
        bad_files += bool(found)
        for text in found:
            print(text)
    doors = [*upward(), *unused(files), *defined_twice(files)]
    for text in doors:
        print(text)
    failed = bad_files + len(doors)
    print(f"{len(files) - bad_files} passed, {failed} failed, 0 skipped")
    return 1 if failed or not files else 0


if __name__ == "__main__":
    sys.exit(main())
