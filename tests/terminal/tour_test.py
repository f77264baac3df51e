#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A tour of the live view in a real terminal: every key of the help, at four sizes, on the
recording of the lab after its end, when nothing moves any more. What each key comes to is in
tests/frames/tour-SIZE.txt; with --write it is written anew, to be looked at. The lines about the
moment (the head, the plots) are left out.

usage: tour_test.py NATSTAT [--write]"""

import difflib
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import checks  # noqa: E402
from checks import check  # noqa: E402
from screen import Screen  # noqa: E402

NATSTAT = str(pathlib.Path(sys.argv[1]).resolve())
WRITE = "--write" in sys.argv
DEMO = str(HERE.parent.parent / "packaging" / "demo.pcap")
FRAMES = HERE.parent / "frames"
SIZES = ((50, 200), (40, 120), (24, 80), (10, 40))
ROOMY = 30  # rows from which on there is a second line about the moment

# What is pressed one after the other, by tmux's names. The first key of each step names what the
# key table's row has it for.
STEPS = (
    ("?",), ("PageDown",), ("Escape",), ("F1",), ("F1",),
    ("2",), ("Down",), ("Enter",), ("Escape",), ("3",), ("Enter",), ("Escape",),
    ("4",), ("k",), ("C-u",), ("C-d",), ("Home",), ("f",), ("e",), ("e",), ("e",), ("5",), ("Tab",), ("Tab",),
    ("6",), ("j",), ("Enter",), ("Escape",), ("d",), ("e",), ("Enter",), ("Escape",), ("1",),
    ("j",), ("k",), ("PageDown",), ("PageUp",), ("G",), ("g",), ("End",),
    ("f",), ("f",), ("Right", "Right"), ("Left",), ("Down",), ("Enter",), ("Escape",),
    ("/", "u", "d", "p"), ("Enter",), ("/", "C-u", "s", "t", "a", "t", "e", "=", "x"), ("Escape",),
    ("/", "Escape"),
    ("s", "Down", "Enter"), ("I",), (">",), ("<",), ("F6", "Escape"), ("t",), (">",),
    ("c", "Down", "Space"), ("Escape",), ("b", "Down", "Enter"), ("Enter",), ("Escape",),
    ("b", "g", "Enter"),
    ("a",), ("a",), ("a",), ("a",), ("=",), ("Escape",), ("!",), ("Escape",), ("p",), ("p",), ("Space",), ("Escape",), ("y",), ("u",), ("u",), ("+",), ("-",), ("C",), ("C-l",), ("x",),
)


def below_head(text, size):
    lines = text.rstrip("\n").split("\n")
    lines = lines[2 if size[0] >= ROOMY else 1:]
    return "\n".join(line.rstrip() for line in lines).rstrip("\n") + "\n"


def translated():
    """How many flows are shown after the end, by the list."""
    return len(subprocess.run([NATSTAT, "-no", "-f", DEMO], capture_output=True, check=True)
               .stdout.splitlines())


def tour(size):
    screen = Screen([NATSTAT, "-t", "-f", DEMO, "--speed", "1000"], size)
    try:
        check(screen.shows(" END "), f"{size}: the recording is played")
        # A row of what has ended stays for a while, if it was on the screen at all.
        check(screen.shows(f" {translated()} of "), f"{size}: what has ended goes")
        result = "== at first\n" + below_head(screen.settled(), size)
        for keys in STEPS:
            screen.press(*keys)
            result += f"== {' '.join(keys)}\n" + below_head(screen.settled(), size)
        screen.press("q")
        check(screen.status() == 0, f"{size}: q ends it with 0", screen.text())
        return result
    finally:
        screen.close()


def test_tours():
    for size in SIZES:
        name = f"tour-{size[1]}x{size[0]}.txt"
        seen = tour(size)
        if WRITE:
            (FRAMES / name).write_text(seen)
        expected = (FRAMES / name).read_text()
        for before, after in zip(re.split(r"(?m)^(?=== )", expected),
                                 re.split(r"(?m)^(?=== )", seen)):
            check(before == after, f"{name}: {before.split(chr(10), 1)[0]}",
                  *difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=0))
        check(expected.count("\n== ") == seen.count("\n== "), f"{name}: every step")


def test_all_keys_are_pressed():
    """The help is made of the key table; a key that the tour does not press is found here."""
    screen = Screen([NATSTAT, "-t", "-f", DEMO], (70, 100))
    try:
        screen.press("?")
        check(screen.shows("this help"), "the help is shown")
        help_text = screen.settled().split("Colours")[0].rpartition("\n")[0]
    finally:
        screen.close()
    shown = [line.split("│")[1][:10].split() for line in help_text.split("\n")
             if line.count("│") == 2 and "Keys" not in line and line.split("│")[1].strip()]
    names = {"Up": "Up", "Down": "Down", "PgUp": "PageUp", "PgDn": "PageDown", "Esc": "Escape"}
    pressed = {key for keys in STEPS for key in keys} | {"q"}
    elsewhere = {"n", "w", "click", "wheel", "^Z", "S", "[", "]", "{", "}", "0"}  # below, and in top_test.py
    for words in shown:
        keys = {names.get(word, re.sub(r"^\^(.)$", lambda m: "C-" + m[1].lower(), word))
                for word in words}
        check(keys & pressed or set(words) & elsewhere, f"key {words} is pressed")
    check(len(shown) > 30, "the help was read", help_text)


def test_write():
    with tempfile.TemporaryDirectory() as folder:
        screen = Screen([NATSTAT, "-t", "-f", DEMO, "--speed", "1000", "tcp"], (24, 100))
        try:
            screen.shows(" END ")
            for name, key in (("flows.csv", "1"), ("hosts.json", "2"), ("ports.txt", "3"),
                              ("events.jsonl", "4")):
                screen.press(key, "w")
                screen.type(f"{folder}/{name}")
                screen.press("Enter")
                check(screen.shows("written to"), f"{name}: it says that it is written",
                      screen.text())
            screen.press("1", "w")
            screen.type(f"{folder}/flows.csv")
            screen.press("Enter")
            check(screen.shows("File exists"), "a file that is there is not written over")
            screen.press("C-u")  # the name is there to be changed
            screen.type("/dev/full")
            screen.press("Enter")
            check(screen.shows("cannot write /dev/full"), "no room is told", screen.text())
            screen.press("q")
        finally:
            screen.close()
        sizes = {path.name: path.read_text().count("\n")
                 for path in pathlib.Path(folder).iterdir()}
        # With NAT (the default), TCP, alive at the end; events.jsonl is of all of that.
        check(sizes == {"flows.csv": 1 + 43, "hosts.json": 2 + 8, "ports.txt": 1 + 27,
                        "events.jsonl": 75},
              "the files have what was shown", sizes)


def test_names():
    screen = Screen([NATSTAT, "-t", "-f", DEMO, "--speed", "1000", "tcp"], (24, 120))
    try:
        screen.shows(" END ")
        screen.press("n")
        check(screen.shows(":http"), "n shows the names of ports", screen.text())
        screen.press("n")
        check(screen.until(lambda text: ":http" not in text), "and numbers again")
    finally:
        screen.close()


test_tours()
test_all_keys_are_pressed()
test_write()
test_names()
print(checks.closing_line())
sys.exit(checks.failed != 0)
