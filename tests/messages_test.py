#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a terminal would act on does not come out of natstat's messages: every option that takes an argument
gets one with escape sequences, as do names of options, files and namespaces, and the filter.

usage: messages_test.py NATSTAT"""

import pathlib
import re
import subprocess
import sys

import checks
from checks import check

NATSTAT = str(pathlib.Path(sys.argv[1]).resolve())
DEMO = str(pathlib.Path(__file__).resolve().parent.parent / "packaging" / "demo.pcap")
# Red, the title of the window, C1 as a byte and as UTF-8, DEL, a carriage return, bytes that are no UTF-8, text
# that runs the other way, and a character that is not seen.
NASTY = b"x\x1b[31m\x1b]0;t\x07\x9b2J\xc2\x9b2J\x7f\r\xff\xfe y" + "\u202e\u2066\u200b".encode()
DIRECTORIES = (b"/nonexistent/", b"/proc/self/", b"")


def options():
    """The options that take an argument, as --help has them."""
    text = subprocess.run([NATSTAT, "--help"], capture_output=True, check=True, text=True).stdout
    return re.findall(r"^ +(?:-\S+, +)?(--[a-z-]+) [A-Z]", text, re.MULTILINE)


def is_clean(text):
    """UTF-8 without a character but line feeds that controls or turns something."""
    try:
        shown = text.decode()
    except UnicodeDecodeError:
        return False
    return not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f]", shown)


def look(what, *arguments):
    done = subprocess.run([NATSTAT, *arguments], capture_output=True, stdin=subprocess.DEVNULL, timeout=600,
                          check=False)
    check(done.returncode in (1, 2), f"{what}: is refused", done.returncode, done.stderr)
    check(is_clean(done.stderr), f"{what}: the message is clean", done.stderr)
    return done.stderr


def main():
    found = options()
    check(len(found) > 15 and {"--read", "--netns", "--columns", "--at"} <= set(found), "the options are found", found)
    for option in found:
        for before in DIRECTORIES:
            if before or option != "--write":  # which would have been asked for
                look(f"{option} {before}", option, before + NASTY)
        look(f"{option}=", option.encode() + b"=/nonexistent/" + NASTY)
        look(f"{option}, shortened", option[:4].encode() + NASTY)
    for place, words in {"a filter": (NASTY,), "a value": (b"source=" + NASTY,), "an option": (b"--" + NASTY,),
                         "a letter": (b"-\x1b",), "a bundle": (b"-n\x9b",)}.items():
        look(place, "-f", DEMO, *words)
    check("münchen".encode() in look("a name in UTF-8", "-f", "/nonexistent/münchen"), "letters stay as they are")
    print(checks.closing_line())
    return 1 if checks.failed else 0


sys.exit(main())
