#!/usr/bin/env python3
# SPDX-FileCopyrightText: The natstat authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The live view of an installed natstat in a real pseudo-terminal: it comes, it is in the characters of its
locale, and it goes with q. What it looks like is for tests/frames, its keys for tests/terminal.

usage: live_view.py LOCALE COMMAND..."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

SECONDS = 30


def read_until(master, condition):
    """What came until the condition held, or until the other end was closed, or until time was up."""
    output = b""
    end = time.monotonic() + SECONDS
    while not condition(output) and time.monotonic() < end:
        ready, _, _ = select.select([master], [], [], 0.2)
        if ready:
            try:
                piece = os.read(master, 65536)
            except OSError:  # the terminal has nobody left
                break
            output += piece
    return output


def is_utf8(output):
    try:
        output.decode()
    except UnicodeDecodeError:
        return False
    return True


def main():
    locale, command = sys.argv[1], sys.argv[2:]
    pid, master = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command,
                   {"TERM": "xterm-256color", "LC_ALL": locale, "PATH": os.environ["PATH"]})
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    output = read_until(master, lambda seen: b"ESTAB" in seen)
    os.write(master, b"q")
    output += read_until(master, lambda seen: False)
    _, status = os.waitpid(pid, 0)
    faults = []
    if b"ESTAB" not in output:
        faults.append("no flow was shown")
    if status != 0:
        faults.append(f"q ended it with status {status}")
    beyond_ascii = any(byte >= 0x80 for byte in output)
    if locale == "C" and beyond_ascii:
        faults.append("there are characters that the C locale does not have")
    if locale != "C" and not (beyond_ascii and is_utf8(output)):
        faults.append("the bars are not drawn in UTF-8")
    if faults:
        print("; ".join(faults), repr(output[-400:]))
    return 1 if faults else 0


sys.exit(main())
